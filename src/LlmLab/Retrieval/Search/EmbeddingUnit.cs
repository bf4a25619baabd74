using LlmLab.Retrieval.Embeddings;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Search;

/// <summary>What has a vector of its own in an index.</summary>
public enum EmbeddingUnit
{
    /// <summary>A passage: one vector, and the least work.</summary>
    Passage,
    /// <summary>
    /// Each sentence of a passage, title and headings before it; a passage is as near as its nearest sentence. What a question asks for is
    /// then not drowned by what else the passage says (Khattab and Zaharia 2020, ColBERT, with a sentence for a word).
    /// </summary>
    Sentence,
}

/// <summary>A text that is embedded.</summary>
/// <param name="Id">Of its record in the vector store.</param>
/// <param name="Text">What the embedding model reads.</param>
sealed record EmbeddedText(string Id, string Text)
{
    const char Mark = '~';

    /// <summary>What an embedding model is best given: our encoder learns single sentences, latent semantic analysis wants longer texts.</summary>
    public static EmbeddingUnit BestFor(IEmbeddingGenerator<string, Embedding<float>> embeddings) => embeddings is EncoderEmbeddingGenerator ? EmbeddingUnit.Sentence : EmbeddingUnit.Passage;

    /// <summary>The texts of a passage, at least one.</summary>
    public static IReadOnlyList<EmbeddedText> Of(Passage passage, EmbeddingUnit unit) => unit == EmbeddingUnit.Passage
        ? [new(passage.Id, StoredPassage.SearchText(passage))]
        : [.. StoredPassage.SentenceTexts(passage).Select((text, i) => new EmbeddedText($"{passage.Id}{Mark}{i}", text))];

    /// <summary>The passage that a record belongs to.</summary>
    public static string PassageOf(string id, EmbeddingUnit unit) => unit == EmbeddingUnit.Passage ? id : id[..id.LastIndexOf(Mark)];
}
