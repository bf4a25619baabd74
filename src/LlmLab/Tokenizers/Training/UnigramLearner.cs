using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Training;

/// <summary>Expectation-maximisation and pruning for Unigram training, over distinct words with their counts.</summary>
sealed class UnigramLearner(List<(string Text, long Count)> words, int threads)
{
    // A fixed number of parts, each summed by itself and added in order: the same sums with any number of threads.
    const int Parts = 16;

    /// <summary>Expected counts below this are dropped (SentencePiece's value).</summary>
    const double MinimumExpectation = 0.5;

    readonly int threads = threads > 0 ? threads : Environment.ProcessorCount;

    /// <summary>One round: expected counts under the present probabilities, then new probabilities by the variational rule exp(ψ(c)) / exp(ψ(Σc)).</summary>
    public List<(string Text, double Score)> Maximize(List<(string Text, double Score)> pieces, HashSet<string> required)
    {
        var trie = new PieceTrie(pieces.Select((p, id) => (p.Text, id)));
        var sums = Sum(pieces.Count, (word, count, expected, lattice) => lattice.AddExpectations(word, count, trie, pieces, expected));
        var kept = new List<(string Text, double Score)>();
        double total = 0;
        for (int id = 0; id < pieces.Count; id++)
        {
            double expected = sums[id];
            if (expected < MinimumExpectation)
            {
                if (!required.Contains(pieces[id].Text)) continue;
                expected = MinimumExpectation;
            }
            kept.Add((pieces[id].Text, expected));
            total += expected;
        }
        double normalizer = Digamma(total);
        for (int i = 0; i < kept.Count; i++) kept[i] = (kept[i].Text, Digamma(kept[i].Score) - normalizer);
        return kept;
    }

    /// <summary>
    /// Keeps the pieces whose removal would cost the likelihood most. Without a piece its occurrences would be spelled by its next best
    /// segmentation; a piece that is not even its own best spelling goes first, and one that has no other spelling stays.
    /// </summary>
    public List<(string Text, double Score)> Prune(List<(string Text, double Score)> pieces, HashSet<string> required, int size)
    {
        var trie = new PieceTrie(pieces.Select((p, id) => (p.Text, id)));
        var frequency = Sum(pieces.Count, (word, count, counts, lattice) => lattice.AddBestPath(word, count, trie, pieces, counts));
        double total = frequency.Sum(), logTotal = Math.Log(total);
        var losses = new double[pieces.Count];
        Parallel.For(0, Parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            var lattice = new UnigramLattice();
            for (int id = part; id < pieces.Count; id += Parts)
            {
                if (required.Contains(pieces[id].Text))
                {
                    losses[id] = double.PositiveInfinity;
                    continue;
                }
                var alternative = lattice.BestPathWithout(pieces[id].Text, trie, pieces, id, out double score);
                // Not its own best spelling, or never used: nothing is lost.
                if (score >= pieces[id].Score || frequency[id] == 0) continue;
                // The likelihood with the piece's occurrences moved to its alternative, whose pieces become more frequent.
                double withPiece = Math.Log(frequency[id]) - logTotal;
                double logTotalAfter = Math.Log(total + frequency[id] * (alternative.Count - 1));
                double without = alternative.Sum(other => Math.Log(frequency[other] + frequency[id]) - logTotalAfter);
                losses[id] = frequency[id] / total * (withPiece - without);
            }
        });
        var order = Enumerable.Range(0, pieces.Count).OrderByDescending(id => losses[id]).ThenByDescending(id => pieces[id].Score).ThenBy(id => pieces[id].Text, StringComparer.Ordinal);
        return [.. order.Take(Math.Max(size, required.Count)).Order().Select(id => pieces[id])];
    }

    double[] Sum(int size, Action<string, long, double[], UnigramLattice> add)
    {
        var parts = new double[Parts][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = Operation.Current.CancellationToken };
        Parallel.For(0, Parts, options, part =>
        {
            parts[part] = new double[size];
            var lattice = new UnigramLattice();
            for (int i = part; i < words.Count; i += Parts) add(words[i].Text, words[i].Count, parts[part], lattice);
        });
        var sums = new double[size];
        foreach (double[] part in parts)
            for (int i = 0; i < size; i++) sums[i] += part[i];
        return sums;
    }

    /// <summary>The logarithmic derivative of the gamma function, by its recurrence and asymptotic series (Abramowitz and Stegun 6.3.18).</summary>
    static double Digamma(double x)
    {
        double result = 0;
        for (; x < 7; x++) result -= 1 / x;
        double y = 1 / (x * x);
        return result + Math.Log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
    }
}
