using LlmLab.Data;
using LlmLab.Models;

namespace LlmLab.Training;

/// <summary>What every training needs: model, flat weights and gradients, threads, gradient engine, optimizer, sampler and objective, made from spec and options.</summary>
sealed class TrainingSetup : IDisposable
{
    /// <param name="spec">The architecture.</param>
    /// <param name="data">The tokens.</param>
    /// <param name="options">How to train.</param>
    /// <param name="settings">Precision, kernels and threads.</param>
    public TrainingSetup(ModelSpec spec, TrainingData data, TrainingOptions options, MeasuredSetting settings)
    {
        NativeMemory.KeepLargeBlocks();
        Length = options.SequenceLength ?? spec.ContextLength;
        Model = new LanguageModel(spec, options.Seed);
        Buffer = new ParameterBuffer(Model);
        Pool = new WorkerPool(settings.Threads, torchThreads: 1);
        Engine = IGradientEngine.Create(settings.Kernels, Model, Buffer, Pool, settings.Precision, options.Seed, options.BatchSize, Length, options.ActivationCheckpointing);
        Optimizer = options.Optimizer switch
        {
            OptimizerKind.Muon => new Muon(Buffer, options, Pool, Model.PackedParts, GradientEngine.TypeOf(settings.Precision), settings.Kernels),
            OptimizerKind.Lion => new Lion(Buffer, options),
            _ => new AdamW(Buffer, options, Pool),
        };
        Objective = options.Objective == ObjectiveKind.Causal ? null : TrainingObjective.Create(options.Objective, spec, Length, options.Seed);
        Sampler = new BatchSampler(data.Training, options.BatchSize, Length, options.Seed, options.Sampling != SamplingKind.Random, options.Sampling == SamplingKind.Aligned);
    }

    /// <summary>Tokens of a training window.</summary>
    public int Length { get; }
    public LanguageModel Model { get; }
    public ParameterBuffer Buffer { get; }
    public WorkerPool Pool { get; }
    public IGradientEngine Engine { get; }
    public IOptimizer Optimizer { get; }
    /// <summary>Null: the next token, windows as they are drawn.</summary>
    public TrainingObjective? Objective { get; }
    public BatchSampler Sampler { get; }

    public void Dispose()
    {
        Optimizer.Dispose();
        Engine.Dispose();
        Pool.Dispose();
        Buffer.Dispose();
        Model.Dispose();
    }
}
