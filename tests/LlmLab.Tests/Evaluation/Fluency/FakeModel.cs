using LlmLab.Evaluation.Harness;

namespace LlmLab.Tests.Evaluation;

/// <summary>A model whose answers are functions of the text, for tests of what is computed from them.</summary>
sealed class FakeModel(Func<string, double> nats, Func<string, int>? tokens = null) : IEvaluatedModel
{
    public string Name => "fake";

    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) =>
        [.. requests.Select(request => new LogLikelihood(nats(request.Context + request.Continuation) - (request.Context.Length == 0 ? 0 : nats(request.Context)), Count(request.Continuation), false))];

    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => new LogLikelihood(nats(text), Count(text), false))];

    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests) => [.. requests.Select(request => request.Prompt)];

    int Count(string text) => tokens?.Invoke(text) ?? text.Split(' ').Length;
}
