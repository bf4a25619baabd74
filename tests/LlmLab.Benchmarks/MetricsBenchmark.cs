using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlmLab.Evaluation.Text;
using LlmLab.Text.Lemmatization;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Benchmarks;

/// <summary>
/// Speed of text metrics beside NLTK's, on the same segments in the same run, with equal scores: sentences of real text as references,
/// and as hypotheses the same with words replaced, left out and moved.
/// </summary>
static class MetricsBenchmark
{
    const int SegmentCount = 2_000, PairCount = 20_000, PairTokens = 100;

    public static int Run(string[] arguments)
    {
        var words = BenchmarkText.Read(4_000_000).SelectMany(RegularExpressionTokenizer.WordsAndPunctuation.Tokenize).ToArray();
        var random = new Random(1);
        var references = Enumerable.Range(0, SegmentCount).Select(_ => Stretch(words, random, random.Next(10, 41))).ToArray();
        var hypotheses = references.Select(reference => Disturb(reference, words, random)).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SegmentCount} segments of {references.Average(one => one.Length):0.0} tokens, {Environment.ProcessorCount} processors"));

        string folder = Directory.CreateTempSubdirectory("llmlab-benchmark-").FullName;
        try
        {
            CompareWithNltk(hypotheses, references, folder, arguments.Contains("--no-peers"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        MeasureRouge(words, random);
        return 0;
    }

    static void CompareWithNltk(string[][] hypotheses, string[][] references, string folder, bool alone)
    {
        string[][][] lists = [.. references.Select(reference => new[] { reference })];
        var lexicon = WordNetLexicon.Find();
        var bleu = new BenchmarkTable("Corpus BLEU", "ms");
        double score = NltkBleu.Corpus(hypotheses, lists);
        bleu.Add("LlmLab, NLTK's definition", 1000 * Best(() => NltkBleu.Corpus(hypotheses, lists)));
        string[] texts = [.. hypotheses.Select(tokens => string.Join(' ', tokens))];
        string[][] referenceTexts = [.. references.Select(tokens => new[] { string.Join(' ', tokens) })];
        bleu.Add("LlmLab, sacreBLEU's definition (13a)", 1000 * Best(() => new Bleu().Corpus(texts, referenceTexts)));

        var meteor = new BenchmarkTable("METEOR", "ms");
        var metric = new Meteor(lexicon is null ? null : new WordNetLemmatizer(lexicon));
        double meteorScore = Mean(metric, hypotheses, lists, SegmentCount / 4);
        meteor.Add("LlmLab, 1 thread, words looked up before", 1000 * Best(() => Mean(metric, hypotheses, lists, SegmentCount)));
        meteor.Add("LlmLab, 1 thread, new", 1000 * Best(() => Mean(new Meteor(lexicon is null ? null : new WordNetLemmatizer(lexicon)), hypotheses, lists, SegmentCount)));

        if (!alone)
        {
            string file = Path.Combine(folder, "segments.json");
            File.WriteAllText(file, JsonSerializer.Serialize(new { hypotheses, references = lists }));
            string script = Path.Combine(BenchmarkText.RepositoryRoot(), "tests", "LlmLab.Benchmarks", "peers", "metrics_peer.py");
            if (PeerProcess.Output("/usr/bin/python3", $"{script} {file} {lexicon?.Folder}", folder) is { } peer)
            {
                var result = JsonDocument.Parse(peer.Output).RootElement;
                bleu.Add("NLTK corpus_bleu", 1000 * result.GetProperty("bleu_seconds").GetDouble());
                bleu.Note(Equal(score, result.GetProperty("bleu").GetDouble()));
                if (result.TryGetProperty("meteor_seconds", out var seconds))
                {
                    meteor.Add("NLTK meteor_score (a quarter of the segments, × 4)", 1000 * seconds.GetDouble());
                    meteor.Note(Equal(meteorScore, result.GetProperty("meteor").GetDouble()));
                }
                else meteor.Note("no WordNet on this machine (Debian: wordnet-base): compared without synonyms, and without the peer");
            }
            else bleu.Note("python3 with NLTK is not on this machine (Debian: python3-nltk)");
        }
        bleu.Print(lowerIsBetter: true);
        meteor.Print(lowerIsBetter: true);
    }

    static void MeasureRouge(string[] words, Random random)
    {
        string[] letters = [.. words.Where(word => word.All(char.IsAsciiLetter))];
        var targets = Enumerable.Range(0, PairCount).Select(_ => Stretch(letters, random, PairTokens)).ToArray();
        string[] predictions = [.. targets.Select(target => string.Join(' ', Disturb(target, letters, random)))];
        string[] texts = [.. targets.Select(target => string.Join(' ', target))];
        var rouge = new Rouge();
        var table = new BenchmarkTable($"ROUGE-L of texts of {PairTokens} tokens", "pairs/s");
        table.Add($"LlmLab, {Environment.ProcessorCount} threads", PairCount / Best(() => Parallel.For(0, PairCount, i => rouge.L(texts[i], predictions[i]))));
        table.Add("LlmLab, 1 thread", PairCount / Best(() =>
        {
            for (int i = 0; i < PairCount; i++) rouge.L(texts[i], predictions[i]);
        }));
        table.Print(lowerIsBetter: false);
    }

    static double Mean(Meteor metric, string[][] hypotheses, string[][][] references, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += metric.Sentence(hypotheses[i], references[i]);
        return sum / count;
    }

    static string[] Stretch(string[] words, Random random, int length)
    {
        int start = random.Next(words.Length - length);
        return words[start..(start + length)];
    }

    /// <summary>A fifth of the words replaced, a tenth left out, and two halves exchanged.</summary>
    static string[] Disturb(string[] reference, string[] words, Random random)
    {
        var kept = reference.Where(_ => random.NextDouble() >= 0.1).Select(word => random.NextDouble() < 0.2 ? words[random.Next(words.Length)] : word).ToArray();
        int cut = random.Next(kept.Length + 1);
        return random.NextDouble() < 0.5 ? kept : [.. kept[cut..], .. kept[..cut]];
    }

    static string Equal(double ours, double theirs) =>
        string.Create(CultureInfo.InvariantCulture, $"scores {ours:0.0000000000} and {theirs:0.0000000000}: {(Math.Abs(ours - theirs) < 1e-9 ? "equal" : "NOT EQUAL")}");

    /// <summary>The best run of two seconds, the first of which lets the just-in-time compiler finish.</summary>
    static double Best(Action action)
    {
        double best = double.MaxValue;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < 2)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
