using LlmLab.Data.Pipeline.Similarity;
using LlmLab.Data.Warehouse;

namespace LlmLab.Tests.Data.Pipeline;

public sealed class MinHashTests
{
    static uint[] Set(Random random, int size) => [.. Enumerable.Range(0, size).Select(_ => (uint)random.NextInt64(uint.MaxValue)).Distinct().Order()];

    [Fact]
    public void Signature_Vectorised_EqualsTheDefinition()
    {
        var random = new Random(1);
        foreach (int size in (int[])[0, 1, 2, 17, 400])
            foreach (int permutations in (int[])[16, 48, 128])
            {
                var minHash = new MinHash(permutations, 7);
                uint[] set = Set(random, size);
                Assert.Equal(minHash.PlainSignature(set), minHash.Signature(set));
            }
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Estimate_OfKnownOverlap_IsUnbiasedWithItsStandardError(double jaccard)
    {
        var random = new Random(2);
        var minHash = new MinHash(1024, 3);
        double sum = 0;
        const int Trials = 60;
        for (int trial = 0; trial < Trials; trial++)
        {
            uint[] all = Set(random, 2_000);
            int shared = (int)(all.Length * jaccard);
            int half = shared + (all.Length - shared) / 2;
            sum += MinHash.Estimate(minHash.Signature(all.AsSpan(0, half)), minHash.Signature([.. all[..shared], .. all[half..]]));
        }
        double error = Math.Sqrt(jaccard * (1 - jaccard) / 1024 / Trials);
        Assert.InRange(sum / Trials, jaccard - 5 * error, jaccard + 5 * error);
    }

    [Fact]
    public void Shingles_OfText_AreItsWordRuns()
    {
        Assert.Equal(4, WordShingles.Of("The cat, the dog; the cat!", 2).Length); // the cat, cat the, the dog, dog the
        Assert.Equal(WordShingles.Of("One two  THREE", 2), WordShingles.Of("one, two three.", 2));
        Assert.Single(WordShingles.Of("two words", 5));
        Assert.Empty(WordShingles.Of("—", 5));
        // a b c d / a b c e: shared "a b", "b c"; all "a b", "b c", "c d", "c e".
        Assert.Equal(0.5, WordShingles.Jaccard(WordShingles.Of("a b c d", 2), WordShingles.Of("a b c e", 2)));
    }

    [Fact]
    public void Pairs_AgainstAllComparisons_HaveFullPrecisionAndHighRecall()
    {
        var random = new Random(4);
        string[] vocabulary = [.. Enumerable.Range(0, 3_000).Select(i => "w" + i)];
        var texts = new List<string>();
        for (int i = 0; i < 150; i++)
        {
            string[] words = [.. Enumerable.Range(0, 200).Select(_ => vocabulary[random.Next(vocabulary.Length)])];
            texts.Add(string.Join(' ', words));
            // One copy with 1 to 20 words replaced: similarities from about 0.25 to 0.95.
            for (int edits = 1 + i % 20; edits > 0; edits--) words[random.Next(words.Length)] = vocabulary[random.Next(vocabulary.Length)];
            texts.Add(string.Join(' ', words));
        }
        uint[][] sets = [.. texts.Select(t => WordShingles.Of(t, 5))];
        var exact = new HashSet<(int, int)>();
        for (int i = 0; i < sets.Length; i++)
            for (int j = i + 1; j < sets.Length; j++)
                if (WordShingles.Jaccard(sets[i], sets[j]) >= 0.7) exact.Add((i, j));
        Assert.InRange(exact.Count, 30, 150);

        using var warehouse = DataWarehouse.InMemory();
        using var index = new SimilarityIndex(new SimilarityOptions(), warehouse);
        foreach (string text in texts) index.Add(index.Signature(text));
        bool[] present = [.. Enumerable.Repeat(true, texts.Count)];
        var found = index.Pairs(0.7, present, i => texts[i], 2).Select(p => (p.First, p.Second)).ToHashSet();
        Assert.Subset(exact, found);
        Assert.True(found.Count >= 0.98 * exact.Count, $"{found.Count} of {exact.Count} pairs were found");
        Assert.InRange(index.Compared, found.Count, texts.Count * 20);
    }

    [Fact]
    public void Pairs_OfManyAlikeDocuments_StayFew()
    {
        using var warehouse = DataWarehouse.InMemory();
        using var index = new SimilarityIndex(new SimilarityOptions(), warehouse);
        string template = string.Join(' ', Enumerable.Range(0, 300).Select(i => "t" + i));
        string[] texts = [.. Enumerable.Range(0, 2_000).Select(i => $"{template} number {i}")];
        foreach (string text in texts) index.Add(index.Signature(text));
        var pairs = index.Pairs(0.7, [.. Enumerable.Repeat(true, texts.Length)], i => texts[i], 2);
        Assert.Equal(texts.Length, pairs.SelectMany(p => new[] { p.First, p.Second }).Distinct().Count());
        Assert.InRange(index.Compared, texts.Length - 1, texts.Length * 200);
    }
}
