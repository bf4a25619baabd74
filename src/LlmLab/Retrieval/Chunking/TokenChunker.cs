using LlmLab.Data;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Retrieval.Chunking;

/// <summary>
/// Windows of tokens, whatever the structure: no passage has more tokens than asked for, counted as the tokenizer encodes the passage by
/// itself. It cuts between words, and inside one only where that word alone is too long.
/// </summary>
/// <param name="tokenizer">Counts the tokens: the model's that will read the passages.</param>
/// <param name="tokens">Most tokens of a passage, at least 8.</param>
/// <param name="overlap">About how many tokens at its start a passage shares with the one before; less than half of <paramref name="tokens"/>.</param>
public sealed class TokenChunker(Tokenizer tokenizer, int tokens = 128, int overlap = 32) : IChunker
{
    readonly int most = tokens >= 8 ? tokens : throw new InvalidInputException($"A passage must be allowed at least 8 tokens, found {tokens}.");
    readonly int shared = overlap >= 0 && overlap * 2 < tokens ? overlap : throw new InvalidInputException($"The overlap must lie between 0 and less than half of {tokens} tokens, found {overlap}.");

    /// <inheritdoc/>
    public string Name => $"tokens, {most} with {shared} shared";

    /// <inheritdoc/>
    public IReadOnlyList<Passage> Split(Document document)
    {
        var builder = new PassageBuilder(document);
        string text = document.Text;
        var sections = DocumentStructure.Sections(text);
        int[] starts = WordStarts(text);
        for (int word = 0; word < starts.Length;)
        {
            int end = Furthest(text, starts, word);
            if (end == word)
            {
                end = word + 1;
                AddWord(builder, text, starts[word], End(text, starts, end), sections);
            }
            else Add(builder, starts[word], End(text, starts, end), sections);
            if (end == starts.Length) break;
            word = Math.Max(word + 1, Back(text, starts, word, end));
        }
        return builder.Passages;
    }

    int Count(string text, int start, int end) => tokenizer.CountTokens(text[start..end].TrimEnd());

    static int End(string text, int[] starts, int word) => word < starts.Length ? starts[word] : text.Length;

    /// <summary>The word after the last that still fits, by bisection; the first word itself where not even that fits.</summary>
    int Furthest(string text, int[] starts, int first)
    {
        int low = first, high = Math.Min(starts.Length, first + most + 1);   // almost every word has at least one token
        while (high < starts.Length && Count(text, starts[first], starts[high]) <= most) high = Math.Min(starts.Length, high + most);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Count(text, starts[first], End(text, starts, middle)) <= most) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    int Back(string text, int[] starts, int first, int end)
    {
        int word = end;
        while (word - 1 > first && Count(text, starts[word - 1], End(text, starts, end)) <= shared) word--;
        return word;
    }

    void AddWord(PassageBuilder builder, string text, int start, int end, IReadOnlyList<Section> sections)
    {
        while (start < end)
        {
            int length = end - start;
            while (length > 1 && Count(text, start, start + length) > most) length /= 2;
            if (char.IsHighSurrogate(text[start + length - 1]) && start + length < end) length++;
            Add(builder, start, start + length, sections);
            start += length;
        }
    }

    static void Add(PassageBuilder builder, int start, int end, IReadOnlyList<Section> sections)
    {
        // A window may lie across sections: its parent is all of them, its heading that of the first.
        var covered = sections.Where(section => section.Start < end && section.End > start).ToArray();
        if (covered.Length == 0) builder.Add(start, end, "", start, end);
        else builder.Add(start, end, covered[0].Heading, Math.Min(start, covered[0].Start), Math.Max(end, covered[^1].End));
    }

    static int[] WordStarts(string text)
    {
        var starts = new List<int>();
        for (int i = 0; i < text.Length; i++)
            if (!char.IsWhiteSpace(text[i]) && (i == 0 || char.IsWhiteSpace(text[i - 1]))) starts.Add(i);
        return [.. starts];
    }
}
