using LlmLab.Generation;
using LlmLab.Models;
using LlmLab.Tests.Training;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Generation;

public sealed class TextGeneratorTests
{
    public TextGeneratorTests() => TorchThreads.One();

    static LanguageModel Model(PositionKind positions = PositionKind.Rotary) => new(new ModelSpec
    {
        VocabularySize = 20,
        ContextLength = 16,
        LayerCount = 2,
        Width = 32,
        HeadCount = 4,
        Positions = positions,
        WeightDeviation = 0.3,
        EmbeddingDeviation = 1,
    }, 4);

    [Theory]
    [InlineData(PositionKind.Rotary)]
    [InlineData(PositionKind.Learned)]
    public void Tokens_WithCache_EqualFullRecompute(PositionKind positions)
    {
        using var model = Model(positions);
        var generator = new TextGenerator(model);
        var options = new GenerationOptions { MostTokens = 60, Temperature = 0.9, Seed = 3 };   // far beyond the context: it slides
        Assert.Equal(generator.Tokens([1, 2, 3], options with { UseCache = false }), generator.Tokens([1, 2, 3], options));
    }

    [Fact]
    public void Tokens_TemperatureZero_IsTheLikeliestEachTime()
    {
        using var model = Model();
        var generator = new TextGenerator(model);
        Assert.Equal(generator.Tokens([5], new GenerationOptions { MostTokens = 10, Temperature = 0 }), generator.Tokens([5], new GenerationOptions { MostTokens = 10, TopK = 1, Seed = 99 }));
    }

    [Fact]
    public void Tokens_SameSeed_AreTheSame()
    {
        using var model = Model();
        var generator = new TextGenerator(model);
        var options = new GenerationOptions { MostTokens = 40, Seed = 8 };
        var first = generator.Tokens([5], options).ToArray();
        Assert.Equal(first, generator.Tokens([5], options));
        Assert.NotEqual(first, generator.Tokens([5], options with { Seed = 9 }));
    }

    [Fact]
    public void Tokens_StopAtTheContext_EndsThere()
    {
        using var model = Model();
        var tokens = new TextGenerator(model).Tokens([1, 2, 3], new GenerationOptions { MostTokens = 100, Overflow = ContextOverflow.Stop });
        Assert.Equal(16 - 3 + 1, tokens.Count());   // the last one is written but need not be read
    }

    [Fact]
    public void Tokens_PromptLongerThanContext_SaysBothLengths()
    {
        using var model = Model();
        string message = Assert.Throws<InvalidInputException>(() => new TextGenerator(model).Tokens(new int[17], new GenerationOptions())).Message;
        Assert.Contains("17", message);
        Assert.Contains("16", message);
    }

    [Fact]
    public void Draw_ManyTimes_FollowsTheSoftmax()
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(5)];
        var sampler = new TokenSampler(new GenerationOptions());
        int[] counts = new int[3];
        for (int i = 0; i < 80_000; i++) counts[sampler.Draw(logits)]++;
        Assert.Equal(0.125, counts[0] / 80_000.0, 0.006);
        Assert.Equal(0.25, counts[1] / 80_000.0, 0.008);
        Assert.Equal(0.625, counts[2] / 80_000.0, 0.008);
    }

    [Theory]
    [InlineData(null, 0.6, new[] { 2 })]        // 0.625 alone reaches 0.6
    [InlineData(null, 0.7, new[] { 1, 2 })]
    [InlineData(2, null, new[] { 1, 2 })]
    public void Draw_TopKAndTopP_KeepTheLikeliest(int? topK, double? topP, int[] expected)
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(5)];
        var sampler = new TokenSampler(new GenerationOptions { TopK = topK, TopP = topP });
        Assert.Equal(expected, Enumerable.Range(0, 2_000).Select(_ => sampler.Draw(logits)).Distinct().Order());
    }

    [Fact]
    public void Generate_ModelWithMoreTokensThanTheTokenizer_WritesOnlyThoseThatItKnows()
    {
        var tokenizer = WordLevelTrainer.TrainCharacters(["abcdef"]);
        using var model = new LanguageModel(new ModelSpec { VocabularySize = 4 * tokenizer.VocabularySize, ContextLength = 16, LayerCount = 1, Width = 32, HeadCount = 4 }, 4);
        var options = new GenerationOptions { MostTokens = 100, Temperature = 5, Seed = 3, ExcludedTokens = [.. tokenizer.SpecialTokens.Values] };
        Assert.Equal(100, new TextGenerator(model, tokenizer).Generate("a", options).Length);
        Assert.Contains(new TextGenerator(model).Tokens([0], options), token => token >= tokenizer.VocabularySize);   // without the tokenizer nobody knows
    }
}
