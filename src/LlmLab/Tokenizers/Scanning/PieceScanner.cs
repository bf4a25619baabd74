using Microsoft.ML.Tokenizers;

namespace LlmLab.Tokenizers.Scanning;

/// <summary>
/// Cuts text into the pieces that tokens never cross. Every character belongs to exactly one piece, so that what is encoded can
/// be decoded again. A scanner is known by its expression (<see cref="Pattern"/>); the well-known ones are hand-written and equal
/// to it, any other runs on .NET's engine (<see cref="RegexScanner"/>).
/// </summary>
public abstract class PieceScanner : PreTokenizer
{
    /// <summary>The regular expression whose matches, in order, are the pieces.</summary>
    public abstract string Pattern { get; }

    /// <summary>
    /// Whether a space after a character that is no white space always begins a piece, whatever stands before and after: then a
    /// long text can be cut there and its parts encoded apart, with the same result.
    /// </summary>
    public abstract bool SplitsBeforeSpace { get; }

    /// <summary>The end (exclusive) of the piece that begins at <paramref name="start"/>, which is less than the text's length.</summary>
    public abstract int Next(ReadOnlySpan<char> text, int start);

    /// <inheritdoc/>
    public sealed override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Next(text, start);
            yield return (start, end - start);
        }
    }

    /// <inheritdoc/>
    public sealed override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    /// <summary>
    /// A place near <paramref name="wanted"/> where the text may be cut without changing its pieces, or the text's length where
    /// there is none after it.
    /// </summary>
    internal int SafeSplit(ReadOnlySpan<char> text, int wanted)
    {
        if (!SplitsBeforeSpace) return text.Length;
        for (int i = Math.Max(wanted, 1); i < text.Length; i++)
        {
            int found = text[i..].IndexOf(' ');
            if (found < 0) return text.Length;
            i += found;
            if (!char.IsWhiteSpace(text[i - 1])) return i;
        }
        return text.Length;
    }

    /// <summary>The scanner for an expression: hand-written where it is one of the well-known ones, else .NET's engine.</summary>
    /// <exception cref="InvalidInputException">The expression is not valid.</exception>
    public static PieceScanner For(string pattern) => PreTokenization.WellKnown(pattern) ?? new RegexScanner(pattern);
}
