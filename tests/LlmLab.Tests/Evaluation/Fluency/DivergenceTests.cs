using LlmLab.Evaluation.Fluency;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Evaluation;

public sealed class DivergenceTests
{
    // By hand: with disjoint histograms the points are ((1 − w)⁵, w⁵), and the area under them is 5 B(6, 5) = 1/252.
    [Fact]
    public void Score_DisjointHistograms_TendsToTheIntegral()
    {
        Assert.Equal(1 / 252.0, DivergenceFrontier.Of([1, 0], [0, 1], new() { Points = 2000 }).Score, 6);
        Assert.Equal(0.004072, DivergenceFrontier.Of([1, 0], [0, 1]).Score, 6); // the floor that the authors' program shows
    }

    [Fact]
    public void Score_EqualHistograms_IsOne() => Assert.Equal(1, DivergenceFrontier.Of([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]).Score, 9);

    // Computed by a separate program from the formula.
    [Fact]
    public void Score_OverlappingHistograms_IsTheFormulas()
    {
        Assert.Equal(0.821409983611646, DivergenceFrontier.Of([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]).Score, 12);
        Assert.Equal(0.08260150772177809, DivergenceFrontier.Of([0.9, 0.1], [0.1, 0.9]).Score, 12);
    }

    [Fact]
    public void Score_SwappedSides_IsTheSame() =>
        Assert.Equal(DivergenceFrontier.Of([0.7, 0.2, 0.1], [0.2, 0.2, 0.6]).Score, DivergenceFrontier.Of([0.2, 0.2, 0.6], [0.7, 0.2, 0.1]).Score, 9);

    [Fact]
    public async Task Compare_TextsOfTwoTopics_IsLowAndOfOneTopicHigh()
    {
        var random = new Random(1);
        string[] Texts(string words, int count) => [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 30).Select(_ => words.Split(' ')[random.Next(8)])))];
        const string Sea = "ship sail wave harbour anchor tide mast crew", Office = "budget invoice report contract plan order clerk audit";

        var alike = await DivergenceFrontier.CompareAsync(Texts(Sea, 60), Texts(Sea, 60));
        var apart = await DivergenceFrontier.CompareAsync(Texts(Sea, 60), Texts(Office, 60));

        Assert.True(alike.Score > 0.7, $"{alike.Score}");
        Assert.True(apart.Score < 0.05, $"{apart.Score}");
        Assert.NotEmpty(apart.ToChart().ToPng());
    }

    [Fact]
    public async Task Compare_SameInput_GivesTheSameScore()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"text {i % 7} of {i}")];

        Assert.Equal((await DivergenceFrontier.CompareAsync(texts, texts[..30])).Score, (await DivergenceFrontier.CompareAsync(texts, texts[..30])).Score);
    }

    [Fact]
    public async Task Compare_TooFewTexts_IsRefused()
    {
        await Assert.ThrowsAsync<InvalidInputException>(() => DivergenceFrontier.CompareAsync(["a"], ["b"]));
        await Assert.ThrowsAsync<InvalidInputException>(() => DivergenceFrontier.CompareAsync([], []));
        Assert.Throws<InvalidInputException>(() => DivergenceFrontier.Of([0.5, 0.5], [1]));
        Assert.Throws<InvalidInputException>(() => DivergenceFrontier.Of([0.5, 0.4], [1, 0]));
    }

    [Fact]
    public async Task Embeddings_OfTexts_HaveLengthOneAndSharedWordsMakeThemNear()
    {
        using var embeddings = new HashedNgramEmbeddings();
        var vectors = (await embeddings.GenerateAsync(["The pump is broken.", "the PUMP was broken", "Invoices arrive late", "", "…"])).Select(one => one.Vector.ToArray()).ToArray();
        float Cosine(int i, int j) => vectors[i].Zip(vectors[j], (a, b) => a * b).Sum();

        Assert.Equal(1, Cosine(0, 0), 5);
        Assert.True(Cosine(0, 1) > 0.6 && Cosine(0, 2) < 0.3, $"{Cosine(0, 1)} {Cosine(0, 2)}");
        Assert.All(vectors[3].Concat(vectors[4]), value => Assert.Equal(0, value));
        Assert.Same(embeddings, embeddings.GetService<HashedNgramEmbeddings>());
    }

    [Fact]
    public void ReferencePerplexity_KnownLikelihoods_IsTheWeightedMean()
    {
        // 3 and 1 tokens at 2 and 4 nats: (6 + 4) / 4 = 2.5 nats a token.
        var score = ReferencePerplexity.Of(new FakeModel(text => text == "a b c" ? -6 : -4), ["a b c", "d", ""]);

        Assert.Equal(2.5, score.Loss.Value, 12);
        Assert.Equal(Math.Exp(2.5), score.Perplexity, 9);
        Assert.Equal(10 / Math.Log(2) / 6, score.BitsPerByte, 12);
        Assert.Equal([2, 4, double.NaN], score.ByText);
        Assert.Equal(1, score.Skipped);
    }

    [Fact]
    public void ReferencePerplexity_OnlyEmptySamples_IsRefused() =>
        Assert.Contains("none has a token", Assert.Throws<InvalidInputException>(() => ReferencePerplexity.Of(new FakeModel(_ => 0), ["", ""])).Message);
}
