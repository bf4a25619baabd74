using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>
/// Options of <see cref="QualityFilter"/>: the rules of Gopher (Rae et al. 2021, table A1 and section A.1.1) and C4 (Raffel et al.
/// 2020, section 2.2) with their thresholds, save where a remark gives another, since they were made for web pages.
/// </summary>
public sealed record QualityFilterOptions
{
    /// <summary>Fewest words. Gopher: 50; a company's mails and notes are shorter and still say something.</summary>
    public int MinimumWords { get; init; } = 12;
    /// <summary>Most words. Gopher: 100,000; texts are split at a million characters before.</summary>
    public int MaximumWords { get; init; } = 400_000;
    /// <summary>Bounds of the mean word length in characters. Gopher: 3 to 10; German compounds and code identifiers need more.</summary>
    public (double Low, double High) MeanWordLength { get; init; } = (2.5, 14);
    /// <summary>Most "#" and "…" a word. Gopher: 0.1; not applied to lines that begin with "#", which are Markdown's headings.</summary>
    public double MaximumSymbolShare { get; init; } = 0.1;
    /// <summary>Most lines that end in an ellipsis. Gopher: 0.3.</summary>
    public double MaximumEllipsisLines { get; init; } = 0.3;
    /// <summary>Fewest words with a letter in them. Gopher: 0.8; tables of numbers have far fewer and are budgets here, so only noise is meant.</summary>
    public double MinimumAlphabeticWords { get; init; } = 0.25;
    /// <summary>Most duplicate lines (share of lines, and of characters). Gopher: 0.3 and 0.2; tables and plans repeat short lines, so characters count and lines of fewer than 12 characters do not.</summary>
    public double MaximumDuplicateLines { get; init; } = 0.3;
    /// <summary>Most characters in the most frequent run of 4 words. Gopher: 0.16 for n = 4 on web pages; a policy of one page repeats its own long name more often than that, and is fine.</summary>
    public double MaximumTopFourGram { get; init; } = 0.3;
    /// <summary>Most characters inside runs of 10 words that occur before. Gopher: 0.10 for n = 10 on the web; forms and terms of use repeat more.</summary>
    public double MaximumDuplicateTenGrams { get; init; } = 0.35;
    /// <summary>Most characters that are neither letters, digits, white space nor punctuation of prose.</summary>
    public double MaximumOddCharacters { get; init; } = 0.25;
    /// <summary>Phrases that mark placeholder text. C4 drops pages with "lorem ipsum".</summary>
    public IReadOnlyList<string> Placeholders { get; init; } = ["lorem ipsum", "dolor sit amet", "insert text here", "to be completed by", "click to add text", "[insert ", "<insert ", "this page intentionally left blank", "under construction", "text goes here", "to be written", "tbd tbd", "your text here", "insert text", "insert title", "insert the title", "sample text", "placeholder text"];
    /// <summary>Words below which a placeholder phrase drops the document; longer texts only mention it.</summary>
    public int PlaceholderWords { get; init; } = 120;
}

/// <summary>Drops documents that are not worth learning from: too short, repeated, made of symbols, placeholder text. Each reason is the name of its rule.</summary>
public sealed class QualityFilter(QualityFilterOptions? options = null) : DocumentStep
{
    readonly QualityFilterOptions options = options ?? new QualityFilterOptions();
    readonly SearchValues<string> placeholders = SearchValues.Create([.. (options ?? new QualityFilterOptions()).Placeholders], StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string Name => "quality";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.LowQuality];

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document) => Fault(document.Text) is { } fault ? StepOutcome.Drop(document, fault) : StepOutcome.Keep(document);

    /// <summary>The first rule that a text breaks, with what was measured; null for a good text.</summary>
    public string? Fault(string text)
    {
        int words = 0, letters = 0, alphabetic = 0, odd = 0, symbols = 0;
        var grams = NGramRepetition.Rent(text.Length / 6);
        foreach (var word in new WordScan(text))
        {
            words++;
            letters += word.Length;
            if (word.IndexOfAnyExceptInRange('0', '9') >= 0) alphabetic++;
            if (words <= 20_000 && word.Length <= 25) grams.Add(word); // longer ones are parts of links
        }
        int eastAsian = text.AsSpan().IndexOfAnyInRange('\u3040', '\uD7A3') < 0 ? 0 : text.Count(c => c is >= '\u3040' and <= '\uD7A3');
        if (words + eastAsian / 2 < options.MinimumWords) return $"too few words ({words})";
        if (words > options.MaximumWords) return $"too many words ({words})";
        double mean = (double)letters / Math.Max(1, words);
        if (eastAsian < text.Length / 10 && (mean < options.MeanWordLength.Low || mean > options.MeanWordLength.High)) return $"mean word length ({mean:0.0})";
        for (var rest = text.AsSpan(); rest.IndexOfAnyExcept(plain) is >= 0 and var at; rest = rest[(at + 1)..])
            if (rest[at] is '…') symbols++;
            else if (!char.IsLetterOrDigit(rest[at]) && !char.IsWhiteSpace(rest[at]) && !IsPunctuation(rest[at])) odd++;
        if (odd > options.MaximumOddCharacters * text.Length) return "symbols";
        if (alphabetic < options.MinimumAlphabeticWords * words) return "few words with letters";
        if (Placeholder(text, words) is { } placeholder) return placeholder;
        if (Lines(text, words, ref symbols) is { } line) return line;
        if (symbols > options.MaximumSymbolShare * words) return "ellipses and hashes";
        if (words >= 40 && grams.TopFourGram > options.MaximumTopFourGram) return $"repeated words ({grams.TopFourGram:0.00} in one run of four)";
        return words >= 60 && grams.DuplicateTenGrams > options.MaximumDuplicateTenGrams ? $"repeated passages ({grams.DuplicateTenGrams:0.00} in runs of ten)" : null;
    }

    static readonly SearchValues<char> plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n\t.,;:-'\"()!?/|_*#`[]%&@=+<>$~\\{}äöüßéèàçñÄÖÜ’“”–—€");

    static bool IsPunctuation(char c) => c is '.' or ',' or ';' or ':' or '-' or '\'' or '"' or '(' or ')' or '!' or '?' or '/' or '|' or '_' or '*' or '#' or '`' or '’' or '‘' or '“' or '”' or '–' or '—' or '[' or ']' or '%' or '&' or '@' or '=' or '+' or '<' or '>' or '€' or '$' or '£' or '…' or '•' or '°' or '{' or '}' or '~' or '\\' or '\uD83D' || char.IsSurrogate(c) || char.IsHighSurrogate(c) || c >= 0x300 && char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark;

    string? Placeholder(string text, int words)
    {
        if (words >= options.PlaceholderWords) return null;
        if (text.AsSpan().IndexOfAny(placeholders) < 0) return null;
        foreach (string phrase in options.Placeholders)
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase)) return $"placeholder text: {phrase.Trim()}";
        return null;
    }

    string? Lines(string text, int words, ref int symbols)
    {
        var seen = new HashSet<ulong>();
        int lines = 0, ellipses = 0, duplicateCharacters = 0, characters = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.IsEmpty) continue;
            lines++;
            if (line.EndsWith("...") || line[^1] == '…') ellipses++;
            if (line[0] != '#') symbols += line.Count('#');
            if (line.Length < 12) continue;
            characters += line.Length;
            if (!seen.Add(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(line)))) duplicateCharacters += line.Length;
        }
        if (lines >= 5 && ellipses > options.MaximumEllipsisLines * lines) return "lines that break off";
        return lines >= 4 && words >= 16 && duplicateCharacters > options.MaximumDuplicateLines * characters ? $"duplicate lines ({(double)duplicateCharacters / characters:0.00})" : null;
    }
}
