using System.Text;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>A model whose log-likelihoods are independent random numbers, decided by the request alone.</summary>
sealed class RandomModel(int seed = 1) : IEvaluatedModel
{
    public string Name => "random";

    public int Calls { get; private set; }

    public string? Fingerprint => $"random-{seed}";

    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests)
    {
        Calls += requests.Count;
        return [.. requests.Select(request => new LogLikelihood(Draw(request.Context + "\u0001" + request.Continuation), 1, false))];
    }

    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts)
    {
        Calls += texts.Count;
        return [.. texts.Select(text => new LogLikelihood(Draw(text), 1, false))];
    }

    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        Calls += requests.Count;
        return [.. requests.Select(request => "xyzzy")];
    }

    double Draw(string text) => -10 * new Random(seed ^ (int)System.IO.Hashing.XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(text))).NextDouble();
}

/// <summary>A model that knows the right answers of some tasks.</summary>
sealed class OracleModel : IEvaluatedModel
{
    readonly HashSet<LogLikelihoodRequest> right = [];
    readonly HashSet<string> texts = [];
    readonly Dictionary<string, string> answers = [];

    public OracleModel(EvaluationOptions options, IEnumerable<EvaluationTask> tasks, LlmLab.Data.DataFolder? folder = null)
    {
        var preparation = new TaskPreparation(options, folder ?? new LlmLab.Data.DataFolder());
        foreach (var task in tasks)
        {
            if (preparation.Prepare(task, out _) is not { } prepared) continue;
            for (int i = 0; i < prepared.Items.Count; i++)
            {
                var (item, requests) = (prepared.Items[i], prepared.Output.Requests(prepared.Items[i], prepared.Before[i]));
                for (int k = 0; k < requests.Likelihoods.Count; k++)
                    if (requests.Likelihoods.Count == 1 || (item.Truths.Count > 0 ? item.Truths[k] : k == item.Answer)) right.Add(requests.Likelihoods[k]);
                if (requests.Rolling.Count > 0) texts.Add(requests.Rolling[0]);
                foreach (var pair in requests.Pairs) texts.Add(pair.First);
                foreach (var request in requests.Generations) answers[request.Prompt] = item.Answers.Count > 0 ? " " + item.Target : " I don't know: unanswerable.";
            }
        }
    }

    public string Name => "oracle";

    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => [.. requests.Select(request => right.Contains(request) ? new LogLikelihood(-1e-6, 1, true) : new LogLikelihood(-1e6, 1, false))];

    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> given) => [.. given.Select(text => new LogLikelihood(texts.Contains(text) ? -1 : -1000, 1, false))];

    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests) => [.. requests.Select(request => answers[request.Prompt])];
}
