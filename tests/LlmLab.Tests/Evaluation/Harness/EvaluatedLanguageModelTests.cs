using LlmLab.Evaluation.Harness;
using LlmLab.Models;
using LlmLab.Tests.Training;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Likelihoods of the model's own: shared prefixes against one sequence at a time, windows, cuts, borders of tokens.</summary>
public sealed class EvaluatedLanguageModelTests
{
    static readonly string text = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"The valve {i % 37} of unit {i % 11} was closed on day {i % 23}, and the meter showed {i * 7 % 101} bars."));
    static readonly VocabularyTokenizer tokenizer = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = 400 });
    static readonly ModelSpec gpt2 = new() { VocabularySize = tokenizer.VocabularySize, LayerCount = 2, Width = 32, HeadCount = 2, ContextLength = 48 };

    static readonly ModelSpec modern = gpt2 with
    {
        Positions = PositionKind.Rotary,
        Norm = NormKind.RmsNorm,
        QueryKeyNorm = true,
        KeyValueHeadCount = 1,
        Activation = Activation.ReluSquared,
        TiedEmbeddings = false,
        ValueEmbeddings = true,
        InitialEmbeddingSkip = true,
        LogitSoftCap = 15,
    };

    public static TheoryData<string, ModelSpec> Specs => new()
    {
        { "GPT-2's shape", gpt2 },
        { "modern core", modern },
        { "sines", gpt2 with { Positions = PositionKind.Sinusoidal } },
        { "windowed: no trees", modern with { SlidingWindow = 8 } },
        { "relative bias: no trees", gpt2 with { Positions = PositionKind.RelativeBias } },
    };

    static EvaluatedLanguageModel Model(ModelSpec spec, bool plain = false)
    {
        TorchThreads.One();
        var model = new LanguageModel(spec, 3);
        using var generator = new Generator(7);
        using (no_grad())
            foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.2);
        return new EvaluatedLanguageModel(model, tokenizer, threads: 1) { IsPlain = plain };
    }

    static LogLikelihoodRequest[] Questions()
    {
        var draw = new Random(1);
        string Piece(int words) => string.Join(' ', text.Split(' ').Skip(draw.Next(3000)).Take(words));
        return [.. Enumerable.Range(0, 30).SelectMany(i =>
        {
            string context = i % 7 == 6 ? "" : Piece(1 + draw.Next(40));
            return Enumerable.Range(0, 4).Select(_ => new LogLikelihoodRequest(context, " " + Piece(1 + draw.Next(i == 12 ? 90 : 8))));
        })];
    }

    [Theory, MemberData(nameof(Specs))]
    public void LogLikelihoods_SharedAndBatched_EqualOneSequenceAtATime(string name, ModelSpec spec)
    {
        using var fast = Model(spec);
        using var plain = Model(spec, plain: true);
        Assert.NotNull(name);
        Assert.Equal(fast.Fingerprint, plain.Fingerprint);
        var requests = Questions();
        var (found, wanted) = (fast.LogLikelihoods(requests), plain.LogLikelihoods(requests));
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(wanted[i].Nats, found[i].Nats, 1e-4);
            Assert.Equal(wanted[i] with { Nats = 0 }, found[i] with { Nats = 0 });
        }
    }

    [Fact]
    public void LogLikelihoods_FourEndingsOfAQuestion_ReadTheQuestionOnce()
    {
        using var fast = Model(modern);
        using var plain = Model(modern, plain: true);
        var requests = Enumerable.Range(0, 40).SelectMany(i => Enumerable.Range(0, 4).Select(k => new LogLikelihoodRequest($"{text.Substring(37 * i, 60)} of unit {i}", $" was closed {k}"))).ToArray();
        fast.LogLikelihoods(requests);
        plain.LogLikelihoods(requests);
        Assert.True(fast.TokensRead * 1.7 < plain.TokensRead, $"{fast.TokensRead} tokens against {plain.TokensRead}");
    }

    [Fact]
    public void LogLikelihoods_OfAllNextTokens_AreADistribution()
    {
        using var model = Model(modern);
        var singles = Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.Decode([id])).Where(t => t.Length > 1 && t[0] == ' ' && tokenizer.EncodeToIds("closed" + t).Count == tokenizer.EncodeToIds("closed").Count + 1).ToArray();
        var scores = model.LogLikelihoods([.. singles.Select(t => new LogLikelihoodRequest("The valve 3 was closed", t))]);
        Assert.True(singles.Length > 20);
        Assert.InRange(scores.Sum(score => Math.Exp(score.Nats)), 0.01, 1);
        Assert.All(scores, score => Assert.Equal(1, score.TokenCount));
    }

    [Fact]
    public void LogLikelihoods_ContextLongerThanTheWindow_LosesItsStartAndSaysSo()
    {
        using var model = Model(gpt2);
        string tail = text[^400..], longer = text[..2000] + tail;
        var scores = model.LogLikelihoods([new(longer, " of unit 3"), new(text[..800] + longer, " of unit 3")]);
        Assert.True(scores[0].DroppedTokens > 100);
        Assert.True(scores[1].DroppedTokens > scores[0].DroppedTokens);
        Assert.All(scores, score => Assert.Equal(0, score.DroppedTokens % (gpt2.ContextLength / 8)));
        // All of the continuation is scored: its tokens are those that it has alone.
        Assert.Equal(tokenizer.EncodeToIds(" of unit 3").Count, scores[0].TokenCount);
    }

    [Fact]
    public void LogLikelihoods_ContinuationLongerThanTheWindow_IsScoredWhole()
    {
        using var model = Model(gpt2);
        string continuation = " " + text[..900];
        var score = model.LogLikelihoods([new("Read this.", continuation)])[0];
        Assert.Equal(tokenizer.EncodeToIds("Read this." + continuation).Count - tokenizer.EncodeToIds("Read this.").Count, score.TokenCount);
        Assert.True(score.TokenCount > gpt2.ContextLength);
    }

    [Fact]
    public void LogLikelihoods_SpaceAtTheEndOfTheContext_MovesToTheContinuation()
    {
        using var model = Model(modern);
        var scores = model.LogLikelihoods([new("The valve", " 3 of unit"), new("The valve ", "3 of unit")]);
        Assert.Equal(scores[0].Nats, scores[1].Nats, 1e-5);
        Assert.Equal(scores[0].TokenCount, scores[1].TokenCount);
    }

    [Fact]
    public void LogLikelihoods_MergeAcrossTheBorder_SplitsAtTheContextsOwnLength()
    {
        using var model = Model(modern);
        // "The val" + "ve 3": together "The valve 3", in which a token crosses the border.
        int context = tokenizer.EncodeToIds("The val").Count, whole = tokenizer.EncodeToIds("The valve 3").Count;
        var score = model.LogLikelihoods([new("The val", "ve 3")])[0];
        Assert.Equal(whole > context ? whole - context : tokenizer.EncodeToIds("ve 3").Count, score.TokenCount);
    }

    [Fact]
    public void RollingLogLikelihoods_LongText_ScoresEveryTokenOnce()
    {
        using var model = Model(modern);
        using var plain = Model(modern, plain: true);
        string[] texts = [text[..1500], text[..40], ""];
        var (scores, wanted) = (model.RollingLogLikelihoods(texts), plain.RollingLogLikelihoods(texts));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(tokenizer.EncodeToIds(texts[i]).Count, scores[i].TokenCount);
            Assert.Equal(wanted[i].Nats, scores[i].Nats, 1e-3);
        }
        // The whole text at once, where it fits, is the chain rule over its continuations.
        var chain = model.LogLikelihoods([new("", "The valve"), new("The valve", " 3")]).Sum(s => s.Nats);
        Assert.Equal(model.RollingLogLikelihoods(["The valve 3"])[0].Nats, chain, 1e-4);
        Assert.Equal(0, scores[2].TokenCount);
    }

    [Fact]
    public void GenerateUntil_SeveralPrompts_EndBeforeTheirStops()
    {
        using var model = Model(modern);
        var free = model.GenerateUntil([new("The valve", [], 20), new(text, [], 20)]);
        Assert.All(free, answer => Assert.NotEmpty(answer));
        string stop = free[0].Substring(free[0].Length / 2, 2);
        var stopped = model.GenerateUntil([new("The valve", [stop], 20)])[0];
        Assert.Equal(free[0][..free[0].IndexOf(stop, StringComparison.Ordinal)], stopped);
        Assert.Equal(0, model.DroppedTokens(new("The valve", [], 20)));
        Assert.Equal(tokenizer.EncodeToIds(text).Count + 1 - (modern.ContextLength - 20), model.DroppedTokens(new(text, [], 20)));
    }

    [Fact]
    public void Constructor_Encoder_SaysThatItHasNoLikelihoods()
    {
        TorchThreads.One();
        using var encoder = new LanguageModel(gpt2 with { Family = ModelFamily.Encoder });
        var error = Assert.Throws<InvalidInputException>(() => new EvaluatedLanguageModel(encoder, tokenizer, "bert"));
        Assert.Contains("decoders", error.Message);
    }
}
