using System.Text;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class BpeTests
{
    const int FirstByte = 25;

    static string Sample(int seed, int words)
    {
        var random = new Random(seed);
        string[] syllables = ["ab", "a", "ba", "aab", "cab", "é", "你", "x1", "!?", "ab ", " ba", "\n"];
        return string.Concat(Enumerable.Range(0, words).Select(_ => syllables[random.Next(syllables.Length)] + (random.Next(3) == 0 ? " " : "")));
    }

    /// <summary>Training by the definition: count all pairs again after every merge. Pairs that spell the same bytes merge together.</summary>
    static List<byte[]> PlainTraining(string text, int merges)
    {
        var tokens = Enumerable.Range(0, 256).Select(b => new[] { (byte)b }).ToList();
        var words = PieceScannerTests.Pieces(PieceScanner.For(PreTokenization.Cl100k), text)
            .Select(piece => Encoding.UTF8.GetBytes(piece).Select(b => (int)b).ToList()).ToList();
        for (int i = 0; i < merges; i++)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).Select(g => (Pair: g.Key, Count: g.Count()))
                .OrderByDescending(p => p.Count).ThenBy(p => p.Pair.First).ThenBy(p => p.Pair.Second).First().Pair;
            byte[] merged = [.. tokens[best.First], .. tokens[best.Second]];
            foreach (var word in words)
                for (int at = 0; at + 1 < word.Count; at++)
                {
                    if (!tokens[word[at]].Concat(tokens[word[at + 1]]).SequenceEqual(merged)) continue;
                    word[at] = tokens.Count;
                    word.RemoveAt(at + 1);
                }
            tokens.Add(merged);
        }
        return tokens;
    }

    /// <summary>Encoding by the definition: in each piece merge the leftmost pair of the lowest rank until none merges.</summary>
    static int[] PlainEncoding(ByteLevelBpeTokenizer tokenizer, string text)
    {
        var ids = new Dictionary<string, int>();
        for (int id = 0; id < tokenizer.Vocabulary.Tokens.Count; id++)
            if (tokenizer.Vocabulary.Tokens[id] is { } bytes) ids.TryAdd(Encoding.Latin1.GetString(bytes), id);
        var result = new List<int>();
        foreach (string piece in PieceScannerTests.Pieces(PieceScanner.For(tokenizer.Vocabulary.Pattern), text))
        {
            var parts = Encoding.UTF8.GetBytes(piece).Select(b => ((char)b).ToString()).ToList();
            if (ids.TryGetValue(string.Concat(parts), out int whole)) parts = [string.Concat(parts)];
            while (parts.Count > 1)
            {
                int best = Enumerable.Range(0, parts.Count - 1).MinBy(i => ids.GetValueOrDefault(parts[i] + parts[i + 1], int.MaxValue));
                if (!ids.ContainsKey(parts[best] + parts[best + 1])) break;
                parts[best] += parts[best + 1];
                parts.RemoveAt(best + 1);
            }
            result.AddRange(parts.Select(p => ids[p]));
        }
        return [.. result];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_RandomText_EqualsTrainingByTheDefinition(int seed)
    {
        string text = Sample(seed, 2000);
        var tokenizer = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = FirstByte + 256 + 60, MinimumFrequency = 1 });
        Assert.Equal(PlainTraining(text, 60).Select(Convert.ToHexString), tokenizer.Vocabulary.Tokens.Skip(FirstByte).Select(t => Convert.ToHexString(t!)));
    }

    [Fact]
    public void Train_AnyNumberOfThreadsAndChunks_GivesTheSameVocabulary()
    {
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => Sample(i, 500))];
        string expected = TokenizerFile.ToJson(BpeTrainer.Train(texts, new BpeTrainingOptions { VocabularySize = 400, Threads = 1 }));
        Assert.Equal(expected, TokenizerFile.ToJson(BpeTrainer.Train(texts, new BpeTrainingOptions { VocabularySize = 400, Threads = 4 })));
        Assert.Equal(expected, TokenizerFile.ToJson(BpeTrainer.Train(texts.Reverse(), new BpeTrainingOptions { VocabularySize = 400, Threads = 3 })));
    }

    [Fact]
    public void Encode_RandomText_EqualsEncodingByTheDefinition()
    {
        var tokenizer = BpeTrainer.Train([Sample(1, 5000)], new BpeTrainingOptions { VocabularySize = 450, MinimumFrequency = 1 });
        for (int seed = 0; seed < 200; seed++)
        {
            string text = Sample(seed, 60);
            Assert.Equal(PlainEncoding(tokenizer, text), tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Fact]
    public void Merge_LongPieces_ByHeapEqualsByScan()
    {
        var tokenizer = BpeTrainer.Train([Sample(1, 5000)], new BpeTrainingOptions { VocabularySize = 450, MinimumFrequency = 1 });
        var merger = new BytePairMerger(new PairTable(tokenizer.AllSplits()), null);
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(2, 300)).Select(_ => FirstByte + "abcx!"[random.Next(5)])];
            int[] byScan = [.. ids], byHeap = [.. ids];
            int scanned = merger.MergeByScan(byScan, new int[ids.Length]), heaped = merger.MergeByHeap(byHeap);
            Assert.Equal(byScan[..scanned], byHeap[..heaped]);
        }
    }

    [Fact]
    public void EncodeParallel_LongText_EqualsOneThread()
    {
        var tokenizer = PublishedVocabulary.Cl100k();
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => Sample(i, 20_000) + "  \n\n  word's 12345 "));
        Assert.True(text.Length > 1_000_000);
        Assert.Equal(tokenizer.Encode(text), tokenizer.EncodeParallel(text.AsMemory(), threads: 4));
    }

    [Fact]
    public void Encode_FromSeveralThreads_GivesTheSameIds()
    {
        var tokenizer = PublishedVocabulary.Cl100k();
        string text = Sample(9, 3000);
        int[] expected = tokenizer.Encode(text);
        Parallel.For(0, 64, _ => Assert.Equal(expected, tokenizer.Encode(text)));
    }

    [Fact]
    public void Train_Coverage_StopsWhenSoManyWordsAreOneToken()
    {
        string text = Sample(4, 5000);
        double Share(ByteLevelBpeTokenizer tokenizer)
        {
            var pieces = PieceScannerTests.Pieces(PieceScanner.For(PreTokenization.Cl100k), text);
            return (double)pieces.Count(p => tokenizer.Encode(p).Length == 1) / pieces.Count;
        }
        var covering = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = 5000, Coverage = 0.6, MinimumFrequency = 1 });
        var before = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = covering.VocabularySize - 1, MinimumFrequency = 1 });
        Assert.True(Share(covering) >= 0.6);
        Assert.True(Share(before) < 0.6);
    }

    [Fact]
    public void Phrases_InText_AreOneTokenEach()
    {
        var tokenizer = BpeTrainer.Train([Sample(1, 3000)], new BpeTrainingOptions { VocabularySize = 320, Phrases = ["purchase order", "purchase"] });
        int order = tokenizer.Phrases["purchase order"], purchase = tokenizer.Phrases["purchase"];
        Assert.Equal([25, 26], [order, purchase]);
        int[] ids = tokenizer.Encode("a purchase order, a purchase.");
        Assert.Equal(1, ids.Count(id => id == order));
        Assert.Equal(1, ids.Count(id => id == purchase));
        Assert.Equal("a purchase order, a purchase.", tokenizer.Decode(ids));
        Assert.Contains(tokenizer.Tokenize("a purchase order"), t => t.Id == order && t.Offset.Equals(2..16));
    }
}
