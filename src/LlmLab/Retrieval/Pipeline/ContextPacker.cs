using LlmLab.Retrieval.Search;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>Passages that fit into a prompt.</summary>
/// <param name="Passages">In order of their rank; their numbers in the prompt are 1, 2, ….</param>
/// <param name="Tokens">Tokens of their texts.</param>
/// <param name="LeftOut">Passages that did not fit or said the same as a better one.</param>
public sealed record PackedContext(IReadOnlyList<FoundPassage> Passages, int Tokens, int LeftOut);

/// <summary>Chooses which passages a model reads, within a budget of tokens.</summary>
/// <param name="tokenizer">Counts the tokens: the model's own, or one like it.</param>
/// <param name="budget">Most tokens of all passages and the question.</param>
/// <param name="overhead">Tokens that a prompt spends on each passage beside its text.</param>
public sealed class ContextPacker(Tokenizer tokenizer, int budget, int overhead = 8)
{
    /// <summary>The best passages that fit beside the question, the best first. A long one that does not fit is left out, and shorter ones behind it may still fit.</summary>
    /// <exception cref="InvalidInputException">The question alone is longer than the budget.</exception>
    public PackedContext Pack(string question, IReadOnlyList<FoundPassage> found)
    {
        int asked = tokenizer.CountTokens(question);
        if (asked > budget) throw new InvalidInputException($"The question has {asked} tokens, and question and passages together may have {budget}: ask more briefly.");
        int left = budget - asked;
        var packed = new List<FoundPassage>();
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in found)
        {
            int cost = tokenizer.CountTokens(one.Passage.Text) + overhead;
            if (cost > left || !said.Add(one.Passage.Text)) continue;
            packed.Add(one);
            left -= cost;
        }
        return new PackedContext(packed, budget - asked - left, found.Count - packed.Count);
    }
}
