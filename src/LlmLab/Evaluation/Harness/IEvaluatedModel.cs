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

    /// <summary>What the model writes after each prompt, up to and without the first stop or the token limit.</summary>
    IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests);

    /// <summary>Tokens of a prompt, from its start, that do not fit the model's window beside the answer; reports say how many there were.</summary>
    int DroppedTokens(GenerationRequest request) => 0;
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
