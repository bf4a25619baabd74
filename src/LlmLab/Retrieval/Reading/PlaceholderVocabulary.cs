using System.Collections.Concurrent;
using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>What all prompts of a vocabulary share: its placeholder tokens and which pieces of text it holds whole.</summary>
sealed class PlaceholderVocabulary
{
    readonly VocabularyTokenizer tokenizer;
    readonly ConcurrentDictionary<string, int> found = new(StringComparer.Ordinal);

    /// <param name="tokenizer">The vocabulary. Without placeholder tokens it spells all words.</param>
    public PlaceholderVocabulary(VocabularyTokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        Asked = [.. Placeholders.Asked.Where(tokenizer.SpecialTokens.ContainsKey).Select(name => tokenizer.SpecialTokens[name])];
        Others = [.. Enumerable.Range(0, int.MaxValue).Select(i => tokenizer.SpecialTokens.GetValueOrDefault(Placeholders.Other(i), -1)).TakeWhile(id => id >= 0)];
    }

    /// <summary>Placeholders of words that the question holds.</summary>
    public int[] Asked { get; }

    /// <summary>Placeholders of other words.</summary>
    public int[] Others { get; }

    /// <summary>Tokens in random order, or as they are.</summary>
    public static int[] Drawn(int[] tokens, Random? random)
    {
        if (random is null) return tokens;
        int[] drawn = [.. tokens];
        random.Shuffle(drawn);
        return drawn;
    }

    /// <summary>The one token of a piece of text; −1 where it has none or is a number.</summary>
    public int Find(string piece) => found.GetOrAdd(piece, text => !char.IsNumber(text[^1]) && tokenizer.Encode(text) is [var only] ? only : -1);

    /// <summary>A piece's tokens.</summary>
    public int[] Spell(string piece) => tokenizer.Encode(piece);
}
