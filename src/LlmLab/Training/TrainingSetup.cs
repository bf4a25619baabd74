using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using TorchSharp;

namespace LlmLab.Training;

/// <summary>What every training needs, all of it on one device: model, flat weights and gradients, threads, gradient engine, optimizer, made from spec and options.</summary>
sealed class TrainingSetup : IDisposable
{
    /// <param name="spec">The architecture.</param>
    /// <param name="options">How to train.</param>
    /// <param name="settings">Device, precision, kernels and threads.</param>
    /// <param name="initialise">Changes the initial weights, of a model on the processor; null: they are as drawn.</param>
    /// <param name="pointing">It learns to point at answers instead of predicting tokens.</param>
    public TrainingSetup(ModelSpec spec, TrainingOptions options, MeasuredSetting settings, Action<LanguageModel>? initialise = null, bool pointing = false)
        : this(spec, options, settings, ComputeDevices.Open(settings.Device), initialise, pointing)
    {
    }

    internal TrainingSetup(ModelSpec spec, TrainingOptions options, MeasuredSetting settings, torch.Device device, Action<LanguageModel>? initialise = null, bool pointing = false)
    {
        NativeMemory.KeepLargeBlocks();
        this.options = options;
        Length = options.SequenceLength ?? spec.ContextLength;
        Model = new LanguageModel(spec, options.Seed, device);
        if (initialise is not null) Initialise(initialise);
        Buffer = new ParameterBuffer(Model);
        Pool = new WorkerPool(settings.Threads, torchThreads: 1);
        Engine = IGradientEngine.Create(settings.Kernels, Model, Buffer, Pool, settings.Precision, options.Seed, options.BatchSize, pointing ? spec.ContextLength : Length, options.ActivationCheckpointing, pointing);
        Optimizer = IOptimizer.Create(Buffer, options, Pool, Model.PackedParts, settings.Precision, settings.Kernels);
    }

    readonly TrainingOptions options;

    // Those who change weights have their numbers in the processor's memory.
    void Initialise(Action<LanguageModel> change)
    {
        using var none = torch.no_grad();
        using var host = Model.Device.type == DeviceType.CPU ? null : new LanguageModel(Model.Spec, options.Seed);
        change(host ?? Model);
        if (host is null) return;
        foreach (var (name, parameter) in host.named_parameters()) Model.get_parameter(name)!.copy_(parameter);
    }

    /// <summary>Tokens of a training window.</summary>
    public int Length { get; }
    public LanguageModel Model { get; }
    public ParameterBuffer Buffer { get; }
    public WorkerPool Pool { get; }
    public IGradientEngine Engine { get; }
    public IOptimizer Optimizer { get; }

    /// <summary>The batches of next-token prediction, or of the objective that the options name.</summary>
    /// <param name="data">The tokens.</param>
    /// <param name="first">Number of the first batch.</param>
    public BatchPipeline Batches(TrainingData data, long first = 0) => new(
        new BatchSampler(data.Training, options.BatchSize, Length, options.Seed, options.Sampling != SamplingKind.Random, options.Sampling == SamplingKind.Aligned) { Position = first },
        options.Objective == ObjectiveKind.Causal ? null : TrainingObjective.Create(options.Objective, Model.Spec, Length, options.Seed, options.HiddenShare));

    public void Dispose()
    {
        Optimizer.Dispose();
        Engine.Dispose();
        Pool.Dispose();
        Buffer.Dispose();
        Model.Dispose();
    }
}
