using LlmLab.Retrieval.Reading;
using LlmLab.Runs;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// A reader under evaluation (<see cref="Reader"/>): questions that come with passages are answered, or refused, by pointing into them. It
/// gives no likelihoods and writes nothing of its own.
/// </summary>
public sealed class ReaderModel : IEvaluatedModel, IDisposable
{
    readonly Reader reader;
    readonly int threads;
    readonly Lazy<string> fingerprint;

    /// <summary>Puts a reader's run under evaluation.</summary>
    /// <param name="run">The run.</param>
    /// <param name="refusalThreshold">Log-odds above which it refuses; null: as the run was calibrated.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    public ReaderModel(Run run, double? refusalThreshold = null, int threads = 0)
    {
        this.threads = threads > 0 ? threads : Environment.ProcessorCount;
        Name = Path.GetFileName(run.Folder);
        var (model, tokenizer) = (run.LoadModel(), run.LoadTokenizer());
        reader = new Reader(model, tokenizer, refusalThreshold ?? ReaderSettings.Of(run).RefusalThreshold);
        fingerprint = new(() => StoredModel.FingerprintOf(model, tokenizer));
    }

    /// <summary>Whether a run trained a reader.</summary>
    public static bool IsReader(Run run) => run.Spec.SpanHead;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string? Fingerprint => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{fingerprint.Value}-reader-{reader.RefusalThreshold:R}");

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => throw Refused("gives no likelihoods");

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => throw Refused("gives no likelihoods");

    /// <inheritdoc/>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        if (requests.Any(request => request.Question is null)) throw Refused("answers from passages and goes on with no text");
        var questions = requests.Select((request, i) => new ReadingQuestion($"{i}", "", request.Question!, null, request.Passages));
        return [.. ReadingEvaluation.Run(reader, [.. questions], threads).Select(result => result.Answer.Text)];
    }

    InvalidInputException Refused(string why) =>
        new($"\"{Name}\" is a reader, which {why}: give it tasks whose questions come with passages, such as company_answers or squad_v2, and a language model for the rest.");

    /// <summary>Frees the model.</summary>
    public void Dispose() => reader.Dispose();
}
