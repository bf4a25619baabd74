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
    public int Width { get; init; } = 96;

    /// <summary>Blocks in all.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Tokens a window.</summary>
    public int Length { get; init; } = 64;

    /// <summary>
    /// Training: the same steps and windows for all, and so the same tokens read. Muon with nanochat's rates; 40 % hidden, so that an
    /// encoder is told more than one answer in seven.
    /// </summary>
    public TrainingOptions Training { get; init; } = new()
    {
        Steps = 500,
        BatchSize = 48,
        HiddenShare = 0.4,
        Optimizer = OptimizerKind.Muon,
        MuonLearningRate = 0.02,
        EmbeddingLearningRate = 0.3,
        HeadLearningRate = 0.004,
        VectorLearningRate = 0.015,
        Beta1 = 0.8,
        Beta2 = 0.95,
        Epsilon = 1e-10,
        WeightDecay = 0,
        GradientClip = 0,
        WarmupSteps = 20,
        MuonMomentumWarmupSteps = 100,
        Schedule = ScheduleKind.Trapezoid,
        CooldownShare = 0.5,
        FinalShare = 0,
        EvaluateEvery = 0,
        SaveEvery = 0,
        LogEvery = 50,
    };

    /// <summary>Seeds.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Size in bytes of the company whose questions and documents the embeddings are tried on; its seed is 1.</summary>
    public long TaskBytes { get; init; } = 1_000_000;

    /// <summary>Questions and texts of each of those tasks at most.</summary>
    public int TaskItems { get; init; } = 400;
}

/// <summary>
/// Decoder, encoder, encoder–decoder and permutation model with the same number of parameters, trained on the same tokens, each by its own
/// objective; then the same measures for all: writing on, filling in, finding passages, telling kinds of documents apart.
/// </summary>
public static class ArchitectureComparison
{
    /// <summary>
    /// The four architectures, with about the same parameters: blocks of an encoder–decoder's decoder look at the encoder too, so its
    /// feed-forward layers are narrower. All have nanochat's core (<see cref="ModelSpec.FromDepth"/>). Those that read in order look one neighbour far by the short
    /// convolution; those that fill holes are told by rotary angles how far from the hole each token stands.
    /// </summary>
    public static IReadOnlyList<(string Name, ObjectiveKind Objective, ModelSpec Spec)> Architectures(int vocabularySize, ComparisonOptions options)
    {
        var decoder = ModelSpec.FromDepth(options.Layers, vocabularySize, options.Length) with
        {
            Width = options.Width,
            HeadCount = Math.Max(1, options.Width / 32),
            HeadWidth = 64,   // twice a head's share of the width: holes are filled sooner
            ShortConvolution = 1,
        };
        return
        [
            ("decoder", ObjectiveKind.Causal, decoder),
            ("encoder", ObjectiveKind.Masked, decoder with { Family = ModelFamily.Encoder }),
            ("encoder–decoder", ObjectiveKind.Denoising, decoder with { Family = ModelFamily.EncoderDecoder, LayerCount = (options.Layers + 1) / 2, DecoderLayerCount = options.Layers / 2, FeedForwardWidth = 2 * options.Width, TargetPositions = true }),
            ("permutation", ObjectiveKind.Permutation, decoder with { TargetPositions = true, ShortConvolution = 0 }),
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
                int threads = torch.get_num_threads();
                torch.set_num_threads(1);   // for evaluations: a small model's operations are too short to share
                try
                {
                    var run = Trainer.Train(spec, data, training, "architecture", workspace: workspace);
                    using var model = run.LoadModel();
                    using var embeddings = new MeanPoolingEmbeddingGenerator(model, tokenizer, name);
                    var embedder = new TextEmbedder(embeddings);
                    var own = ObjectiveEvaluation.Score(model, data, objective, options.Length);
                    var result = new ArchitectureResult
                    {
                        Architecture = name,
                        Seed = seed,
                        Recipe = recipe,
                        Machine = RunEnvironment.ProcessorName(),
                        Date = DateTimeOffset.UtcNow,
                        Parameters = model.ParameterCount,
                        Steps = training.Steps,
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
                finally
                {
                    torch.set_num_threads(threads);
                }
            }
        return [.. results.Where(r => architectures.Any(a => a.Name == r.Architecture && ArchitectureResult.RecipeOf(a.Spec, options, dataHash) == r.Recipe))];
    }

    /// <summary>The results that belong to the repository, made by <c>llmlab architectures</c>; none outside a repository or before that.</summary>
    public static IReadOnlyList<ArchitectureResult> Kept() => ArchitectureResult.Read(ResultsFile);

    /// <summary>Where they lie.</summary>
    public static string ResultsFile => Path.Combine(Workspace.FindRepository() ?? ".", "data", "results", "architectures.jsonl");
}
