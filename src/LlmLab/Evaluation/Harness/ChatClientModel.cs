using Microsoft.Extensions.AI;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// A chat model under evaluation, ours or a hosted one: it writes, but gives no likelihoods. Each prompt is one user's turn, answered at
/// temperature 0.
/// </summary>
/// <param name="client">The chat model.</param>
/// <param name="name">What tables call it.</param>
/// <param name="concurrency">Prompts that wait for their answers at the same time.</param>
public sealed class ChatClientModel(IChatClient client, string name = "chat model", int concurrency = 4) : IEvaluatedModel
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">Always: a chat model gives no likelihoods.</exception>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => throw NoLikelihoods();

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">Always: a chat model gives no likelihoods.</exception>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => throw NoLikelihoods();

    /// <inheritdoc/>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        var answers = new string[requests.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, concurrency), CancellationToken = Operation.Current.CancellationToken };
        Parallel.ForEachAsync(Enumerable.Range(0, requests.Count), parallel, async (i, cancel) =>
        {
            var options = new ChatOptions { Temperature = 0, MaxOutputTokens = requests[i].MaxTokens, StopSequences = requests[i].Stops.Count == 0 ? null : [.. requests[i].Stops] };
            var response = await client.GetResponseAsync([new ChatMessage(ChatRole.User, requests[i].Prompt)], options, cancel).ConfigureAwait(false);
            answers[i] = Cut(response.Text, requests[i].Stops);
        }).GetAwaiter().GetResult();
        return answers;
    }

    // Not every service knows stops; and an answer may begin with a line end, which is no answer's end.
    static string Cut(string text, IReadOnlyList<string> stops)
    {
        text = text.TrimStart();
        int end = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(text.Length).Min();
        return text[..end];
    }

    InvalidInputException NoLikelihoods() => new($"{name} is a chat model and gives no likelihoods: choose tasks in which a model writes (gsm8k, svamp, nq_open, xquad_en, company_answers).");
}
