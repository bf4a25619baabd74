using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Models;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Embeddings.Benchmark;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using TorchSharp;

namespace LlmLab.Evaluation.Architectures;

/// <summary>How architectures are compared.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Width of the residual stream.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Blocks in all.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Tokens a window.</summary>
    public int Length { get; init; } = 64;

    /// <summary>Training: the same steps and windows for all, and so the same tokens read.</summary>
    public TrainingOptions Training { get; init; } = new() { Steps = 1_500, BatchSize = 32, Optimizer = OptimizerKind.Muon, LearningRate = 3e-3, WeightDecay = 0, WarmupSteps = 100, FinalShare = 0.05, EvaluateEvery = 0, SaveEvery = 0, LogEvery = 50 };

    /// <summary>Seeds.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Size in bytes of the company whose questions and documents the embeddings are tried on; its seed is 1.</summary>
    public long TaskBytes { get; init; } = 1_000_000;

    /// <summary>Questions and texts of each of those tasks at most.</summary>
    public int TaskItems { get; init; } = 400;
}

/// <summary>The means of one architecture over the seeds, as it stands for each use.</summary>
/// <param name="Architecture">Its name.</param>
/// <param name="Margin">Nats by which it beats the better baseline on its own objective; and the least over the seeds.</param>
/// <param name="LeastMargin">The smallest margin of any seed.</param>
/// <param name="Generation">Nats of a token from those before it.</param>
/// <param name="FillingIn">Nats of a token from all the others.</param>
/// <param name="Retrieval">Mean reciprocal rank of the passages, by mean activations.</param>
/// <param name="Classification">Accuracy of a linear classifier on mean activations.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Seeds">Runs.</param>
public sealed record ArchitectureRow(string Architecture, double Margin, double LeastMargin, double Generation, double FillingIn, double Retrieval, double Classification, long Parameters, int Seeds);

/// <summary>
/// Decoder, encoder, encoder–decoder and permutation model with the same number of parameters, trained on the same tokens, each by its own
/// objective; then the same measures for all: writing on, filling in, finding passages, telling kinds of documents apart.
/// </summary>
public static class ArchitectureComparison
{
    /// <summary>The four architectures, with about the same parameters: blocks of an encoder–decoder's decoder look at the encoder too, so its feed-forward layers are narrower.</summary>
    public static IReadOnlyList<(string Name, ObjectiveKind Objective, ModelSpec Spec)> Architectures(int vocabularySize, ComparisonOptions options)
    {
        var decoder = new ModelSpec { VocabularySize = vocabularySize, ContextLength = options.Length, LayerCount = options.Layers, Width = options.Width, HeadCount = Math.Max(1, options.Width / 32), WeightDeviation = null };
        return
        [
            ("decoder", ObjectiveKind.Causal, decoder),
            ("encoder", ObjectiveKind.Masked, decoder with { Family = ModelFamily.Encoder }),
            ("encoder–decoder", ObjectiveKind.Denoising, decoder with { Family = ModelFamily.EncoderDecoder, LayerCount = (options.Layers + 1) / 2, DecoderLayerCount = options.Layers / 2, FeedForwardWidth = 3 * options.Width }),
            ("permutation", ObjectiveKind.Permutation, decoder with { TargetPositions = true }),
        ];
    }

    /// <summary>Tokens of the example company: training text from its training part, validation text from its validation part.</summary>
    /// <exception cref="InvalidInputException">The company is so small that it has no validation part.</exception>
    public static TrainingData CompanyData(ulong seed, long bytes, int vocabularySize)
    {
        var parts = CompanyGenerator.Generate(seed, bytes).ToArray();
        if (!parts.Any(p => p.Split == CompanySplit.Validation)) throw new InvalidInputException($"A company of {bytes} bytes has no project in its validation part: give at least 260,000 (--bytes).");
        string[] Texts(CompanySplit split) => [.. parts.Where(p => p.Split == split).SelectMany(p => p.Documents).Select(d => d.Text)];
        var tokenizer = BpeTrainer.Train(Texts(CompanySplit.Train), new BpeTrainingOptions { VocabularySize = vocabularySize });
        int begin = tokenizer.FindId(ReservedTokens.BeginningOfSequence)!.Value;
        TokenDataset Tokens(CompanySplit split) => TokenDataset.FromTokens($"company-{seed}-{split.ToString().ToLowerInvariant()}", Texts(split).SelectMany(t => tokenizer.Encode(t).Prepend(begin)).ToArray(), tokenizer.VocabularySize);
        return new TrainingData(Tokens(CompanySplit.Train), Tokens(CompanySplit.Validation), tokenizer);
    }

    /// <summary>Trains and measures what is missing, a line of results after each model.</summary>
    /// <param name="data">The tokens, with their tokenizer.</param>
    /// <param name="options">How.</param>
    /// <param name="resultsFile">Lines that are there already are not computed again, new ones are added; null: nothing is kept.</param>
    /// <param name="workspace">Where the runs go; null: the current workspace.</param>
    public static async Task<IReadOnlyList<ArchitectureResult>> RunAsync(TrainingData data, ComparisonOptions options, string? resultsFile = null, Workspace? workspace = null)
    {
        var tokenizer = data.Tokenizer as VocabularyTokenizer ?? throw new InvalidInputException("The comparison embeds texts: give data with a tokenizer that was trained here.");
        var tasks = CompanyEmbeddingTasks.All(1, options.TaskBytes, CompanySplit.Validation, options.TaskItems).Where(t => t.Use is EmbeddingUse.Retrieval or EmbeddingUse.Classification).ToArray();
        var results = (resultsFile is null ? [] : ArchitectureResult.Read(resultsFile)).ToList();
        var architectures = Architectures(data.VocabularySize, options);
        string dataHash = data.Hash();
        int done = 0;
        foreach (long seed in options.Seeds)
            foreach (var (name, objective, spec) in architectures)
            {
                Operation.Current.Report("comparing architectures", done++, options.Seeds.Count * architectures.Count, "models", $"{name}, seed {seed}");
                string recipe = ArchitectureResult.RecipeOf(spec, options, dataHash);
                if (results.Any(r => r.Architecture == name && r.Seed == seed && r.Recipe == recipe)) continue;
                var training = options.Training with { Objective = objective, Seed = seed, SequenceLength = options.Length };
                var run = Trainer.Train(spec, data, training, "architecture", workspace: workspace);
                using var model = run.LoadModel();
                var own = ObjectiveEvaluation.Score(model, data, objective, options.Length);
                using var embeddings = new MeanPoolingEmbeddingGenerator(model, tokenizer, name);
                var embedder = new TextEmbedder(embeddings);
                var result = new ArchitectureResult
                {
                    Architecture = name,
                    Seed = seed,
                    Recipe = recipe,
                    Machine = RunEnvironment.ProcessorName(),
                    Date = DateTimeOffset.UtcNow,
                    Parameters = model.ParameterCount,
                    Tokens = (long)training.Steps * training.BatchSize * options.Length,
                    Seconds = run.Result!.Seconds,
                    Loss = own.Loss,
                    Unigram = own.Unigram,
                    LeftNeighbour = own.LeftNeighbour,
                    Generation = HiddenTokenEvaluation.Loss(model, data, options.Length, VisibleContext.Before),
                    FillingIn = HiddenTokenEvaluation.Loss(model, data, options.Length, VisibleContext.Around),
                    Retrieval = (await tasks.First(t => t.Use == EmbeddingUse.Retrieval).ScoreAsync(embedder).ConfigureAwait(false)).Value,
                    Classification = (await tasks.First(t => t.Use == EmbeddingUse.Classification).ScoreAsync(embedder).ConfigureAwait(false)).Value,
                };
                if (resultsFile is not null) result.AppendTo(resultsFile);
                results.Add(result);
            }
        return [.. results.Where(r => architectures.Any(a => a.Name == r.Architecture && ArchitectureResult.RecipeOf(a.Spec, options, dataHash) == r.Recipe))];
    }

    /// <summary>Means over the seeds, one line an architecture.</summary>
    public static IReadOnlyList<ArchitectureRow> Table(IEnumerable<ArchitectureResult> results) =>
    [
        .. results.GroupBy(r => r.Architecture).Select(g => new ArchitectureRow(g.Key, g.Average(r => r.Margin), g.Min(r => r.Margin), g.Average(r => r.Generation), g.Average(r => r.FillingIn),
            g.Average(r => r.Retrieval), g.Average(r => r.Classification), g.First().Parameters, g.Count())),
    ];

    /// <summary>The order of the architectures for each use, best first.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Ranking(IReadOnlyList<ArchitectureRow> rows) => new Dictionary<string, IReadOnlyList<string>>
    {
        ["writing on"] = [.. rows.OrderBy(r => r.Generation).Select(r => r.Architecture)],
        ["filling in"] = [.. rows.OrderBy(r => r.FillingIn).Select(r => r.Architecture)],
        ["finding passages"] = [.. rows.OrderByDescending(r => r.Retrieval).Select(r => r.Architecture)],
        ["telling kinds apart"] = [.. rows.OrderByDescending(r => r.Classification).Select(r => r.Architecture)],
    };
}
