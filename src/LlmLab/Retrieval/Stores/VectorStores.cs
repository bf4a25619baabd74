using LlmLab.Retrieval.Stores.Postgres;
using LlmLab.Retrieval.Stores.Remote;
using LlmLab.Retrieval.Stores.Sqlite;

namespace LlmLab.Retrieval.Stores;

/// <summary>Opens a vector store by its address, so that a program names its store in its settings and nowhere else.</summary>
public static class VectorStores
{
    /// <summary>
    /// The name of an annotation of a vector property in a <c>VectorStoreCollectionDefinition</c>: which embedding model makes its vectors.
    /// Where an embedding generator is set, what it says of itself is used instead.
    /// </summary>
    public const string EmbeddingModelAnnotation = "LlmLab.EmbeddingModel";

    /// <summary>
    /// Opens a store: <c>memory:</c>, <c>sqlite:company.db</c> (or a path that ends with <c>.db</c> or <c>.sqlite</c>),
    /// <c>postgres://user:password@host:5432/database</c>, <c>qdrant:http://localhost:6333</c>,
    /// <c>weaviate:http://localhost:8080</c>, <c>pinecone:</c>, <c>mongodb+srv://user:password@host/database</c>.
    /// Keys come from the environment (QDRANT_API_KEY, WEAVIATE_API_KEY, PINECONE_API_KEY), never from the address.
    /// </summary>
    /// <exception cref="InvalidInputException">The address is of none of these forms.</exception>
    public static Store Open(string address, VectorStoreOptions? options = null)
    {
        int colon = address.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : address[..colon].ToLowerInvariant(), rest = address[(colon + 1)..];
        return scheme switch
        {
            "memory" => new InMemoryStore(options),
            "sqlite" when rest.Length > 0 => new SqliteStore(rest, options),
            "postgres" or "postgresql" => new PostgresStore(address, options),
            "qdrant" => new QdrantStore(rest, null, options),
            "weaviate" => new WeaviateStore(rest, null, options),
            "mongodb" or "mongodb+srv" => new MongoStore(address, options),
            "pinecone" => new PineconeStore(rest.Length > 0 ? rest : "https://api.pinecone.io", null, options),
            _ when address.EndsWith(".db", StringComparison.OrdinalIgnoreCase) || address.EndsWith(".sqlite", StringComparison.OrdinalIgnoreCase) => new SqliteStore(address, options),
            _ => throw new InvalidInputException($"The vector store '{(colon < 0 ? address : scheme + ":…")}' is not known: expected memory:, sqlite:PATH, postgres://user@host/database, qdrant:http://HOST:6333, weaviate:http://HOST:8080, pinecone: or mongodb+srv://user@host/database."),
        };
    }
}
