using LlmLab.Data;

namespace LlmLab.Tests.Data;

public sealed class TokenDatasetTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-tokens-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1_000)]      // two bytes a token
    [InlineData(100_000)]    // four
    public void Open_WhatWasWritten_ComesBackAcrossShards(int vocabularySize)
    {
        string path = Path.Combine(folder, "set");
        int[] first = [.. Enumerable.Range(0, 700)], second = [.. Enumerable.Range(0, 333).Select(i => vocabularySize - 1 - i)];
        using (var writer = new TokenDatasetWriter(path, "set", vocabularySize, shardTokens: 256))
        {
            writer.Add(first, 2_000);
            writer.Add(second, 999);
            writer.Complete().Dispose();
        }
        using var read = TokenDataset.Open(path);
        long[] all = new long[1_033];
        read.Read(0, all);
        Assert.Equal([.. first, .. second], all.Select(t => (int)t));
        Assert.Equal([0L, 700L], read.DocumentStarts);
        Assert.Equal(2_999, read.TextBytes);
        Assert.Equal(5, Directory.GetFiles(path, "tokens-*.bin").Length);
        long[] middle = new long[300];
        read.Read(650, middle);
        Assert.Equal(all[650..950], middle);
    }

    [Fact]
    public void Dispose_BeforeComplete_LeavesNothing()
    {
        using (var writer = new TokenDatasetWriter(Path.Combine(folder, "set"), "set", 10)) writer.Add([1, 2, 3], 3);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Open_CutOffShard_IsNamed()
    {
        string path = Path.Combine(folder, "set");
        using (var writer = new TokenDatasetWriter(path, "set", 10))
        {
            writer.Add([1, 2, 3], 3);
            writer.Complete().Dispose();
        }
        File.WriteAllBytes(Path.Combine(path, "tokens-000.bin"), [1, 0]);
        Assert.Contains("tokens-000.bin", Assert.Throws<InvalidInputException>(() => TokenDataset.Open(path)).Message);
    }

    [Fact]
    public void Add_TokenOutsideVocabulary_IsNamed()
    {
        using var writer = new TokenDatasetWriter(Path.Combine(folder, "set"), "set", 10);
        Assert.Contains("Token 10 at position 1", Assert.Throws<InvalidInputException>(() => writer.Add([3, 10], 2)).Message);
    }

    [Fact]
    public void FromTokens_WeightNotANumber_IsRefused() =>
        Assert.Contains("position 1", Assert.Throws<InvalidInputException>(() => TokenDataset.FromTokens("x", new[] { 1, 2 }, 5, weights: [1, float.NaN])).Message);

    [Fact]
    public void Split_Tenth_IsTheLastTenth()
    {
        var (training, validation) = TokenDataset.FromTokens("x", Enumerable.Range(0, 1_000).ToArray(), 1_000).Split();
        Assert.Equal((900, 100), (training.Length, validation.Length));
        long[] read = new long[2];
        validation.Read(0, read);
        Assert.Equal([900, 901], read);
    }

    [Fact]
    public void Next_FromASavedPosition_GivesTheSameBatch()
    {
        var data = TokenDataset.FromTokens("x", Enumerable.Range(0, 1_000).ToArray(), 1_000);
        var (sampler, again) = (new BatchSampler(data, 4, 8, 5), new BatchSampler(data, 4, 8, 5) { Position = 3 });
        var (one, other) = (new Batch(4, 8), new Batch(4, 8));
        for (int i = 0; i < 4; i++) sampler.Next(one);
        again.Next(other);
        Assert.Equal(one.Tokens, other.Tokens);
        Assert.Equal(one.Tokens.Select(t => t + 1), one.Targets);
    }

    [Fact]
    public void Next_ManyBatches_ReachAllPlacesEvenly()
    {
        var data = TokenDataset.FromTokens("x", Enumerable.Range(0, 18).ToArray(), 18);
        var sampler = new BatchSampler(data, 10, 8, 1);   // ten places
        var batch = new Batch(10, 8);
        int[] counts = new int[10];
        for (int i = 0; i < 1_000; i++)
        {
            sampler.Next(batch);
            for (int row = 0; row < 10; row++) counts[batch.Tokens[row * 8]]++;
        }
        Assert.All(counts, c => Assert.InRange(c, 880, 1_120));   // four standard deviations of 30
    }

    [Fact]
    public void Next_Shuffled_ReadsEveryWindowOnceAnEpoch()
    {
        var data = TokenDataset.FromTokens("x", Enumerable.Range(0, 801).ToArray(), 801);
        var sampler = new BatchSampler(data, 5, 8, 3, shuffled: true);   // 801 - 8 = 793 places, 100 windows, 20 batches
        var batch = new Batch(5, 8);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var starts = new List<long>();
            for (int i = 0; i < 20; i++)
            {
                sampler.Next(batch);
                for (int row = 0; row < 5; row++) starts.Add(batch.Tokens[row * 8]);
            }
            Assert.Equal(100, starts.Distinct().Count());
            Assert.NotEqual(starts.Order(), starts);
            Assert.All(starts.Order().Skip(1).Zip(starts.Order()), pair => Assert.InRange(pair.First - pair.Second, 1, 8));
        }
    }

    [Fact]
    public void BatchPipeline_OnAnotherThread_GivesTheSamplersBatches()
    {
        var data = TokenDataset.FromTokens("x", Enumerable.Range(0, 1_000).ToArray(), 1_000);
        var expected = new BatchSampler(data, 2, 4, 9);
        var batch = new Batch(2, 4);
        using var pipeline = new BatchPipeline(new BatchSampler(data, 2, 4, 9));
        for (int i = 0; i < 50; i++)
        {
            expected.Next(batch);
            var taken = pipeline.Take();
            Assert.Equal(batch.Tokens, taken.Tokens);
            pipeline.Return(taken);
        }
    }

    [Fact]
    public void BatchSampler_TooFewTokens_SaysHowMany() =>
        Assert.Contains("8 tokens, too few", Assert.Throws<InvalidInputException>(() => new BatchSampler(TokenDataset.FromTokens("x", new int[8], 5), 1, 8, 1)).Message);
}
