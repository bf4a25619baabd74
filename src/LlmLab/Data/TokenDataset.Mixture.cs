namespace LlmLab.Data;

/// <summary>Mixing of several sources.</summary>
public sealed partial class TokenDataset
{
    /// <summary>
    /// Mixes datasets by weight, document by document, without copying tokens: at any place each source has had its share of the tokens,
    /// to within a document. A source that is used up begins again in another order; the last document is cut where the mixture ends.
    /// </summary>
    /// <param name="name">The mixture's name.</param>
    /// <param name="sources">Datasets of one tokenizer, each with its share of the tokens (above 0, of any sum).</param>
    /// <param name="seed">Decides the order of each source's documents.</param>
    /// <param name="tokens">Length of the mixture; null: the sum of the sources' lengths.</param>
    /// <returns>A view of the sources, which must stay open as long as it is used.</returns>
    /// <exception cref="InvalidInputException">No sources, a weight that is no positive number, or vocabularies that differ.</exception>
    public static TokenDataset Mix(string name, IReadOnlyList<(TokenDataset Dataset, double Weight)> sources, long seed, long? tokens = null)
    {
        if (sources.Count == 0) throw new InvalidInputException($"The mixture {name} has no sources.");
        foreach (var (dataset, weight) in sources)
        {
            if (!double.IsFinite(weight) || weight <= 0) throw new InvalidInputException($"The weight of {dataset.Name} in the mixture {name} is {weight}: expected a number above 0.");
            if (dataset.VocabularySize != sources[0].Dataset.VocabularySize)
                throw new InvalidInputException($"{dataset.Name} has a vocabulary of {dataset.VocabularySize} tokens and {sources[0].Dataset.Name} one of {sources[0].Dataset.VocabularySize}: encode both with one tokenizer.");
        }
        long length = tokens ?? sources.Sum(s => s.Dataset.Length);
        if (length < 1) throw new InvalidInputException($"The mixture {name} should have {length} tokens: expected at least 1.");

        var shard = new MixedShard([.. sources.Select(s => s.Dataset)], length);
        var decks = sources.Select((s, i) => new DocumentDeck(s.Dataset, seed, i)).ToArray();
        double total = sources.Sum(s => s.Weight);
        var taken = new long[sources.Count];
        while (shard.Filled < length)
        {
            // Whoever is furthest behind its share goes next; of equals the first.
            int next = Enumerable.Range(0, sources.Count).MaxBy(i => sources[i].Weight / total * (shard.Filled + 1) - taken[i]);
            var (start, count) = decks[next].Draw();
            taken[next] += shard.Add(next, start, count);
        }
        double bytes = sources.Select((s, i) => (double)s.Dataset.TextBytes / s.Dataset.Length * taken[i]).Sum();
        var description = new TokenDatasetDescription(name, sources[0].Dataset.VocabularySize, sources[0].Dataset.Description.TokenBytes, [length],
            sources.Any(s => s.Dataset.TextBytes == 0) ? 0 : (long)bytes, sources.Any(s => s.Dataset.Weights is not null),
            "mixture of " + string.Join(", ", sources.Select(s => FormattableString.Invariant($"{s.Dataset.Name} ({s.Weight / total:0.###})"))));
        return new TokenDataset(description, [shard], shard.Starts, description.HasWeights ? shard.MixedWeights() : null);
    }

    /// <summary>A source's documents in a shuffled order (Fisher and Yates), a new one each time they are used up.</summary>
    sealed class DocumentDeck(TokenDataset dataset, long seed, int source)
    {
        readonly long[] bounds = [.. dataset.DocumentStarts.Prepend(0).Append(dataset.Length).Distinct().Order()];
        int[] order = [];
        int next;
        ulong state = (ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)source * 0xD1B54A32D192ED03UL;

        public (long Start, long Count) Draw()
        {
            if (next == order.Length) Shuffle();
            int document = order[next++];
            return (bounds[document], bounds[document + 1] - bounds[document]);
        }

        void Shuffle()
        {
            order = [.. Enumerable.Range(0, bounds.Length - 1)];
            for (int i = order.Length - 1; i > 0; i--)
            {
                int other = (int)Math.BigMul(Random(), (ulong)i + 1, out _);
                (order[i], order[other]) = (order[other], order[i]);
            }
            next = 0;
        }

        // SplitMix64 (Steele, Lea and Flood 2014).
        ulong Random()
        {
            ulong z = state += 0x9E3779B97F4A7C15UL;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ z >> 27) * 0x94D049BB133111EBUL;
            return z ^ z >> 31;
        }
    }

    sealed class MixedShard(TokenDataset[] sources, long length) : ITokenShard
    {
        readonly List<(int Source, long Start)> parts = [];
        readonly List<long> starts = [];

        public long Length => length;

        public long Filled { get; private set; }

        public long[] Starts => [.. starts];

        /// <summary>Appends a document and says how much of it there was room for.</summary>
        public long Add(int source, long start, long count)
        {
            count = Math.Min(count, length - Filled);
            parts.Add((source, start));
            starts.Add(Filled);
            Filled += count;
            return count;
        }

        public void Read(long start, Span<long> destination)
        {
            int part = starts.BinarySearch(start);
            if (part < 0) part = ~part - 1;
            while (destination.Length > 0)
            {
                long end = part + 1 < starts.Count ? starts[part + 1] : length;
                int count = (int)Math.Min(destination.Length, end - start);
                sources[parts[part].Source].Read(parts[part].Start + start - starts[part], destination[..count]);
                destination = destination[count..];
                start += count;
                part++;
            }
        }

        public float[] MixedWeights()
        {
            var weights = new float[length];
            for (int part = 0; part < parts.Count; part++)
            {
                var mixed = weights.AsSpan((int)starts[part]..(int)(part + 1 < starts.Count ? starts[part + 1] : length));
                if (sources[parts[part].Source].Weights is { } own) own.AsSpan((int)parts[part].Start, mixed.Length).CopyTo(mixed);
                else mixed.Fill(1);
            }
            return weights;
        }

        public void Dispose() { }
    }
}
