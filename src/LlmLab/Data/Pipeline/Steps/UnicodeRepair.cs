using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using LlmLab.Text;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="UnicodeRepair"/>.</summary>
public sealed record UnicodeRepairOptions
{
    /// <summary>Times that text may have been decoded wrongly, one on top of the other.</summary>
    public int MaximumRounds { get; init; } = 3;
    /// <summary>Documents with more lost characters (U+FFFD) than this share of their length are dropped; with fewer, flagged.</summary>
    public double MaximumLostShare { get; init; } = 0.02;
}

/// <summary>
/// Repairs mojibake: UTF-8 that was read as Windows-1252 or Latin-1 ("fÃ¼r" for "für", "â€™" for "’"), also where it happened twice,
/// piece by piece, so that a good text with one broken quotation in it is repaired too. Composes what was decomposed (NFC) and
/// unfolds ligatures and full-width letters, which come from PDF files. After ftfy (Speer 2019), whose rules are more and finer.
/// </summary>
public sealed class UnicodeRepair(UnicodeRepairOptions? options = null) : DocumentStep
{
    readonly UnicodeRepairOptions options = options ?? new UnicodeRepairOptions();

    // The bytes 0x80 to 0xBF as Windows-1252 shows them, and as Latin-1 does (C1 controls).
    static readonly FrozenDictionary<char, byte> continuation = Continuations();
    static readonly SearchValues<char> leads = SearchValues.Create([.. Enumerable.Range(0xC2, 0xF5 - 0xC2).Select(c => (char)c)]);
    static readonly SearchValues<char> unusual = SearchValues.Create([.. Enumerable.Range(0xFB00, 7).Concat(Enumerable.Range(0xFF01, 94)).Select(c => (char)c)]);

    /// <inheritdoc/>
    public override string Name => "Unicode repair";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.BrokenEncoding];

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        string text = document.Text;
        if (Ascii.IsValid(text)) return StepOutcome.Keep(document);
        string reason = "";
        for (int round = 0; round < options.MaximumRounds && Repair(text) is { } repaired; round++) (text, reason) = (repaired, "mojibake");
        if (text.AsSpan().IndexOfAny(unusual) >= 0 && UnfoldForms(text) is { } unfolded) (text, reason) = (unfolded, reason.Length > 0 ? reason : "ligatures or full-width letters");
        if (NeedsComposition(text) && UnicodeNormalization.Normalize(text, NormalizationForm.FormC) is var composed && composed != text) (text, reason) = (composed, reason.Length > 0 ? reason : "decomposed letters");
        int lost = text.AsSpan().Count('\uFFFD');
        if (lost > options.MaximumLostShare * text.Length) return StepOutcome.Drop(document, "too many lost characters");
        if (reason.Length > 0) return StepOutcome.Change(document with { Text = text, Metadata = document.Metadata with { Title = document.Metadata.Title is { } title ? Repair(title) ?? title : null } }, reason);
        return lost > 0 ? StepOutcome.Flag(document, "lost characters") : StepOutcome.Keep(document);
    }

    /// <summary>One round of repair; null where there is nothing to repair.</summary>
    public static string? Repair(string text)
    {
        int at = text.AsSpan().IndexOfAny(leads);
        if (at < 0) return null;
        StringBuilder? result = null;
        int copied = 0;
        Span<byte> bytes = stackalloc byte[4];
        while (at < text.Length)
        {
            int length = Sequence(text, at, bytes);
            if (length > 0 && Rune.DecodeFromUtf8(bytes[..length], out var rune, out int used) == OperationStatus.Done && used == length && IsPlausible(rune, text, at, length))
            {
                (result ??= new StringBuilder(text.Length)).Append(text, copied, at - copied).Append(rune.ToString());
                copied = at += length;
            }
            else at++;
            int next = text.AsSpan(at).IndexOfAny(leads);
            if (next < 0) break;
            at += next;
        }
        return result?.Append(text, copied, text.Length - copied).ToString();
    }

    static int Sequence(string text, int at, Span<byte> bytes)
    {
        int lead = text[at], length = lead switch { >= 0xC2 and <= 0xDF => 2, >= 0xE0 and <= 0xEF => 3, >= 0xF0 and <= 0xF4 => 4, _ => 0 };
        if (length == 0 || at + length > text.Length) return 0;
        bytes[0] = (byte)lead;
        for (int i = 1; i < length; i++)
            if (!continuation.TryGetValue(text[at + i], out bytes[i])) return 0;
        return length;
    }

    // Wrong decodings give few code points that people write; correct text gives, rarely, a sequence that decodes to others ("„Ü“").
    static bool IsPlausible(Rune rune, string text, int at, int length) => rune.Value switch
    {
        >= 0xA0 and <= 0xFF => true,
        >= 0x100 and <= 0x24F => at > 0 && char.IsLetter(text[at - 1]) || at + length < text.Length && char.IsLetter(text[at + length]),
        >= 0x370 and <= 0x52F or >= 0x5D0 and <= 0x6FF or >= 0x900 and <= 0x97F => HasNeighbour(text, at, length),
        >= 0x2010 and <= 0x2BFF or 0xFEFF or 0xFFFD => true,
        >= 0x3000 and <= 0xD7FF => HasNeighbour(text, at, length),
        >= 0x1F000 and <= 0x1FAFF => true,
        _ => false,
    };

    static bool HasNeighbour(string text, int at, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        return at + length < text.Length && Sequence(text, at + length, bytes) == length || at >= length && Sequence(text, at - length, bytes) == length;
    }

    static string? UnfoldForms(string text)
    {
        // Full-width letters are at home in Chinese and Japanese.
        bool eastAsian = text.AsSpan().IndexOfAnyInRange('\u3040', '\u9FFF') >= 0;
        var result = new StringBuilder(text.Length);
        foreach (char c in text)
            if (c is >= '\uFB00' and <= '\uFB06') result.Append(((string[])["ff", "fi", "fl", "ffi", "ffl", "st", "st"])[c - '\uFB00']);
            else if (c is >= '\uFF01' and <= '\uFF5E' && !eastAsian) result.Append((char)(c - 0xFEE0));
            else result.Append(c);
        string unfolded = result.ToString();
        return unfolded == text ? null : unfolded;
    }

    // The blocks below hold nothing that composition changes: most texts with typographic quotes or Cyrillic need no work.
    static bool NeedsComposition(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\u0300', '\uFFFF') is >= 0 and var at)
        {
            char c = text[at];
            if (c is not (>= '\u0391' and <= '\u03CE' or >= '\u0400' and <= '\u0482' or >= '\u2002' and <= '\u2125' or >= '\u212C' and <= '\u2328' or >= '\u2400' and <= '\u2ADB' or >= '\u3001' and <= '\u3098' or >= '\u309B' and <= '\u9FFF' or >= '\uD800' and <= '\uF8FF' or >= '\uFE00' and <= '\uFE0F' or >= '\uFF01')) return true;
            text = text[(at + 1)..];
        }
        return false;
    }

    static FrozenDictionary<char, byte> Continuations()
    {
        var page = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        var map = new Dictionary<char, byte>();
        for (int b = 0x80; b <= 0xBF; b++)
        {
            map[(char)b] = (byte)b;
            map[page.GetString([(byte)b])[0]] = (byte)b;
        }
        return map.ToFrozenDictionary();
    }
}
