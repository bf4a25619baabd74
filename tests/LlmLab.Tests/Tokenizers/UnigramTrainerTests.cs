using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.SentencePiece;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class UnigramTrainerTests
{
    static readonly List<(string Text, double Score)> pieces = [("a", -1.5), ("b", -1.2), ("c", -2), ("ab", -1.8), ("bc", -2.2), ("abc", -3.5), ("aa", -2.5)];

    /// <summary>Every segmentation of a word.</summary>
    static IEnumerable<int[]> Segmentations(string word)
    {
        if (word.Length == 0) return [[]];
        return Enumerable.Range(0, pieces.Count).Where(id => word.StartsWith(pieces[id].Text)).SelectMany(id => Segmentations(word[pieces[id].Text.Length..]).Select(rest => (int[])[id, .. rest]));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("aabcab")]
    [InlineData("abcabcaab")]
    public void AddExpectations_AWord_EqualsTheSumOverAllItsSegmentations(string word)
    {
        var expected = new double[pieces.Count];
        double total = Segmentations(word).Sum(s => Math.Exp(s.Sum(id => pieces[id].Score)));
        foreach (int[] segmentation in Segmentations(word))
            foreach (int id in segmentation) expected[id] += 3 * Math.Exp(segmentation.Sum(i => pieces[i].Score)) / total;
        var actual = new double[pieces.Count];
        new UnigramLattice().AddExpectations(word, 3, new PieceTrie(pieces.Select((p, id) => (p.Text, id))), pieces, actual);
        for (int id = 0; id < pieces.Count; id++) Assert.Equal(expected[id], actual[id], 12);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("aabcab")]
    [InlineData("abcabcaab")]
    public void Segment_AWord_IsItsMostProbableSegmentation(string word)
    {
        var segmenter = new UnigramSegmenter([.. pieces.Select(p => new Piece(p.Text, (float)p.Score))], singlePrecision: false);
        var found = new List<(int End, int Id)>();
        segmenter.Segment(word, found);
        Assert.Equal(Segmentations(word).MaxBy(s => s.Sum(id => pieces[id].Score))!, found.Select(f => f.Id));
    }

    [Fact]
    public void Train_AnyNumberOfThreads_GivesTheSameModel()
    {
        string[] texts = [.. Enumerable.Range(0, 30).Select(i => $"model {i} learns pieces; learning modelled pieces, pieced models {i * 7}.")];
        string Train(int threads) => TokenizerFile.ToJson(UnigramTrainer.Train(texts, new UnigramTrainingOptions { VocabularySize = 100, Threads = threads }));
        Assert.Equal(Train(1), Train(4));
    }

    [Fact]
    public void Train_RealText_SpellsHeldOutTextInAboutAsFewPiecesAsSentencePiece()
    {
        // spm_train 0.1.97, Unigram, 2,000 pieces, character coverage 1, normalisation identity, on the first 1,000,000 characters of
        // tinyshakespeare spells the rest in 39,946 pieces (spm_encode), line by line.
        string text = File.ReadAllText(SharedFiles.Data("corpora/tinyshakespeare.txt"));
        var tokenizer = UnigramTrainer.Train(text[..1_000_000].Split('\n'), new UnigramTrainingOptions { VocabularySize = 2000 + 26, AddDummyPrefix = true });
        int count = text[1_000_000..].Split('\n').Where(l => l.Length > 0).Sum(l => tokenizer.Encode(l).Length);
        Assert.InRange(count, 39_946 * 0.98, 39_946 * 1.02);
    }
}
