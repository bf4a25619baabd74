namespace LlmLab.Evaluation.Harness;

/// <summary>
/// The three verbs that every evaluation needs of a model (EleutherAI's lm-evaluation-harness), each over a list, so that a model can
/// batch and share prefixes. Implemented by a model trained here, a checkpoint from elsewhere, an n-gram model, a baseline.
/// Answers come in the order of the requests.
/// </summary>
public interface IEvaluatedModel
{
    /// <summary>What tables call it.</summary>
    string Name { get; }

    /// <summary>A hash over everything that decides its answers, under which they may be kept; null: they are not kept.</summary>
    string? Fingerprint => null;

    /// <summary>The log-likelihood of each continuation after its context.</summary>
    IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests);

    /// <summary>The log-likelihood of each whole text, from its first token on, in windows where it is longer than the context.</summary>
    IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts);

    /// <summary>
    /// Both sentences of each pair, scored so that they can be compared: log-likelihoods of the whole sentences where a model reads from left
    /// to right (as here), pseudo-log-likelihoods where it fills in masks (<see cref="EvaluatedMaskedModel"/>).
    /// </summary>
    IReadOnlyList<PairLikelihood> PairLogLikelihoods(IReadOnlyList<SentencePair> pairs)
    {
        var scores = RollingLogLikelihoods([.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })]);
        return [.. pairs.Select((_, i) => new PairLikelihood(scores[2 * i], scores[2 * i + 1]))];
    }

    /// <summary>What the model writes after each prompt, up to and without the first stop or the token limit.</summary>
    IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests);

    /// <summary>Tokens of a prompt, from its start, that do not fit the model's window beside the answer; reports say how many there were.</summary>
    int DroppedTokens(GenerationRequest request) => 0;

    /// <summary>The same model with fresh weights, which a score has to beat; null where there is none.</summary>
    IEvaluatedModel? Untrained(long seed = 1) => null;
}

/// <summary>A continuation to score after a context.</summary>
/// <param name="Context">What is given; may be empty.</param>
/// <param name="Continuation">What is scored; not empty, a leading space belongs to it.</param>
public sealed record LogLikelihoodRequest(string Context, string Continuation);

/// <summary>A scored text.</summary>
/// <param name="Nats">Sum of the natural log-probabilities of its tokens.</param>
/// <param name="TokenCount">How many tokens were scored.</param>
/// <param name="IsGreedy">Each of its tokens was the model's most likely one.</param>
/// <param name="DroppedTokens">Tokens of the context, from its start, that did not fit the model's window.</param>
public readonly record struct LogLikelihood(double Nats, int TokenCount, bool IsGreedy, int DroppedTokens = 0);

/// <summary>Two sentences to compare.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="SharedTokens">
/// A masked model scores only the tokens that both sentences have, each given the rest of its sentence (CrowS-Pairs, Nangia et al. 2020): what
/// differs is only read, so that a word's own frequency does not count. A model that reads from left to right cannot, and scores all.
/// </param>
public sealed record SentencePair(string First, string Second, bool SharedTokens = false);

/// <summary>The scores of a pair.</summary>
/// <param name="First">Of the first sentence.</param>
/// <param name="Second">Of the second.</param>
public readonly record struct PairLikelihood(LogLikelihood First, LogLikelihood Second);

/// <summary>A prompt to continue.</summary>
/// <param name="Prompt">What is given.</param>
/// <param name="Stops">Texts that end the answer; they are not part of it.</param>
/// <param name="MaxTokens">The most tokens to write.</param>
public sealed record GenerationRequest(string Prompt, IReadOnlyList<string> Stops, int MaxTokens)
{
    /// <summary>The question alone, for models that lay out question and passages in a way of their own; null where there is only a prompt.</summary>
    public string? Question { get; init; }

    /// <summary>The passages that may answer it.</summary>
    public IReadOnlyList<string> Passages { get; init; } = [];
}
