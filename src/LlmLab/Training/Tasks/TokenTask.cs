using LlmLab.Data;
using LlmLab.Models;

namespace LlmLab.Training.Tasks;

/// <summary>Predicts tokens of running text, by any <see cref="ObjectiveKind"/> that the architecture can learn: the task of <see cref="Trainer"/>, beside others.</summary>
public sealed class TokenTask : ITrainingTask
{
    readonly TrainingData data;
    readonly ObjectiveKind kind;
    readonly int length;
    readonly long seed;
    readonly BatchSampler sampler;
    readonly Batch windows;
    TrainingObjective? objective;
    Batch? batch;

    /// <summary>A task over the training part of some data.</summary>
    /// <param name="data">The tokens.</param>
    /// <param name="kind">What is to be predicted.</param>
    /// <param name="sequences">Windows a batch.</param>
    /// <param name="length">Tokens a window.</param>
    /// <param name="seed">Of the draws, and of what is hidden.</param>
    public TokenTask(TrainingData data, ObjectiveKind kind, int sequences, int length, long seed = 1)
    {
        (this.data, this.kind, this.length, this.seed) = (data, kind, length, seed);
        sampler = new BatchSampler(data.Training, sequences, length, seed);
        windows = new Batch(sequences, length);
    }

    /// <inheritdoc/>
    public string Name => kind.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public string DataHash => $"{data.Hash()} {sampler.Sequences} {length} {seed}";

    /// <inheritdoc/>
    public void Check(ModelSpec spec)
    {
        if (length > spec.ContextLength) throw new InvalidInputException($"Windows of {length} tokens do not fit the model's context of {spec.ContextLength}.");
        spec.CheckVocabulary(data.VocabularySize, data.Training.Name);
        objective = TrainingObjective.Create(kind, spec, length, seed);
    }

    /// <inheritdoc/>
    public (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight)
    {
        if (objective is null) throw new InvalidOperationException("Check comes first.");
        batch ??= objective.NewBatch(sampler.Sequences);
        sampler.Position = number;
        sampler.Next(windows);
        objective.Prepare(windows, batch, number);
        return (engine.Accumulate(batch, weight, number), batch.Tokens.Length + (batch.Source?.Length ?? 0));
    }
}
