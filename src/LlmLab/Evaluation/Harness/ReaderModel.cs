using LlmLab.Retrieval.Reading;
using LlmLab.Runs;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// A reader under evaluation: questions that come with passages are answered in its own layout, with its refusal
/// (<see cref="Reader"/>); likelihoods and bare prompts go to the language model beneath.
/// </summary>
public sealed class ReaderModel : IEvaluatedModel, IDisposable
{
    // What ReadingTraining names the tokens that it makes.
    const string ReadingTokens = "company-reading";

    readonly EvaluatedLanguageModel model;
    readonly Reader reader;
    readonly int threads;

    /// <summary>Puts a reader's run under evaluation.</summary>
    /// <param name="run">The run.</param>
    /// <param name="refusalThreshold">Log-odds above which it refuses.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    public ReaderModel(Run run, double refusalThreshold = 0, int threads = 0)
    {
        this.threads = threads > 0 ? threads : Environment.ProcessorCount;
        model = EvaluatedLanguageModel.Open(run.Folder, threads);
        reader = Reader.Load(run, refusalThreshold);
    }

    /// <summary>Whether a run trained a reader.</summary>
    public static bool IsReader(Run run) => run.Description.Data == ReadingTokens;

    /// <summary>The language model beneath.</summary>
    public EvaluatedLanguageModel Model => model;

    /// <inheritdoc/>
    public string Name => model.Name;

    /// <inheritdoc/>
    public string? Fingerprint => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{model.Fingerprint}-reader-{reader.RefusalThreshold:R}");

    /// <summary>The language model beneath with fresh weights.</summary>
    public IEvaluatedModel? Untrained(long seed = 1) => model.Untrained(seed);

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => model.LogLikelihoods(requests);

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => model.RollingLogLikelihoods(texts);

    /// <inheritdoc/>
    /// <remarks>A reader leaves out passages that do not fit, itself.</remarks>
    public int DroppedTokens(GenerationRequest request) => request.Question is null ? model.DroppedTokens(request) : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        var answers = new string[requests.Count];
        int[] asked = [.. Enumerable.Range(0, requests.Count).Where(i => requests[i].Question is not null)], bare = [.. Enumerable.Range(0, requests.Count).Where(i => requests[i].Question is null)];
        var read = ReadingEvaluation.Run(reader, [.. asked.Select(i => new ReadingQuestion($"{i}", "", requests[i].Question!, null, requests[i].Passages))], threads);
        for (int i = 0; i < asked.Length; i++) answers[asked[i]] = read[i].Answer.Text;
        var written = bare.Length == 0 ? [] : model.GenerateUntil([.. bare.Select(i => requests[i])]);
        for (int i = 0; i < bare.Length; i++) answers[bare[i]] = written[i];
        return answers;
    }

    /// <summary>Frees both models.</summary>
    public void Dispose()
    {
        model.Dispose();
        reader.Dispose();
    }
}
