namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>The index of an embedded collection: exact while it is small, a navigable graph (HNSW, Malkov and Yashunin 2016) when it is large.</summary>
public sealed record VectorIndexOptions
{
    /// <summary>
    /// Records from which on searches use the graph. Below, one exact search takes 3 ms at most for 384 dimensions, and is never wrong.
    /// A vector property whose <c>IndexKind</c> is <c>Flat</c> is always searched exactly, one with <c>Hnsw</c> never.
    /// </summary>
    public int HnswFrom { get; init; } = 50_000;

    /// <summary>Neighbours that a vector is linked to in each layer, twice as many in the lowest (HNSW's <c>M</c>).</summary>
    public int Connections { get; init; } = 16;

    /// <summary>Candidates among which the neighbours of a new vector are chosen (HNSW's <c>efConstruction</c>).</summary>
    public int ConstructionWidth { get; init; } = 200;

    /// <summary>The recall of the ten nearest that the search width is chosen for when the graph is built, measured on a sample of the collection.</summary>
    public double Recall { get; init; } = 0.99;

    /// <summary>Decides the layers of vectors and the order in which they enter the graph.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that build; 0 for one a processor. The graph is the same for any number.</summary>
    public int Threads { get; init; }
}
