namespace LlmLab.Retrieval.Search;

/// <summary>How words are made of text and how they are weighed. An index is built with one choice and refuses another.</summary>
public sealed record KeywordOptions
{
    /// <summary>Language of stop words and stemming, by its English name in lower case; null: words as they are, in lower case.</summary>
    public string? Language { get; init; } = "english";
    /// <summary>Leave out words that say little: "the", "of".</summary>
    public bool StopWords { get; init; } = true;
    /// <summary>BM25's k1: how soon repetitions of a word stop to count; 0 means at once.</summary>
    public double K1 { get; init; } = 1.2;
    /// <summary>BM25's b: how much a passage's length counts, 0 to 1.</summary>
    public double B { get; init; } = 0.75;
    /// <summary>Search the title of the document and the headings above a passage too.</summary>
    public bool Headings { get; init; } = true;
}

/// <summary>A passage that a search found.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Score">How well it fits, by the search's own measure: higher is better.</param>
public sealed record FoundPassage(Passage Passage, double Score)
{
    /// <summary>Cosine of the question's and the passage's embeddings; null where the search did not rank it by meaning.</summary>
    public double? Similarity { get; init; }
}
