using Microsoft.Extensions.VectorData;

namespace LlmLab.Retrieval.Search;

/// <summary>
/// A passage, or a sentence of one, as vector stores hold it: its vector and what searches filter by. Its text is there for those who read the store without
/// LlmLab; the index reads passages from its own folder.
/// </summary>
public sealed class PassageRecord
{
    /// <summary>The passage's id; of a sentence, with its number.</summary>
    [VectorStoreKey] public string Id { get; set; } = "";
    /// <summary>The document that it was cut from.</summary>
    [VectorStoreData(IsIndexed = true)] public string Document { get; set; } = "";
    /// <summary>The project, or empty.</summary>
    [VectorStoreData(IsIndexed = true)] public string Project { get; set; } = "";
    /// <summary>The phase, or empty.</summary>
    [VectorStoreData(IsIndexed = true)] public string Phase { get; set; } = "";
    /// <summary>The kind of document.</summary>
    [VectorStoreData(IsIndexed = true)] public string Kind { get; set; } = "";
    /// <summary>Who may read it: <see cref="Clearance.ClassOf"/>.</summary>
    [VectorStoreData(IsIndexed = true)] public string Access { get; set; } = "";
    /// <summary>The date in ticks of UTC; the smallest number where there is none.</summary>
    [VectorStoreData(IsIndexed = true)] public long Date { get; set; }
    /// <summary>The text.</summary>
    [VectorStoreData] public string Text { get; set; } = "";
    /// <summary>The embedding.</summary>
    public ReadOnlyMemory<float> Vector { get; set; }

    /// <summary>The record of a text that was embedded of a passage.</summary>
    internal static PassageRecord Of(Passage passage, EmbeddedText text, ReadOnlyMemory<float> vector) => new()
    {
        Id = text.Id,
        Document = passage.DocumentId,
        Project = passage.Metadata.Project ?? "",
        Phase = passage.Metadata.Phase ?? "",
        Kind = passage.Metadata.Kind.ToString(),
        Access = Clearance.ClassOf(passage.Metadata),
        Date = passage.Metadata.Date?.UtcTicks ?? long.MinValue,
        Text = text.Text,
        Vector = vector,
    };

    /// <summary>Whether another record says the same, whatever its vector.</summary>
    public bool SaysTheSame(PassageRecord other) =>
        (Id, Document, Project, Phase, Kind, Access, Date, Text) == (other.Id, other.Document, other.Project, other.Phase, other.Kind, other.Access, other.Date, other.Text);

    /// <summary>The shape of a collection of records whose vectors have so many dimensions.</summary>
    /// <param name="dimensions">Numbers of a vector.</param>
    /// <param name="model">Which embedding model makes them; stores that can remember it refuse another.</param>
    public static VectorStoreCollectionDefinition Definition(int dimensions, string model) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(Id), typeof(string)),
            new VectorStoreDataProperty(nameof(Document), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Project), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Phase), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Kind), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Access), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Date), typeof(long)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(Text), typeof(string)),
            new VectorStoreVectorProperty(nameof(Vector), typeof(ReadOnlyMemory<float>), dimensions)
            {
                DistanceFunction = DistanceFunction.CosineSimilarity,
                ProviderAnnotations = new Dictionary<string, object?> { [Stores.VectorStores.EmbeddingModelAnnotation] = model },
            },
        ],
    };
}
