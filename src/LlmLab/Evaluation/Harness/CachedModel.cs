using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// Keeps a model's answers in a file under its fingerprint, one line an answer, appended as they come: an evaluation that was stopped goes on
/// where it was, and one that is repeated asks nothing again. What the file cannot vouch for, such as a line that was cut off, is asked again.
/// </summary>
public sealed class CachedModel : IEvaluatedModel
{
    static readonly JsonSerializerOptions json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    readonly IEvaluatedModel model;
    readonly string file;
    readonly Dictionary<string, Answer> kept = new(StringComparer.Ordinal);

    /// <summary>Wraps a model.</summary>
    /// <param name="model">A model that has a fingerprint.</param>
    /// <param name="folder">Where answers are kept; null: <c>evaluation/</c> in the user's cache folder.</param>
    /// <exception cref="InvalidInputException">The model has no fingerprint.</exception>
    public CachedModel(IEvaluatedModel model, string? folder = null)
    {
        this.model = model;
        Fingerprint = model.Fingerprint ?? throw new InvalidInputException($"The answers of {model.Name} cannot be kept: it has no fingerprint.");
        file = Path.Combine(folder ?? Path.Combine(CacheFolder.Path, "evaluation"), Fingerprint + ".jsonl");
        if (!File.Exists(file)) return;
        foreach (string line in File.ReadLines(file))
            if (Parse(line) is { Key.Length: > 0 } answer) kept[answer.Key] = answer;
    }

    /// <inheritdoc/>
    public string Name => model.Name;

    /// <inheritdoc/>
    public string? Fingerprint { get; }

    /// <summary>Answers that the model had to give anew.</summary>
    public int Asked { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) =>
        Through(requests, request => KeyOf("likelihood", request.Context, request.Continuation), model.LogLikelihoods, Answer.Of, answer => answer.Likelihood);

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) =>
        Through(texts, text => KeyOf("rolling", text), model.RollingLogLikelihoods, Answer.Of, answer => answer.Likelihood);

    /// <inheritdoc/>
    public IReadOnlyList<PairLikelihood> PairLogLikelihoods(IReadOnlyList<SentencePair> pairs)
    {
        // Each sentence of a pair is a line of its own: what it scores depends on the other one.
        var halves = Through([.. pairs.SelectMany(pair => new[] { (Pair: pair, IsFirst: true), (Pair: pair, IsFirst: false) })],
            half => KeyOf("pair", half.Pair.First, half.Pair.Second, half.Pair.SharedTokens ? "shared" : "", half.IsFirst ? "first" : "second"),
            open => Halves(open), Answer.Of, answer => answer.Likelihood);
        return [.. pairs.Select((_, i) => new PairLikelihood(halves[2 * i], halves[2 * i + 1]))];
    }

    LogLikelihood[] Halves(IReadOnlyList<(SentencePair Pair, bool IsFirst)> halves)
    {
        SentencePair[] pairs = [.. halves.Select(half => half.Pair).Distinct()];
        var scores = model.PairLogLikelihoods(pairs).Zip(pairs).ToDictionary(one => one.Second, one => one.First);
        return [.. halves.Select(half => half.IsFirst ? scores[half.Pair].First : scores[half.Pair].Second)];
    }

    /// <inheritdoc/>
    public IEvaluatedModel? Untrained(long seed = 1) => model.Untrained(seed);

    /// <inheritdoc/>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests) =>
        Through(requests, request => KeyOf(["generation", $"{request.MaxTokens}", request.Prompt, .. request.Stops]), model.GenerateUntil, (key, text) => new Answer(key) { Text = text }, answer => answer.Text ?? "");

    /// <inheritdoc/>
    public int DroppedTokens(GenerationRequest request) => model.DroppedTokens(request);

    TAnswer[] Through<TRequest, TAnswer>(IReadOnlyList<TRequest> requests, Func<TRequest, string> keyOf, Func<IReadOnlyList<TRequest>, IReadOnlyList<TAnswer>> ask, Func<string, TAnswer, Answer> keep, Func<Answer, TAnswer> read)
    {
        string[] keys = [.. requests.Select(keyOf)];
        int[] open = [.. Enumerable.Range(0, keys.Length).Where(i => !kept.ContainsKey(keys[i])).DistinctBy(i => keys[i])];
        if (open.Length > 0)
        {
            var given = ask([.. open.Select(i => requests[i])]);
            var lines = new StringBuilder();
            for (int i = 0; i < open.Length; i++)
            {
                var answer = keep(keys[open[i]], given[i]);
                kept[answer.Key] = answer;
                lines.Append(JsonSerializer.Serialize(answer, json)).Append('\n');
            }
            Asked += open.Length;
            Append(lines.ToString());
        }
        return [.. keys.Select(key => read(kept[key]))];
    }

    void Append(string lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        // A line that a killed process left half-written ends here, and is no answer.
        stream.Write(Encoding.UTF8.GetBytes("\n" + lines));
    }

    static Answer? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<Answer>(line, json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string KeyOf(params string[] parts)
    {
        var hash = new XxHash128();
        foreach (string part in parts)
        {
            hash.Append(BitConverter.GetBytes(part.Length));
            hash.Append(MemoryMarshal.AsBytes(part.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    sealed record Answer([property: JsonPropertyName("k")] string Key)
    {
        [JsonPropertyName("nats")] public double? Nats { get; init; }
        [JsonPropertyName("tokens")] public int? Tokens { get; init; }
        [JsonPropertyName("greedy")] public bool? Greedy { get; init; }
        [JsonPropertyName("dropped")] public int? Dropped { get; init; }
        [JsonPropertyName("text")] public string? Text { get; init; }
        [JsonIgnore] public LogLikelihood Likelihood => new(Nats ?? double.NaN, Tokens ?? 0, Greedy ?? false, Dropped ?? 0);

        public static Answer Of(string key, LogLikelihood found) => new(key) { Nats = found.Nats, Tokens = found.TokenCount, Greedy = found.IsGreedy, Dropped = found.DroppedTokens };
    }
}
