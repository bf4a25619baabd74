namespace LlmLab.Training;

/// <summary>What a <see cref="TrainingLoop"/> learns from: it adds a step's gradients, and may score and show what was learned.</summary>
interface ITrainingSource : IDisposable
{
    /// <summary>Adds the gradients of one step and its losses.</summary>
    /// <param name="update">Where they go.</param>
    /// <param name="state">Steps and batches before this one.</param>
    /// <returns>Batches read, and the tokens that the model read of them.</returns>
    (int Batches, long Tokens) Accumulate(StepUpdate update, TrainingState state);

    /// <summary>Tokens of a step that its speed is counted in; windows count whole where an objective reads parts of them.</summary>
    /// <param name="read">Tokens that the model read.</param>
    long TokensOfStep(long read) => read;

    /// <summary>Floating-point operations of a step for each such token; null where they are not counted.</summary>
    double? FlopsPerToken => null;

    /// <summary>The loss on what is not trained on, in nats a token; null where there is nothing to score.</summary>
    double? ValidationLoss() => null;

    /// <summary>A text that the model writes, or null.</summary>
    string? Sample() => null;

    /// <summary>More about the last step than its loss, for reports of progress; null: nothing.</summary>
    string? Detail => null;
}
