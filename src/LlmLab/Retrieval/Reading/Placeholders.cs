using System.Text.RegularExpressions;
using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>A text as a reader sees it.</summary>
/// <param name="Text">The text, its white space made single spaces, with one before it.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Places">Of each token, the part of <paramref name="Text"/> that it stands for, without the space before it: first character and the one after the last.</param>
public sealed record ReadingText(string Text, int[] Tokens, (int Start, int End)[] Places);

/// <summary>
/// Writes the words of one prompt that the vocabulary does not hold whole (names, rare words) and all numbers as placeholder tokens, the
/// same one wherever the word recurs in that prompt. To compare two names is then to compare two tokens, and as another prompt gives a name
/// another placeholder, no fact can be learned by heart. After Hermann et al. 2015 (arXiv:1506.03340: entities as permuted markers).
/// <para>
/// The question's names and numbers have placeholders of their own kind, so that a passage shows where it speaks of what is asked: the
/// exact-match feature of Chen et al. 2017 (arXiv:1704.00051). A rare word of the question that is no name, as phrasings hold that were not
/// trained on, is a placeholder like those of the passages; training puts made-up words into its questions (<see cref="QuestionVariation"/>), so
/// that such a word is no surprise.
/// </para>
/// </summary>
public sealed partial class Placeholders
{
    /// <summary>The tokens of words that the question holds, as they stand among a vocabulary's special tokens.</summary>
    public static IReadOnlyList<string> Asked { get; } = [.. Enumerable.Range(0, 16).Select(i => $"<|asked_{i}|>")];

    /// <summary>Name of the token of another word.</summary>
    public static string Other(int number) => $"<|word_{number}|>";

    /// <summary>All of them, as a reader's vocabulary lists them.</summary>
    /// <param name="others">How many words a prompt may have beside the question's.</param>
    public static IReadOnlyList<string> Tokens(int others) => [.. Asked, .. Enumerable.Range(0, others).Select(Other)];

    readonly PlaceholderVocabulary vocabulary;
    readonly Queue<int> free;
    readonly Dictionary<string, int> given = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="random">Decides which placeholder a word gets; null: the first word gets the first.</param>
    internal Placeholders(PlaceholderVocabulary vocabulary, string question, Random? random)
    {
        this.vocabulary = vocabulary;
        var asked = new Queue<int>(PlaceholderVocabulary.Drawn(vocabulary.Asked, random));
        free = new Queue<int>(PlaceholderVocabulary.Drawn(vocabulary.Others, random));
        foreach (Match piece in Pieces().Matches(Spaced(question)))
        {
            string word = piece.Value, bare = word.TrimStart();
            if (!IsWord(word)) continue;
            if (char.IsNumber(bare[0]) || char.IsUpper(bare[0]) && (vocabulary.Find(word) < 0 || piece.Index > 0 && IsName(word))) Give(bare, asked);
        }
    }

    /// <summary>A text's tokens. Where a prompt has more such words than placeholders, the rest is spelled in pieces.</summary>
    public ReadingText Encode(string text)
    {
        var (tokens, places) = (new List<int>(), new List<(int, int)>());
        string spaced = Spaced(text);
        foreach (var piece in Pieces().EnumerateMatches(spaced))
        {
            string word = spaced.Substring(piece.Index, piece.Length), bare = word.TrimStart();
            if (bare.Length == 0) continue;
            int token = vocabulary.Find(word), end = piece.Index + piece.Length;
            if (IsWord(word) && (token < 0 || IsName(word) && given.ContainsKey(bare))) token = Give(bare, free) ?? token;
            int[] spelled = token >= 0 ? [token] : vocabulary.Spell(word);
            tokens.AddRange(spelled);
            places.AddRange(Enumerable.Repeat((end - bare.Length, end), spelled.Length));
        }
        return new ReadingText(spaced, [.. tokens], [.. places]);
    }

    /// <summary>What <see cref="Encode"/> looks up in the vocabulary: a text's words and punctuation, each with the space before it.</summary>
    internal static IEnumerable<string> Words(string text) => Pieces().Matches(Spaced(text)).Select(match => match.Value).Where(piece => !char.IsNumber(piece[^1]));

    /// <summary>A text with single spaces, and one before it.</summary>
    internal static string Spaced(string text) => " " + string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    int? Give(string word, Queue<int> from)
    {
        if (given.TryGetValue(word, out int token)) return token;
        return from.TryDequeue(out token) ? given[word] = token : null;
    }

    // Letters or a number, not punctuation or a contraction.
    static bool IsWord(string piece)
    {
        char first = piece[0] == ' ' && piece.Length > 1 ? piece[1] : piece[0];
        return char.IsLetter(first) || char.IsNumber(first);
    }

    // Begins with a capital, and is not a letter alone.
    static bool IsName(string piece)
    {
        int at = piece[0] == ' ' ? 1 : 0;
        return piece.Length > at + 1 && char.IsUpper(piece[at]);
    }

    // A contraction, a word, a number with its inner points, or a run of anything else; each with a space before it if there is one.
    [GeneratedRegex(@" ?['’](?:s|t|re|ve|m|ll|d)\b| ?[\p{L}\p{M}]+| ?\p{N}+(?:[.,:]\p{N}+)*| ?[^\s\p{L}\p{M}\p{N}]+| ")]
    private static partial Regex Pieces();
}
