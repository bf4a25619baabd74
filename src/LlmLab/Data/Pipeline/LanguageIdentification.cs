using System.Numerics;
using System.Runtime.InteropServices;
using Lucene.Net.Analysis.Util;

namespace LlmLab.Data.Pipeline;

/// <summary>A text's language.</summary>
/// <param name="Code">ISO 639-1 code, or null where nothing tells (tables, code, a few words).</param>
/// <param name="Share">Share of the sampled words that are function words of that language; for scripts with one main language, the share of letters.</param>
/// <param name="Runner">The second language's share: the difference tells how sure the answer is.</param>
public readonly record struct IdentifiedLanguage(string? Code, double Share, double Runner);

/// <summary>
/// Identifies the language of running text by script and by function words: a fifth to a half of all words of a text are among its
/// language's 100 to 300 most frequent ones, in every Latin-script language (Grefenstette 1995). The lists are Lucene's stop words
/// (Snowball's) and, for English, our own.
/// </summary>
public static class LanguageIdentification
{
    const int SampleWords = 2_000, LongestWord = 16;
    static readonly string[] codes = ["en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "no", "fi", "hu", "ro", "cs", "tr"];
    static readonly Lazy<WordTable<int>> functionWords = new(Build);

    const string English = "the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were there one all we can her has their what if will would who so no she when been may more do its into them than these then some our him out up about only other could any very after such over also most before must through where how should because each just between own while both those same being your my me us against during without within upon under does did here too again now why until nor every whether cannot however";

    static WordTable<int> Build()
    {
        CharArraySet[] sets =
        [
            Lucene.Net.Analysis.De.GermanAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Fr.FrenchAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Es.SpanishAnalyzer.DefaultStopSet, Lucene.Net.Analysis.It.ItalianAnalyzer.DefaultStopSet,
            Lucene.Net.Analysis.Pt.PortugueseAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Nl.DutchAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Da.DanishAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Sv.SwedishAnalyzer.DefaultStopSet,
            Lucene.Net.Analysis.No.NorwegianAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Fi.FinnishAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Hu.HungarianAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Ro.RomanianAnalyzer.DefaultStopSet,
            Lucene.Net.Analysis.Cz.CzechAnalyzer.DefaultStopSet, Lucene.Net.Analysis.Tr.TurkishAnalyzer.DefaultStopSet,
        ];
        var words = new Dictionary<string, int>(StringComparer.Ordinal);
        void Add(string word, int language) => CollectionsMarshal.GetValueRefOrAddDefault(words, word, out _) |= 1 << language;
        foreach (string word in English.Split(' ')) Add(word, 0);
        for (int i = 0; i < sets.Length; i++)
            foreach (string word in sets[i]) Add(word, i + 1);
        return new WordTable<int>(words.Where(w => w.Key == w.Key.ToLowerInvariant()));
    }

    /// <summary>Identifies the language of a text by its first 2,000 words.</summary>
    public static IdentifiedLanguage Identify(string text)
    {
        Span<int> counts = stackalloc int[codes.Length];
        counts.Clear();
        var table = functionWords.Value;
        int words = 0, foreign = 0;
        Span<int> scripts = stackalloc int[10];
        scripts.Clear();
        for (var scan = new WordScan(text); scan.MoveNext();)
        {
            var word = scan.Current;
            if (char.IsAsciiDigit(word[0]) || scan.Start > 0 && text[scan.Start - 1] is '<' or '/') continue; // marks are no words
            if (++words > SampleWords) break;
            int script = word[0] < 0x370 ? -1 : Script(word[0]);
            if (script >= 0)
            {
                scripts[script]++;
                foreign++;
                if (script != 0) continue;
            }
            if (word.Length > LongestWord || !table.TryGetValue(word, out int languages)) continue;
            for (; languages != 0; languages &= languages - 1) counts[BitOperations.TrailingZeroCount(languages)]++;
        }
        words = Math.Min(words, SampleWords);
        if (words == 0) return default;
        if (foreign > words / 2)
        {
            int most = 0;
            for (int i = 1; i < scripts.Length; i++)
                if (scripts[i] > scripts[most]) most = i;
            // Kana is Japanese however many ideographs stand beside it.
            if (most == 4 && scripts[5] > 0) most = 5;
            string code = ((string[])["ru", "el", "he", "ar", "zh", "ja", "ko", "th", "hi", "hy"])[most];
            if (code == "ru" && text.AsSpan().IndexOfAny("іїєґ") >= 0) code = "uk";
            return new IdentifiedLanguage(code, scripts[most] / (double)words, 0);
        }
        int best = 0, second = -1;
        for (int i = 1; i < counts.Length; i++)
            if (counts[i] > counts[best]) (second, best) = (best, i);
            else if (second < 0 || counts[i] > counts[second]) second = i;
        double share = counts[best] / (double)words, runner = second < 0 ? 0 : counts[second] / (double)words;
        return new IdentifiedLanguage(words >= 5 && share >= 0.08 && share > runner * 1.05 ? codes[best] : null, share, runner);
    }

    static int Script(char c) => c switch
    {
        >= '\u0400' and <= '\u052F' => 0,
        >= '\u0370' and <= '\u03FF' => 1,
        >= '\u0590' and <= '\u05FF' => 2,
        >= '\u0600' and <= '\u06FF' => 3,
        >= '\u4E00' and <= '\u9FFF' => 4,
        >= '\u3040' and <= '\u30FF' => 5,
        >= '\uAC00' and <= '\uD7A3' => 6,
        >= '\u0E00' and <= '\u0E7F' => 7,
        >= '\u0900' and <= '\u097F' => 8,
        >= '\u0530' and <= '\u058F' => 9,
        _ => -1,
    };
}
