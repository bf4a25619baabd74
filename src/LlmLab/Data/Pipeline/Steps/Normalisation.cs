using System.Buffers;
using System.Text;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="Normalisation"/>.</summary>
public sealed record NormalisationOptions
{
    /// <summary>Empty lines in a row that are kept.</summary>
    public int MaximumEmptyLines { get; init; } = 1;
}

/// <summary>
/// One form for what looks the same: line feeds as line ends, no control characters, zero-width characters or soft hyphens, plain
/// spaces for no-break spaces, no white space at line ends, few empty lines. Indentation stays, since it means something in code.
/// </summary>
public sealed class Normalisation(NormalisationOptions? options = null) : DocumentStep
{
    static readonly SearchValues<char> special = SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c is not ('\t' or '\n')).Concat([0x7F, 0xA0, 0xAD, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x202F, 0x2060, 0xFEFF]).Concat(Enumerable.Range(0x80, 32)).Select(c => (char)c)]);
    readonly NormalisationOptions options = options ?? new NormalisationOptions();

    /// <inheritdoc/>
    public override string Name => "normalisation";
    /// <inheritdoc/>
    public override object Options => options;

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        string text = Normalise(document.Text);
        if (text.Length == 0) return StepOutcome.Drop(document, "nothing but white space");
        if (text.Length == document.Text.Length && text == document.Text) return StepOutcome.Keep(document);
        // Line feeds at the end are no difference worth counting.
        return document.Text.AsSpan().TrimEnd('\n').SequenceEqual(text) ? new StepOutcome(document with { Text = text }, Decision.Kept) : StepOutcome.Change(document with { Text = text }, "white space or invisible characters");
    }

    string Normalise(string text)
    {
        bool odd = text.AsSpan().IndexOfAny(special) >= 0;
        if (!odd && !text.Contains(" \n") && !text.Contains("\t\n") && !text.Contains(new string('\n', options.MaximumEmptyLines + 2)) && text.Length > 0 && !char.IsWhiteSpace(text[^1]) && text[0] != '\n') return text;
        var result = new StringBuilder(text.Length);
        int empty = options.MaximumEmptyLines; // none at the start
        foreach (var line in (odd ? Replace(text) : text).AsSpan().EnumerateLines())
        {
            var kept = line.TrimEnd();
            if (kept.IsEmpty)
            {
                if (++empty <= options.MaximumEmptyLines) result.Append('\n');
                continue;
            }
            empty = 0;
            result.Append(kept).Append('\n');
        }
        while (result.Length > 0 && result[^1] == '\n') result.Length--;
        return result.ToString();
    }

    static string Replace(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
            switch (text[i])
            {
                case '\r':
                    result.Append('\n');
                    if (i + 1 < text.Length && text[i + 1] == '\n') i++;
                    break;
                case '\u2028' or '\u2029' or '\u0085' or '\f' or '\v':
                    result.Append('\n');
                    break;
                case '\u00A0' or '\u202F':
                    result.Append(' ');
                    break;
                case var c when c is '\t' or '\n' || !special.Contains(c):
                    result.Append(c);
                    break;
            }
        return result.ToString();
    }
}
