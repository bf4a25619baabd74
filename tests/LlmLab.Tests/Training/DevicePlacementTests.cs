using System.Collections;
using System.Reflection;
using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

/// <summary>Every tensor of a training on the device that is asked for: here libtorch's "meta" device, whose tensors have shapes and no numbers.</summary>
public sealed class DevicePlacementTests
{
    public DevicePlacementTests() => TorchThreads.One();

    static readonly Device meta = new(DeviceType.META);
    static readonly ModelSpec small = new() { VocabularySize = 40, ContextLength = 16, LayerCount = 2, Width = 32, HeadCount = 4 };

    public static TheoryData<string, ModelSpec> Specs => new()
    {
        { "decoder", small with { Positions = PositionKind.Rotary, QueryKeyNorm = true, ValueEmbeddings = true, InitialEmbeddingSkip = true, ShortConvolution = 3, TiedEmbeddings = false, NormAfterEmbedding = true, Biases = true } },
        { "any order", small with { TargetPositions = true } },
        { "encoder", small with { Family = ModelFamily.Encoder, Positions = PositionKind.Sinusoidal, TokenTypeCount = 2, HeadTransform = true, ClassCount = 3, SpanHead = true, EmbeddingWidth = 24, LexicalWidth = 8, WeightedPooling = true } },
        { "encoder and decoder", small with { Family = ModelFamily.EncoderDecoder, Positions = PositionKind.RelativeBias } },
    };

    [Theory, MemberData(nameof(Specs))]
    public void Setup_OnADevice_HasNoTensorElsewhere(string name, ModelSpec spec)
    {
        foreach (var optimizer in Enum.GetValues<OptimizerKind>())
        {
            var options = new TrainingOptions { Optimizer = optimizer, Kernels = Kernels.LibTorch };
            using var setup = new TrainingSetup(spec, options, new MeasuredSetting(spec.Width, Precision.BFloat16, 1, Kernels.LibTorch, 0), meta,
                initialise: model => Assert.Equal(DeviceType.CPU, model.Device.type));
            using var average = new WeightAverage(setup.Buffer, 0.9, setup.Pool);
            using var cache = new KeyValueCache(spec, device: setup.Model.Device);
            var found = TensorsOf(setup).Concat(TensorsOf(average)).Concat(TensorsOf(cache)).ToArray();
            Assert.True(found.Length > spec.LayerCount, name);
            Assert.All(found, t => Assert.True(t.Tensor.device.type == DeviceType.META, $"{t.Path} of {name} is on {t.Tensor.device}"));
        }
    }

    [Fact]
    public void Tables_ByReflection_AreFound()
    {
        // The walk is worth nothing if it misses what is no parameter.
        using var model = new LanguageModel(small with { Positions = PositionKind.Rotary });
        string[] paths = [.. TensorsOf(model).Select(t => t.Path)];
        Assert.Contains(paths, p => p.EndsWith("cosines", StringComparison.Ordinal));
        Assert.True(paths.Length >= model.parameters().Count());
    }

    [Fact]
    public void Input_OnADevice_IsThere()
    {
        var batch = new Batch(4, 8) { Positions = new long[32] };
        var input = batch.Input(1, 2, meta);
        Assert.All([input.Tokens, input.Positions!], t => Assert.Equal((DeviceType.META, 2L, 8L), (t.device.type, t.shape[0], t.shape[1])));
    }

    [Fact]
    public void Choose_CudaWhereThereIsNone_SaysWhereToSetItAndWhatItNeeds()
    {
        Assert.SkipWhen(cuda.is_available(), "this machine has a GPU that libtorch can use");
        Assert.Equal(ComputeDevice.Cpu, ComputeDevices.Choose(ComputeDevice.Auto));
        string message = Assert.Throws<InvalidInputException>(() => ComputeDevices.Choose(ComputeDevice.Cuda)).Message;
        foreach (string word in (string[])["--device", "options.device", "cpu"]) Assert.Contains(word, message);
        Assert.Contains(LibTorch.Backend == "cuda" ? "nvidia-smi" : "LLMLAB_LIBTORCH", message);
    }

    [Fact]
    public void Device_LeftToTheMachine_IsNotWrittenIntoRecipes()
    {
        Assert.DoesNotContain("device", new TrainingOptions().ToJson());
        var asked = new TrainingOptions { Device = ComputeDevice.Cuda };
        Assert.Equal(ComputeDevice.Cuda, TrainingOptions.FromJson(asked.ToJson()).Device);
        Assert.Equal(RecipeChanges.Fingerprint(small, new TrainingOptions()), RecipeChanges.Fingerprint(small, asked));
        Assert.Throws<InvalidInputException>(() => (asked with { Kernels = Kernels.Compiled }).Checked());
    }

    [Fact]
    public void OnDevice_TheProcessor_MeasuresItsProducts() => Assert.InRange(MachinePeak.OnDevice(CPU, ScalarType.Float32, 256), 0.1, 100_000);

    // All tensors that an object of LlmLab's or TorchSharp's modules holds, in its fields and theirs.
    static List<(string Path, Tensor Tensor)> TensorsOf(object root)
    {
        var (found, seen) = (new List<(string, Tensor)>(), new HashSet<object>(ReferenceEqualityComparer.Instance));
        void Visit(object? value, string path)
        {
            if (value is null or string or Device || value.GetType().IsPrimitive || !seen.Add(value)) return;
            if (value is Tensor tensor) found.Add((path, tensor));
            else if (value is IEnumerable items && value.GetType().FullName!.StartsWith("System", StringComparison.Ordinal) || value is Array) foreach (object? item in (IEnumerable)value) Visit(item, path);
            else if (value.GetType().Assembly == typeof(LanguageModel).Assembly)
                for (var type = value.GetType(); type is not null && type.Assembly == typeof(LanguageModel).Assembly; type = type.BaseType)
                    foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)) Visit(field.GetValue(value), $"{path}.{field.Name}");
        }
        Visit(root, root.GetType().Name);
        return found;
    }
}
