using System.Text;

namespace LlmLab.Tokenizers.Training;

/// <summary>The candidates of Unigram training: substrings of words by how often they occur times their length.</summary>
static class UnigramSeeds
{
    /// <summary>Candidates, the best first, with logarithms of first probabilities; and the characters that must stay.</summary>
    public static (List<(string Text, double Score)> Candidates, HashSet<string> Required) Find(List<(string Text, long Count)> words, UnigramTrainingOptions options)
    {
        var required = Characters(words, options.Coverage ?? 1);
        var substrings = new WordCounter();
        int done = 0;
        foreach (var (word, count) in words)
        {
            if ((done++ & 0x3FFF) == 0) Operation.Current.Report("counting substrings", done, words.Count, "words");
            var boundaries = Boundaries(word, required);
            for (int first = 0; first < boundaries.Count; first++)
                for (int last = first; last < boundaries.Count && last - first < options.LongestPiece && boundaries[last].Usable; last++)
                    substrings.Add(word.AsSpan(boundaries[first].Start..boundaries[last].End), count);
        }
        var found = new List<(string Text, long Count)>();
        substrings.ForEach((text, count) =>
        {
            string piece = text.ToString();
            if (count >= options.MinimumFrequency || required.Contains(piece)) found.Add((piece, count));
        });
        var chosen = found
            .OrderByDescending(p => required.Contains(p.Text)).ThenByDescending(p => p.Count * p.Text.Length).ThenBy(p => p.Text, StringComparer.Ordinal)
            .Take(Math.Max(options.SeedSize, required.Count)).ToList();
        double total = Math.Log(chosen.Sum(p => (double)p.Count * p.Text.Length));
        return ([.. chosen.Select(p => (p.Text, Math.Log((double)p.Count * p.Text.Length) - total))], required);
    }

    /// <summary>The most frequent characters that together make up the wanted share of the text.</summary>
    static HashSet<string> Characters(List<(string Text, long Count)> words, double coverage)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
            foreach (var rune in word.EnumerateRunes()) counts[rune] = counts.GetValueOrDefault(rune) + count;
        double total = counts.Values.Sum(), covered = 0;
        var kept = new HashSet<string>();
        foreach (var (rune, count) in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Value))
        {
            if (covered >= coverage * total) break;
            kept.Add(rune.ToString());
            covered += count;
        }
        return kept;
    }

    static List<(int Start, int End, bool Usable)> Boundaries(string word, HashSet<string> required)
    {
        var result = new List<(int, int, bool)>();
        int start = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            int end = start + rune.Utf16SequenceLength;
            result.Add((start, end, required.Contains(rune.ToString())));
            start = end;
        }
        return result;
    }
}
