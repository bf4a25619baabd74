using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Generation;
using LlmLab.Runs;
using LlmLab.Tokenizers;

namespace LlmLab.Training;

/// <summary>Windows of a dataset, to predict the next token or what another objective hides; scored on the validation split.</summary>
sealed class WindowSource : ITrainingSource
{
    readonly Run run;
    readonly TrainingData data;
    readonly TrainingSetup setup;
    readonly BatchPipeline batches;
    readonly int passes;   // batches a step

    /// <param name="run">Its options and precision.</param>
    /// <param name="data">The tokens.</param>
    /// <param name="setup">The model.</param>
    /// <param name="first">Number of the first batch.</param>
    public WindowSource(Run run, TrainingData data, TrainingSetup setup, long first)
    {
        (this.run, this.data, this.setup) = (run, data, setup);
        passes = run.Options.PassesPerStep(setup.Length);
        batches = setup.Batches(data, first);
    }

    public double? FlopsPerToken { get; private set; }

    public (int Batches, long Tokens) Accumulate(StepUpdate update, TrainingState state)
    {
        long tokens = 0;
        for (int part = 0; part < passes; part++)
        {
            var batch = batches.Take();
            update.Accumulate(batch, 1.0 / passes, state.Batches + part);
            FlopsPerToken ??= TrainingCost.FlopsPerToken(setup.Model, setup.Length, batch.Length, batch.SourceLength);
            tokens += batch.Tokens.Length;
            batches.Return(batch);
        }
        return (passes, tokens);
    }

    public long TokensOfStep(long read) => (long)passes * run.Options.BatchSize * setup.Length;

    public double? ValidationLoss() => run.Options.Objective == ObjectiveKind.Causal
        ? IntrinsicEvaluation.Score(setup.Model, data.Validation, setup.Length, run.Description.Precision, setup.Pool, MemoryEstimate.EvaluationTokens(run.Spec)).Loss
        : ObjectiveEvaluation.Score(setup.Model, data, run.Options.Objective, setup.Length, precision: run.Description.Precision).Loss;

    public string? Sample() => data.Tokenizer is null || run.Options.Objective != ObjectiveKind.Causal ? null
        : new TextGenerator(setup.Model, data.Tokenizer).Generate("\n", new GenerationOptions
        {
            MostTokens = 300,
            Temperature = 0.8,
            Seed = run.Options.Seed,
            ExcludedTokens = data.Tokenizer is VocabularyTokenizer known ? [.. known.SpecialTokens.Values] : [],
        });

    public void Dispose() => batches.Dispose();
}
