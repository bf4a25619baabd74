using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class MemoryEstimateTests : IDisposable
{
    public MemoryEstimateTests() => TorchThreads.One();

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static readonly ModelSpec medium = new() { VocabularySize = 8_192, ContextLength = 512, LayerCount = 8, Width = 512, HeadCount = 8 };
    static readonly TrainingOptions options = new() { BatchSize = 64 };
    static readonly MeasuredSetting libTorch = new(512, Precision.Float32, 4, Kernels.LibTorch, 0);

    public static TheoryData<string> Presets => [.. Preset.All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Presets))]
    public void Parameters_Presets_AreThoseOfTheModel(string name)
    {
        var spec = Preset.Find(name).Spec;
        using var model = new LanguageModel(spec);
        Assert.Equal(model.ParameterCount, MemoryEstimate.Parameters(spec), 0.01 * model.ParameterCount);
    }

    [Theory]
    [InlineData(ModelFamily.Encoder)]
    [InlineData(ModelFamily.EncoderDecoder)]
    [InlineData(ModelFamily.Decoder)]
    public void Parameters_Families_AreThoseOfTheModel(ModelFamily family)
    {
        var spec = new ModelSpec { Family = family, VocabularySize = 500, Width = 128, HeadCount = 4, KeyValueHeadCount = 2, Activation = Activation.SwiGlu, TiedEmbeddings = false, LayerCount = 3, DecoderLayerCount = family == ModelFamily.EncoderDecoder ? 2 : null };
        using var model = new LanguageModel(spec);
        Assert.Equal(model.ParameterCount, MemoryEstimate.Parameters(spec), 0.01 * model.ParameterCount);
    }

    [Fact]
    public void CheckFits_TooLittleMemory_NamesWaysThatFit()
    {
        var estimate = MemoryEstimate.Of(medium, options, libTorch);
        long free = estimate.Total / 2;
        string message = Assert.Throws<InvalidInputException>(() => estimate.CheckFits(free)).Message;
        Assert.Contains("activation checkpointing", message);
        int batch = int.Parse(System.Text.RegularExpressions.Regex.Match(message, @"a batch of (\d+)").Groups[1].Value);
        Assert.InRange(MemoryEstimate.Of(medium, options with { BatchSize = batch }, libTorch).Total, 1, free);
        Assert.True(MemoryEstimate.Of(medium, options with { BatchSize = batch + 1 }, libTorch).Total > free);
        int length = int.Parse(System.Text.RegularExpressions.Regex.Match(message, @"sequences of (\d+) tokens").Groups[1].Value);
        Assert.InRange(MemoryEstimate.Of(medium, options with { SequenceLength = length }, libTorch).Total, 1, free);
        MemoryEstimate.Of(medium, options with { ActivationCheckpointing = true }, libTorch).CheckFits(free);
        estimate.CheckFits(estimate.Total);
    }

    [Fact]
    public void Bytes_ContainerWithALimit_IsWhatTheContainerHasLeft()
    {
        string information = Path.Combine(folder, "meminfo");
        File.WriteAllText(information, "MemTotal:       24000000 kB\nMemAvailable:   20000000 kB\n");
        Assert.Equal(20_000_000L * 1024, AvailableMemory.Bytes(information, folder));
        File.WriteAllText(Path.Combine(folder, "memory.max"), "max\n");
        File.WriteAllText(Path.Combine(folder, "memory.current"), "3000000000\n");
        Assert.Equal(20_000_000L * 1024, AvailableMemory.Bytes(information, folder));
        File.WriteAllText(Path.Combine(folder, "memory.max"), "4000000000\n");
        File.WriteAllText(Path.Combine(folder, "memory.stat"), "anon 1\ninactive_file 500000000\n");
        Assert.Equal(1_500_000_000, AvailableMemory.Bytes(information, folder));
    }
}
