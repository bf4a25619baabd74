using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Models.Kernels;
using LlmLab.Runs;
using TorchSharp;

namespace LlmLab.Training;

/// <summary>One measured way to train.</summary>
/// <param name="Width">Width of the model that was measured.</param>
/// <param name="Precision">Operands of matrix products.</param>
/// <param name="Threads">Processor threads.</param>
/// <param name="Kernels">What computed the passes.</param>
/// <param name="StepMilliseconds">Fastest of a few training steps; 0 where it was not measured.</param>
/// <param name="Device">Where.</param>
public sealed record MeasuredSetting(int Width, Precision Precision, int Threads, Kernels Kernels, double StepMilliseconds, ComputeDevice Device = ComputeDevice.Cpu);

/// <summary>
/// What trains fastest on this machine: precision, kernels and number of threads, measured once by a few steps of a small and a wider model and
/// kept in the cache folder. A run writes what it used, and its resume uses the same.
/// </summary>
/// <param name="Machine">The processor, the number of processors and the library that it was measured with.</param>
/// <param name="Measured">All that was tried.</param>
public sealed record MachineSettings(string Machine, IReadOnlyList<MeasuredSetting> Measured)
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The file that they are kept in.</summary>
    public static string File => Path.Combine(CacheFolder.Path, "tune.json");

    /// <summary>
    /// How to train a model: as the options say, and what they leave open as it is fastest here. A GPU is driven by one thread, with bfloat16
    /// operands and libtorch's kernels; for the processor this machine is measured where that was not done before.
    /// </summary>
    /// <exception cref="InvalidInputException">The options ask for what does not go together or is not there.</exception>
    /// <param name="spec">The architecture.</param>
    /// <param name="options">How to train.</param>
    /// <param name="pointing">It learns to point at answers instead of predicting tokens.</param>
    public static MeasuredSetting Choose(ModelSpec spec, TrainingOptions options, bool pointing = false)
    {
        if (options.Kernels != Kernels.Compiled && ComputeDevices.Choose(options.Device) == ComputeDevice.Cuda)
            return new MeasuredSetting(spec.Width, options.Precision == Precision.Auto ? Precision.BFloat16 : options.Precision, 1, Kernels.LibTorch, 0, ComputeDevice.Cuda);
        return options is { Precision: not Precision.Auto, Threads: > 0, Kernels: not Kernels.Auto }
            ? new MeasuredSetting(spec.Width, options.Precision, options.Threads, options.Kernels, 0)
            : Current().Best(spec, options, pointing);
    }

    /// <summary>
    /// The fastest way to train a model on the processor, among those that the options leave open and that can serve it: as measured at the nearest width.
    /// </summary>
    /// <exception cref="InvalidInputException">The options ask for what does not go together or was not measured here.</exception>
    public MeasuredSetting Best(ModelSpec spec, TrainingOptions options, bool pointing = false)
    {
        int nearest = Measured.Select(m => m.Width).Distinct().MinBy(w => Math.Abs(Math.Log((double)w / spec.Width)));
        bool compiles = !options.ActivationCheckpointing && CompiledWeights.WhyNot(spec, pointing ? spec.ContextLength : options.SequenceLength ?? spec.ContextLength, pointing) is null;
        var open = Measured.Where(m => m.Width == nearest
            && (options.Precision == Precision.Auto || m.Precision == options.Precision)
            && (options.Kernels == Kernels.Auto ? m.Kernels != Kernels.Compiled || compiles : m.Kernels == options.Kernels)).ToArray();
        if (open.Length == 0)
            throw new InvalidInputException($"Kernels {options.Kernels} with precision {options.Precision} do not go together here: leave one of the two to be chosen.");
        // A number of threads that was not measured gets what is fastest on another.
        var chosen = open.OrderBy(m => options.Threads != 0 && m.Threads != options.Threads)
            .ThenBy(m => m.StepMilliseconds * (pointing && m.Kernels != Kernels.Compiled ? PaddingCost : 1)).First();
        return options.Threads > 0 ? chosen with { Threads = options.Threads } : chosen;
    }

    // What is measured is windows of one length. Texts to point into have many, and libtorch's operators pad them: a reader's step, equally fast
    // on windows, took them 1.5 times as long as the compiled kernels.
    const double PaddingCost = 1.5;

    /// <summary>The settings of this machine: read, or measured (a few seconds) where none are kept.</summary>
    public static MachineSettings Current()
    {
        if (System.IO.File.Exists(File))
        {
            try
            {
                if (JsonSerializer.Deserialize<MachineSettings>(System.IO.File.ReadAllText(File), json) is { } kept && kept.Machine == MachineName() && kept.Measured.Count > 0) return kept;
            }
            catch (JsonException)
            {
                // Measured again below: a cache may be lost at any time.
            }
        }
        return Measure();
    }

    /// <summary>Measures and keeps the result.</summary>
    public static MachineSettings Measure()
    {
        int all = Environment.ProcessorCount;
        int[] threadCounts = [.. new[] { all, Math.Max(1, all / 2) }.Distinct()];
        int[] widths = [128, 384];
        (Precision, Kernels)[] ways = [(Precision.Float32, Kernels.LibTorch), (Precision.BFloat16, Kernels.LibTorch), (Precision.BFloat16, Kernels.Compiled)];
        if (CompiledWeights.WhyNot(SpecOf(widths[0]), Context) is not null) ways = ways[..2];
        var measured = new List<MeasuredSetting>();
        int total = widths.Length * threadCounts.Length * ways.Length;
        foreach (int width in widths)
            foreach (int threads in threadCounts)
                foreach (var (precision, kernels) in ways)
                {
                    double fastest = measured.Where(m => m.Width == width).Select(m => m.StepMilliseconds).DefaultIfEmpty(double.MaxValue).Min();
                    measured.Add(new MeasuredSetting(width, precision, threads, kernels, MeasureStep(width, precision, threads, kernels, fastest)));
                    Operation.Current.Report("measuring this machine", measured.Count, total, "settings");
                }
        var settings = new MachineSettings(MachineName(), measured);
        AtomicFile.WriteText(File, JsonSerializer.Serialize(settings, json) + "\n");
        return settings;
    }

    internal static string MachineName() =>
        $"{RunEnvironment.ProcessorName()}, {Environment.ProcessorCount} processors, TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)} {LibTorch.Backend}";

    const int Context = 64, Sequences = 12;

    static ModelSpec SpecOf(int width) => new() { VocabularySize = 256, Width = width, HeadCount = width / 32, LayerCount = width < 256 ? 4 : 2, ContextLength = Context };

    // A way that is far slower than another is not measured closely: libtorch's bfloat16 takes seconds a step on processors without such products.
    const double Hopeless = 10;

    static double MeasureStep(int width, Precision precision, int threads, Kernels kernels, double fastest)
    {
        using var model = new LanguageModel(SpecOf(width));
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(threads, 1);
        using var engine = IGradientEngine.Create(kernels, model, buffer, pool, precision, 1, Sequences, Context);
        var batch = new Batch(Sequences, Context);
        for (int i = 0; i < batch.Tokens.Length; i++) (batch.Tokens[i], batch.Targets[i]) = (i * 31 % 256, i * 37 % 256);
        double best = double.MaxValue;
        // The first steps touch memory for the first time; the fastest of the rest is the least disturbed by other programs.
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < 6 || Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(0.4); i++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Accumulate(batch, 1, i);
            engine.Reduce();
            engine.Clear();
            double taken = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (taken > Hopeless * fastest) return taken;
            if (i > 1) best = Math.Min(best, taken);
        }
        return best;
    }
}
