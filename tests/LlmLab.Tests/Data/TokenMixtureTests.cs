using LlmLab.Data;

namespace LlmLab.Tests.Data;

public sealed class TokenMixtureTests
{
    /// <summary>Documents of 3 to 9 tokens; a token tells its source and its document.</summary>
    static TokenDataset Source(int source, int documents, bool weights = false)
    {
        var tokens = new List<int>();
        var starts = new List<long>();
        for (int document = 0; document < documents; document++)
        {
            starts.Add(tokens.Count);
            tokens.AddRange(Enumerable.Repeat(source * 1000 + document, 3 + document % 7));
        }
        return TokenDataset.FromTokens($"source-{source}", tokens.ToArray(), 5000, tokens.Count * 2, starts, weights ? [.. tokens.Select(t => t % 2 == 0 ? 0.5f : 2f)] : null);
    }

    static long[] All(TokenDataset dataset)
    {
        var tokens = new long[dataset.Length];
        dataset.Read(0, tokens);
        return tokens;
    }

    [Fact]
    public void Mix_ByWeight_EachSourceHasItsShareAtEveryPlace()
    {
        var mixture = TokenDataset.Mix("m", [(Source(0, 100), 3), (Source(1, 10), 1)], seed: 1, tokens: 4000);
        long[] tokens = All(mixture);
        Assert.Equal(4000, tokens.Length);
        long second = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            second += tokens[i] / 1000;
            Assert.InRange(second, (i + 1) * 0.25 - 9, (i + 1) * 0.25 + 9);
        }
    }

    [Fact]
    public void Mix_Documents_StayWholeAndAreAllUsedBeforeAnyRepeats()
    {
        var mixture = TokenDataset.Mix("m", [(Source(0, 40), 1), (Source(1, 10), 1)], seed: 2);
        long[] tokens = All(mixture);
        var documents = mixture.DocumentStarts.Zip(mixture.DocumentStarts.Skip(1)).Select(d => tokens[(int)d.First..(int)d.Second]).ToList();
        Assert.All(documents, d => Assert.Single(d.Distinct()));
        Assert.All(documents, d => Assert.Equal(3 + d[0] % 1000 % 7, d.Length));
        long[] small = [.. documents.Select(d => d[0]).Where(t => t >= 1000)];
        Assert.Equal(10, small.Take(10).Distinct().Count());
        Assert.Equal(10, small.Skip(10).Take(10).Distinct().Count());
        Assert.NotEqual(small.Take(10), small.Skip(10).Take(10));
    }

    [Fact]
    public void Mix_SameSeed_IsTheSameAndAnotherIsNot()
    {
        long[] Mixed(long seed) => All(TokenDataset.Mix("m", [(Source(0, 50), 1), (Source(1, 50), 2)], seed));
        Assert.Equal(Mixed(5), Mixed(5));
        Assert.NotEqual(Mixed(5), Mixed(6));
    }

    [Fact]
    public void Mix_LossWeights_FollowTheirTokens()
    {
        var mixture = TokenDataset.Mix("m", [(Source(0, 20, weights: true), 1), (Source(1, 20), 1)], seed: 3);
        long[] tokens = All(mixture);
        for (int i = 0; i < tokens.Length; i++) Assert.Equal(tokens[i] >= 1000 ? 1 : tokens[i] % 2 == 0 ? 0.5f : 2f, mixture.Weights![i]);
    }

    [Fact]
    public void Mix_ReadAnywhere_EqualsReadingAll()
    {
        var mixture = TokenDataset.Mix("m", [(Source(0, 30), 1), (Source(1, 30), 1)], seed: 4);
        long[] tokens = All(mixture);
        for (int start = 0; start < tokens.Length - 25; start += 7)
        {
            var part = new long[25];
            mixture.Read(start, part);
            Assert.Equal(tokens[start..(start + 25)], part);
        }
    }

    [Fact]
    public void Mix_WrongWeightOrVocabulary_NamesTheSource()
    {
        Assert.Contains("source-0", Assert.Throws<InvalidInputException>(() => TokenDataset.Mix("m", [(Source(0, 3), 0)], 1)).Message);
        var other = TokenDataset.FromTokens("other", new[] { 1, 2, 3 }, 9);
        Assert.Contains("vocabulary of 9", Assert.Throws<InvalidInputException>(() => TokenDataset.Mix("m", [(Source(0, 3), 1), (other, 1)], 1)).Message);
    }
}
