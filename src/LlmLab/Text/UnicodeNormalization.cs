using System.Globalization;
using System.Text;

namespace LlmLab.Text;

/// <summary>
/// Unicode's normalisation forms (Unicode Standard Annex 15), from data of our own: programs that run without ICU, as these do so
/// that a bare machine suffices, get text back unchanged from <see cref="string.Normalize()"/>.
/// </summary>
public static class UnicodeNormalization
{
    const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    const int LeadCount = 19, VowelCount = 21, TailCount = 28, HangulCount = LeadCount * VowelCount * TailCount;

    static readonly Lazy<Data> data = new(Data.Read);

    /// <summary>Normalises text.</summary>
    /// <param name="text">Any text; lone surrogates stay as they are.</param>
    /// <param name="form">The form.</param>
    /// <returns>The normalised text; the same instance where nothing changes and that is seen at once.</returns>
    public static string Normalize(string text, NormalizationForm form)
    {
        // Below U+00C0 nothing composes or decomposes canonically, below U+0300 nothing is not composed, below U+00A0 nothing changes at all.
        char limit = form switch { NormalizationForm.FormC => '\u0300', NormalizationForm.FormD => '\u00C0', _ => '\u00A0' };
        if (text.AsSpan().IndexOfAnyInRange(limit, char.MaxValue) < 0) return text;

        bool compatibility = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        var points = new List<int>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int point = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) point = char.ConvertToUtf32(text[i], text[++i]);
            Decompose(point, compatibility, points);
        }
        Order(points);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC) Compose(points);

        var result = new StringBuilder(points.Count);
        foreach (int point in points)
        {
            if (point < 0x10000) result.Append((char)point);
            else result.Append(char.ConvertFromUtf32(point));
        }
        return result.ToString();
    }

    /// <summary>Canonical decomposition without the marks that do not space (general category Mn): "é" as "e".</summary>
    public static string RemoveAccents(string text)
    {
        string decomposed = Normalize(text, NormalizationForm.FormD);
        var result = new StringBuilder(decomposed.Length);
        foreach (var rune in decomposed.EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) result.Append(rune);
        return result.ToString();
    }

    static void Decompose(int point, bool compatibility, List<int> points)
    {
        int syllable = point - HangulBase;
        if ((uint)syllable < HangulCount)
        {
            points.Add(LeadBase + syllable / (VowelCount * TailCount));
            points.Add(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            if (syllable % TailCount != 0) points.Add(TailBase + syllable % TailCount);
        }
        else if (compatibility && data.Value.Compatible.TryGetValue(point, out int[]? compatible)) points.AddRange(compatible);
        else if (data.Value.Canonical.TryGetValue(point, out int[]? canonical)) points.AddRange(canonical);
        else points.Add(point);
    }

    /// <summary>Sorts each run of combining marks by combining class; marks of one class keep their order.</summary>
    static void Order(List<int> points)
    {
        for (int i = 1; i < points.Count; i++)
        {
            int point = points[i], order = data.Value.Class(point);
            if (order == 0) continue;
            int at = i;
            for (; at > 0 && data.Value.Class(points[at - 1]) > order; at--) points[at] = points[at - 1];
            points[at] = point;
        }
    }

    static void Compose(List<int> points)
    {
        int starter = -1, write = 0, lastClass = 0;
        for (int read = 0; read < points.Count; read++)
        {
            int point = points[read], order = data.Value.Class(point);
            // A mark reaches its starter only past marks of lower class; a starter only if nothing stands between.
            bool reaches = starter >= 0 && (write == starter + 1 || lastClass < order && lastClass != 0);
            if (reaches && Composite(points[starter], point) is { } composite)
            {
                points[starter] = composite;
                continue;
            }
            if (order == 0) starter = write;
            lastClass = order;
            points[write++] = point;
        }
        points.RemoveRange(write, points.Count - write);
    }

    static int? Composite(int first, int second)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
            return HangulBase + ((first - LeadBase) * VowelCount + (second - VowelBase)) * TailCount;
        if ((uint)(first - HangulBase) < HangulCount && (first - HangulBase) % TailCount == 0 && second - TailBase is > 0 and < TailCount)
            return first + (second - TailBase);
        return data.Value.Composites.TryGetValue((first, second), out int composite) ? composite : null;
    }

    sealed class Data
    {
        public Dictionary<int, int[]> Canonical { get; } = [];
        public Dictionary<int, int[]> Compatible { get; } = [];
        public Dictionary<(int First, int Second), int> Composites { get; } = [];
        readonly Dictionary<int, byte> classes = [];

        public int Class(int point) => point >= 0x300 && classes.TryGetValue(point, out byte found) ? found : 0;

        public static Data Read()
        {
            var result = new Data();
            using var reader = new StreamReader(typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("LlmLab.Text.Unicode.normalization.txt")!);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#') continue;
                string[] fields = line.Split(' ');
                if (line[0] == 'C')
                {
                    for (int point = Hex(fields[1]); point <= Hex(fields[2]); point++) result.classes[point] = byte.Parse(fields[3], CultureInfo.InvariantCulture);
                    continue;
                }
                int[] points = [.. fields.Skip(1).Select(Hex)];
                if (line[0] == 'P') result.Composites[(points[0], points[1])] = points[2];
                else (line[0] == 'D' ? result.Canonical : result.Compatible)[points[0]] = points[1..];
            }
            return result;
        }

        static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
