using System.Collections.Concurrent;
using LlmLab.Text.Stemming;
using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>What all prompts of a vocabulary share: its placeholder tokens and which pieces of text it holds whole.</summary>
sealed class PlaceholderVocabulary
{
    readonly VocabularyTokenizer tokenizer;
    readonly ConcurrentDictionary<string, int> found = new(StringComparer.Ordinal);
    readonly PorterStemmer stemmer = new();
    readonly Lazy<Dictionary<string, int>> forms;   // a token for each stem

    /// <param name="tokenizer">The vocabulary. Without placeholder tokens it spells all words.</param>
    public PlaceholderVocabulary(VocabularyTokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        Asked = [.. Placeholders.Asked.Where(tokenizer.SpecialTokens.ContainsKey).Select(name => tokenizer.SpecialTokens[name])];
        forms = new(Forms);
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

    /// <summary>
    /// The one token of a piece of text; −1 where it has none or is a number. Words in small letters are read by their stems: "hired" is the
    /// token of "hiring", whichever the vocabulary holds, as search engines do it, so that what was learned of one form holds for all.
    /// </summary>
    public int Find(string piece) => found.GetOrAdd(piece, text =>
        char.IsNumber(text[^1]) ? -1 : Stem(text) is { } stem && forms.Value.TryGetValue(stem, out int token) ? token : tokenizer.Encode(text) is [var only] ? only : -1);

    /// <summary>A piece's tokens.</summary>
    public int[] Spell(string piece) => tokenizer.Encode(piece);

    // Of several words with a stem, the one that was merged last: those before it are rather the beginnings of longer words.
    Dictionary<string, int> Forms()
    {
        var stems = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokenizer.VocabularySize; id++)
            if (tokenizer.GetToken(id) is not null && Stem(tokenizer.Decode([id])) is { } stem) stems[stem] = id;
        return stems;
    }

    // Null where it is not a word in small letters, with a space before it.
    string? Stem(string piece) => piece.Length > 3 && piece[0] == ' ' && piece.AsSpan(1).IndexOfAnyExceptInRange('a', 'z') < 0 ? stemmer.Stem(piece[1..]) : null;
}
