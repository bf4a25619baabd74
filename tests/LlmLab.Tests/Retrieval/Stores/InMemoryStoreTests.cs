using LlmLab.Retrieval.Stores;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class InMemoryStoreTests : StoreConformance
{
    InMemoryStore? first;

    protected override Store Open(VectorStoreOptions options) => first ??= new InMemoryStore(options);
}
