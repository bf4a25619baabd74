namespace LlmLab.Text.WordTokenization;

/// <summary>Separated by single spaces; two spaces give an empty token. NLTK's <c>SpaceTokenizer</c>.</summary>
public sealed class SpaceTokenizer : IWordTokenizer
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text) => text.Split(' ');
}

/// <summary>One token a line that is not blank. NLTK's <c>LineTokenizer</c>.</summary>
public sealed class LineTokenizer : IWordTokenizer
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text) => [.. Whitespace.Lines(text).Where(line => Whitespace.TrimEnd(line).Length > 0)];
}
