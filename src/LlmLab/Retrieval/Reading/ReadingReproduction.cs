using System.Security.Cryptography;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Evaluation.Statistics;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;
using LlmLab.Runs;
using LlmLab.Training;
using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>One sort of questions that a reader was measured on.</summary>
/// <param name="Name">Which questions, with which passages.</param>
/// <param name="ExactMatch">Share of answerable questions answered exactly.</param>
/// <param name="RougeL">Mean F-measure of ROUGE-L over answerable questions.</param>
/// <param name="Refused">Share of unanswerable questions refused; null where there were none.</param>
/// <param name="FalselyRefused">Share of answerable questions refused.</param>
public sealed record ReadingMeasurement(string Name, Estimate ExactMatch, Estimate RougeL, Estimate? Refused, Estimate FalselyRefused)
{
    internal static ReadingMeasurement Of(string name, IReadOnlyList<ReadingResult> results)
    {
        var scores = ReadingEvaluation.Score(results);
        return new(name, scores.ExactMatch, scores.RougeL, scores.Refused, scores.FalselyRefused);
    }
}

/// <summary>A reader that was trained and measured: a line of the results.</summary>
public sealed record ReadingReproductionResult
{
    /// <summary>Hash of the recipes of encoder and reader: with other recipes, both are trained again.</summary>
    public required string Recipe { get; init; }
    /// <summary>Seed of the initial weights and of the order of exercises.</summary>
    public required long Seed { get; init; }
    /// <summary>Processor, number of processors, library.</summary>
    public required string Machine { get; init; }
    /// <summary>When it ended, in UTC.</summary>
    public required DateTimeOffset Date { get; init; }
    /// <summary>Commit of the repository, with "+" where files differed from it; null outside one.</summary>
    public string? Commit { get; init; }
    /// <summary>Steps and seconds of the reader's training, and what computed it.</summary>
    public required int Steps { get; init; }
    /// <summary>Seconds of the reader's training.</summary>
    public required double TrainSeconds { get; init; }
    /// <summary>Operands of products.</summary>
    public Precision Precision { get; init; }
    /// <summary>What computed the passes.</summary>
    public Kernels Kernels { get; init; }
    /// <summary>Threads.</summary>
    public int Threads { get; init; }
    /// <summary>What it answered, by the sort of questions.</summary>
    public required IReadOnlyList<ReadingMeasurement> Measurements { get; init; }
}

/// <summary>
/// The experiment <c>llmlab reproduce company-reader-long</c>: notebook 06's search and reader, the reader trained for twice as many steps, measured
/// on the test projects' facts as the notebook does it. Encoder, index and reader are made anew; stopped, it goes on where it was.
/// </summary>
public static class ReadingReproduction
{
    /// <summary>Its name, the recipe's, and that of its results: <c>data/results/company-reader-long.jsonl</c>.</summary>
    public const string Name = "company-reader-long";

    /// <summary>One line.</summary>
    public const string Summary = "Notebook 06's reader, trained for twice as many steps: facts never trained on, phrasings never trained on.";

    const long CompanyBytes = 4_000_000, EncoderBytes = 12_000_000;
    const int TuningQuestions = 1_500;   // that search weighs words and meaning on

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The file that results are kept in: in the repository's <c>data/results</c>, outside one in the workspace's <c>results</c>.</summary>
    public static string ResultsFile => Path.Combine(Workspace.FindRepository() is { } repository ? Path.Combine(repository, "data") : Workspace.Open().Folder, "results", Name + ".jsonl");

    /// <summary>The lines of a file; none where there is no file.</summary>
    /// <param name="file">The file; null: <see cref="ResultsFile"/>.</param>
    public static IReadOnlyList<ReadingReproductionResult> Results(string? file = null) => new JsonLines<ReadingReproductionResult>(file ?? ResultsFile, json).Read();

    /// <summary>Trains and measures a reader, and adds a line to the results; where this machine has one already, that is returned.</summary>
    /// <param name="resultsFile">Where the line goes; null: <see cref="ResultsFile"/>.</param>
    /// <param name="recipe">Another recipe, for a try; then name another file too.</param>
    /// <param name="questions">Most answerable questions of each sort, and most unanswerable ones; null: all that the held-out projects have.</param>
    /// <param name="companyBytes">Text of the company whose held-out projects are asked about, and of that which the encoder learns from; null: as notebook 06 has it.</param>
    /// <param name="workspace">Where encoder and reader go, in a folder of the experiment's name; null: the current workspace.</param>
    /// <exception cref="InvalidInputException">Results of another recipe were to go into the experiment's file.</exception>
    public static async Task<ReadingReproductionResult> RunAsync(string? resultsFile = null, ReadingRecipe? recipe = null, int? questions = null, long? companyBytes = null, Workspace? workspace = null)
    {
        if ((recipe is not null || companyBytes is not null) && (resultsFile is null || Path.GetFullPath(resultsFile) == Path.GetFullPath(ResultsFile)))
            throw new InvalidInputException($"Results of another recipe or company do not belong into {ResultsFile}: name another file for them (--results).");
        recipe ??= ReadingRecipe.Shipped(Name);
        string file = resultsFile ?? ResultsFile;
        var encoderRecipe = EncoderRecipe.For(companyBytes is null ? Scale.Laptop : Scale.Smoke);
        string hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { recipe, encoderRecipe, companyBytes }, json)))[..16];
        if (Results(file).LastOrDefault(line => line.Recipe == hash && line.Machine == MachineSettings.MachineName()) is { } kept) return kept;
        var runs = Workspace.Open(Path.Combine((workspace ?? Workspace.Open()).Folder, "reproduce-" + Name));
        string name = $"embeddings-{hash[..8]}";
        var encoderRun = Existing(runs, name) is { Result: not null } there ? there : EncoderTraining.Train(CompanyPairs.Of(recipe.CompanySeed, companyBytes ?? EncoderBytes), encoderRecipe, name, workspace: runs);
        using var encoder = EncoderEmbeddingGenerator.Load(encoderRun);

        name = $"reader-{hash[..8]}";
        var run = Existing(runs, name) is { Result: not null } done ? done : Train(recipe, encoder, runs, name);
        var result = run.Result!;
        var measured = new ReadingReproductionResult
        {
            Recipe = hash,
            Seed = recipe.Options.Seed,
            Machine = MachineSettings.MachineName(),
            Date = DateTimeOffset.UtcNow,
            Commit = run.Environment is { Commit: { } commit } environment ? commit[..12] + (environment.Modified == true ? "+" : "") : null,
            Steps = result.Steps,
            TrainSeconds = result.Seconds,
            Precision = result.Precision,
            Kernels = result.Kernels,
            Threads = result.Threads,
            Measurements = await MeasureAsync(run, encoder,
                [.. CompanyGenerator.Generate(recipe.CompanySeed, companyBytes ?? CompanyBytes).Where(part => part.Split != CompanySplit.Train)],
                [.. CompanyGenerator.Generate(recipe.CompanySeed, companyBytes ?? EncoderBytes).Where(part => part.Split != CompanySplit.Train)], questions ?? int.MaxValue).ConfigureAwait(false),
        };
        new JsonLines<ReadingReproductionResult>(file, json).Append(measured);
        return measured;
    }

    static Run Train(ReadingRecipe recipe, LocalEmbeddingGenerator encoder, Workspace runs, string name)
    {
        var (tokenizer, exercises) = ReadingTraining.Prepare(recipe, encoder);
        WeightedTask[] tasks = [new(new SpanExtractionTask(exercises, recipe.Options.BatchSize))];
        return Existing(runs, name) is { LatestCheckpoint: not null } begun ? TaskTrainer.Resume(begun, tasks)
            : TaskTrainer.Train(recipe.Spec with { VocabularySize = tokenizer.VocabularySize }, tokenizer, tasks, recipe.Options, name, workspace: runs);
    }

    // Thresholds are set on validation projects' questions in phrasings that no exercise used, and kept for those of the test projects. Those
    // projects, and the test projects that the hardest prompts are about, are the larger company's: on few of them a threshold is mostly luck,
    // and an interval is wide.
    static async Task<IReadOnlyList<ReadingMeasurement>> MeasureAsync(Run run, LocalEmbeddingGenerator encoder, CompanyPart[] held, CompanyPart[] more, int most)
    {
        CompanyPart[] validation = Of(more, CompanySplit.Validation), test = Of(more, CompanySplit.Test);
        using var reader = Reader.Load(run, refusalThreshold: 0);
        double usualThreshold, hardestThreshold;
        using (var search = await OpenAsync(validation).ConfigureAwait(false))
        {
            usualThreshold = Threshold(await FoundAsync(search, Some(validation, heldOut: true)).ConfigureAwait(false));
            hardestThreshold = Threshold(await HardestAsync(search, validation, validation).ConfigureAwait(false));
        }
        new ReaderSettings(usualThreshold).Save(run);

        IReadOnlyList<ReadingQuestion> usual, hardest;
        using (var search = await OpenAsync(held).ConfigureAwait(false)) usual = await FoundAsync(search, Some(Of(held, CompanySplit.Test), heldOut: false)).ConfigureAwait(false);
        using (var search = await OpenAsync(more).ConfigureAwait(false)) hardest = await HardestAsync(search, test, more).ConfigureAwait(false);
        var answerable = usual.Where(question => question.Answer is not null).ToArray();
        ReadingQuestion[] swapped = [.. answerable.Select((question, i) => question with { Passages = answerable[(i + answerable.Length / 2) % answerable.Length].Passages })];
        return
        [
            Measured("through search", usual, usualThreshold),
            Measured("with others' passages", swapped, double.PositiveInfinity),   // it has to answer something
            Measured("hardest: new phrasings, look-alikes", hardest, hardestThreshold),
        ];

        async Task<CompanySearch> OpenAsync(CompanyPart[] parts)
        {
            var search = await CompanySearch.OpenAsync(parts, encoder).ConfigureAwait(false);
            await search.TuneAsync(Some(Of(parts, CompanySplit.Validation), heldOut: false).Where(question => question.Answer is not null).Take(TuningQuestions)).ConfigureAwait(false);
            return search;
        }
        Task<IReadOnlyList<ReadingQuestion>> FoundAsync(CompanySearch search, CompanyQuestion[] questions) => ReadingQuestions.FindAsync(questions, search.Index!, new SearchOptions { Most = 8 });
        Task<IReadOnlyList<ReadingQuestion>> HardestAsync(CompanySearch search, CompanyPart[] asked, CompanyPart[] indexed) =>
            ReadingQuestions.FindAmongKinAsync(Some(asked, heldOut: true), search.Index!, indexed.SelectMany(part => part.Questions));
        double Threshold(IReadOnlyList<ReadingQuestion> questions) => RefusalCalibration.Calibrate(ReadingEvaluation.Run(reader, questions)).Threshold;
        ReadingMeasurement Measured(string name, IReadOnlyList<ReadingQuestion> questions, double threshold)
        {
            reader.RefusalThreshold = threshold;
            return ReadingMeasurement.Of(name, ReadingEvaluation.Run(reader, questions));
        }
        static CompanyPart[] Of(CompanyPart[] parts, CompanySplit split) => [.. parts.Where(part => part.Split == split)];
        CompanyQuestion[] Some(CompanyPart[] parts, bool heldOut)
        {
            CompanyQuestion[] all = [.. parts.SelectMany(part => part.Questions).Where(question => question.HeldOut || !heldOut)];
            new Random(1).Shuffle(all);
            return [.. all.Where(question => question.Answer is not null).Take(most), .. all.Where(question => question.Answer is null).Take(most)];
        }
    }

    static Run? Existing(Workspace runs, string name) => Directory.Exists(runs.Folder) ? Run.List(runs).FirstOrDefault(run => run.Description.Name.StartsWith(name + "-", StringComparison.Ordinal)) : null;
}
