using LlmLab.Prompts;
using LlmLab.Retrieval.Search;
using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>How a <see cref="RetrievalChatClient"/> searches, packs and refuses.</summary>
public sealed record RetrievalChatOptions
{
    /// <summary>In <see cref="ChatOptions.AdditionalProperties"/>: the <see cref="Clearance"/> of the person who asks; it replaces that of <see cref="Search"/>.</summary>
    public const string ClearanceKey = "llmlab.clearance";

    /// <summary>How to search, and what the person who asks may read.</summary>
    public SearchOptions Search { get; init; } = new() { Most = 8 };
    /// <summary>Counts tokens: the model's tokenizer.</summary>
    public required Tokenizer Tokenizer { get; init; }
    /// <summary>Most tokens of question and passages.</summary>
    public int ContextTokens { get; init; } = 1_024;
    /// <summary>
    /// Writes question and passages as one text (variables question, passages with number, title and text, and refusal). Null: each passage
    /// is a content of the message before the question's, for clients that keep them apart, such as <see cref="ReaderChatClient"/>.
    /// </summary>
    public PromptTemplate? Prompt { get; init; }
    /// <summary>Ranks what was found anew before packing.</summary>
    public LikelihoodReranker? Reranker { get; init; }
    /// <summary>Below this similarity of the best passage nothing is asked and <see cref="Refusal"/> is the answer; null: the model decides. Calibrate it on a development set.</summary>
    public double? LeastSimilarity { get; init; }
    /// <summary>What is said where no passage answers.</summary>
    public string Refusal { get; init; } = "I don't know";
}
