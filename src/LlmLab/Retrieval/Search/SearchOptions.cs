namespace LlmLab.Retrieval.Search;

/// <summary>What a search ranks by.</summary>
public enum SearchMode
{
    /// <summary>Words and meaning, fused by rank.</summary>
    Hybrid,
    /// <summary>Words: BM25.</summary>
    Keywords,
    /// <summary>Meaning: the nearest embeddings.</summary>
    Vectors,
}

/// <summary>How to search.</summary>
public sealed record SearchOptions
{
    /// <summary>At most so many passages.</summary>
    public int Most { get; init; } = 10;
    /// <summary>What is ranked by.</summary>
    public SearchMode Mode { get; init; }
    /// <summary>How two rankings become one; null: as the index says.</summary>
    public RankFusion? Fusion { get; init; }
    /// <summary>How many of each ranking are fused.</summary>
    public int Depth { get; init; } = 100;
    /// <summary>Which passages may be returned.</summary>
    public SearchFilter Filter { get; init; } = SearchFilter.Default;
}
