using LlmLab.Models;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class PresetTests
{
    public PresetTests() => TorchThreads.One();

    public static TheoryData<string> Names => [.. Preset.All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Names))]
    public void All_EveryShippedPreset_MakesAModelAndSaysWhatItIs(string name)
    {
        var preset = Preset.Find(name);
        using var model = new LanguageModel(preset.Spec, preset.Options.Seed);
        Assert.True(model.ParameterCount > 0);
        Assert.NotEmpty(preset.Documentation);
        Assert.NotEqual(preset.Summary, preset.Documentation);
    }

    [Theory]
    [InlineData(2, 128, 2)]
    [InlineData(12, 768, 12)]
    [InlineData(20, 1280, 10)]   // nanochat's d20: width 1,280, 10 heads of 128
    public void FromDepth_Depth_DerivesNanochatsShape(int depth, int width, int heads)
    {
        var recipe = DepthRecipe.FromDepth(depth, 1_000);
        Assert.Equal((width, heads, depth), (recipe.Spec.Width, recipe.Spec.HeadCount, recipe.Spec.LayerCount));
        double tokens = (double)recipe.Options.Steps * recipe.Options.BatchSize * recipe.Spec.ContextLength;
        double weights = 12.0 * depth * width * width + 1_000.0 * width;
        Assert.InRange(tokens / weights, 19, 21);
        Assert.NotEmpty(recipe.Reasons);
    }

    [Fact]
    public void Components_NanoGptCpuRecipe_SumToTheModelAndTheLawOfSixN()
    {
        using var model = new LanguageModel(Preset.Find("shakespeare-char-cpu").Spec);
        var lines = ModelAnalysis.Components(model);
        Assert.Equal(model.ParameterCount, lines[^1].Parameters);
        // 2 operations a weight of the blocks and head, and half of 4·layers·width·context for the scores that the mask leaves.
        Assert.Equal(2.0 * (4 * 12 * 128 * 128 + 65 * 128) + 4 * 4.0 * 64 * 128 / 2, lines[^1].ForwardFlops);
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "not a preset")]
    [InlineData("{}", "has no \"name\"")]
    [InlineData("""{ "name": "a", "summary": "b", "documentation": "c", "text": "d", "tokenizer": "characters" }""", "has no \"spec\"")]
    [InlineData("""{ "name": "a", "summary": "b", "documentation": "c", "text": "d", "tokenizer": "characters", "spec": { "vocabularySize": 5 } }""", "has no \"options\"")]
    [InlineData("""{ "name": 3 }""", "not a preset")]
    public void Parse_Incomplete_SaysWhatIsMissing(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => Preset.Parse(json, "a.json")).Message);
}
