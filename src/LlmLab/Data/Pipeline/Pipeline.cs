using LlmLab.Data.Pipeline.Steps;

namespace LlmLab.Data.Pipeline;

/// <summary>How a pipeline runs; none of this changes what comes out, except <see cref="Name"/>, which names it.</summary>
public sealed record PipelineOptions
{
    /// <summary>Name of the data set; null: the corpus' name.</summary>
    public string? Name { get; init; }
    /// <summary>Threads; the result is the same for any number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
    /// <summary>Examples that are kept of each step.</summary>
    public int ExamplesPerStep { get; init; } = 5;
    /// <summary>Memory that the warehouse may use, in MB.</summary>
    public int WarehouseMegabytes { get; init; } = 128;
    /// <summary>True to put the texts into the warehouse too, so that SQL can look into them.</summary>
    public bool TextInWarehouse { get; init; } = true;
}

/// <summary>
/// Steps in a row. Documents stream through them in parallel and come out in their order; a corpus may be larger than memory.
/// <code>
/// var result = Pipeline.Default().Run(new CorpusReader().Open("documents"), "runs/data-001");
/// result.Steps.Display();
/// </code>
/// </summary>
public sealed class Pipeline(IReadOnlyList<PipelineStep> steps, PipelineOptions? options = null)
{
    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<PipelineStep> Steps { get; } = steps.Count > 0 ? steps : throw new InvalidInputException("A pipeline needs at least one step.");

    /// <summary>How it runs.</summary>
    public PipelineOptions Options { get; } = options ?? new PipelineOptions();

    /// <summary>The steps that suit a company's documents, in an order in which each has clean input.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="evaluationTexts">Texts of evaluation sets, which must not be trained on; null leaves decontamination out.</param>
    public static Pipeline Default(PipelineOptions? options = null, IEnumerable<string>? evaluationTexts = null)
    {
        var steps = new List<PipelineStep>
        {
            new UnicodeRepair(), new Normalisation(), new MailCleaning(), new RepeatedLines(), new QualityFilter(), new LicenceFilter(),
            new Labels(), new LanguageFilter(), new ExactDuplicates(), new OutdatedDocuments(), new NearDuplicates(), new PersonalDataRedaction(), new ToxicityFlags(),
        };
        if (evaluationTexts is not null) steps.Add(new Decontamination(evaluationTexts));
        return new Pipeline(steps, options);
    }

    /// <summary>The pipeline without the step of that type, to see what it is worth.</summary>
    public Pipeline Without<TStep>() where TStep : PipelineStep => new([.. Steps.Where(s => s is not TStep)], Options);

    /// <summary>The pipeline without the step of that name.</summary>
    /// <exception cref="InvalidInputException">There is no such step.</exception>
    public Pipeline Without(string step) => Steps.Any(s => s.Name.Equals(step, StringComparison.OrdinalIgnoreCase))
        ? new([.. Steps.Where(s => !s.Name.Equals(step, StringComparison.OrdinalIgnoreCase))], Options)
        : throw new InvalidInputException($"There is no step \"{step}\" to leave out; there are: {string.Join(", ", Steps.Select(s => s.Name))}.");

    /// <summary>The pipeline with a step in the place of the one of the same type; at the end if there is none.</summary>
    public Pipeline With(PipelineStep step) =>
        new(Steps.Any(s => s.GetType() == step.GetType()) ? [.. Steps.Select(s => s.GetType() == step.GetType() ? step : s)] : [.. Steps, step], Options);

    /// <summary>The same steps, run another way.</summary>
    public Pipeline With(PipelineOptions options) => new(Steps, options);

    /// <summary>Runs the pipeline.</summary>
    /// <param name="corpus">What to clean.</param>
    /// <param name="output">Folder for the result: documents.jsonl, its version file documents.jsonl.dvc, data-card.md, warehouse.duckdb. Null: a new folder of the workspace.</param>
    /// <param name="faults">Faults that are known to be in the corpus: each step is judged by them afterwards.</param>
    /// <exception cref="InvalidInputException">The corpus cannot be read, or nothing of it is left.</exception>
    public PipelineResult Run(Corpus corpus, string? output = null, IEnumerable<KnownFault>? faults = null) =>
        new PipelineRun(this, corpus, Path.GetFullPath(output ?? Runs.Workspace.Open().NewFolder("data")), faults).Run();
}
