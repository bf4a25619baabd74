using System.Globalization;
using System.Text;
using LlmLab.Evaluation.Statistics;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>One score of a model.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Use">What it is about.</param>
/// <param name="Score">The score with its error.</param>
public sealed record EmbeddingScore(string Task, EmbeddingUse Use, Estimate Score);

/// <summary>One line of the leaderboard.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Parameters">Learned numbers, or null where it is not known.</param>
/// <param name="Dimensions">Numbers of an embedding.</param>
/// <param name="TextsPerSecond">Texts embedded a second, on this machine or over the network.</param>
/// <param name="TokensPerText">Tokens that a provider counted for a text; null for models that count none: they cost the time of this machine.</param>
/// <param name="Scores">The scores, in the order of the tasks.</param>
public sealed record LeaderboardRow(string Model, long? Parameters, int Dimensions, double TextsPerSecond, double? TokensPerText, IReadOnlyList<EmbeddingScore> Scores)
{
    /// <summary>Gigabytes that the vectors of a million texts take, as float32.</summary>
    public double GigabytesPerMillion => Dimensions * sizeof(float) / 1e3;

    /// <summary>The mean over the uses, each counting the same however many tasks it has.</summary>
    public double Mean => Scores.GroupBy(s => s.Use).Average(g => g.Average(s => s.Score.Value));
}

/// <summary>
/// Compares embedding models on the same tasks, after MTEB (Muennighoff et al. 2023): retrieval, similarity, classification, clustering; with
/// what each costs. Any <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> takes part, hosted ones too.
/// </summary>
public static class EmbeddingBenchmark
{
    /// <summary>Scores every model on every task; the best mean first.</summary>
    /// <exception cref="InvalidInputException">No model or no task.</exception>
    public static async Task<IReadOnlyList<LeaderboardRow>> CompareAsync(IReadOnlyList<IEmbeddingGenerator<string, Embedding<float>>> models, IReadOnlyList<EmbeddingTask> tasks)
    {
        if (models.Count == 0 || tasks.Count == 0) throw new InvalidInputException($"A comparison needs at least one model and one task, found {models.Count} and {tasks.Count}.");
        var rows = new List<LeaderboardRow>();
        foreach (var model in models)
        {
            var embedder = new TextEmbedder(model);
            var scores = new List<EmbeddingScore>();
            var info = EmbeddingModelInfo.Of(model);
            foreach (var task in tasks)
            {
                scores.Add(new EmbeddingScore(task.Name, task.Use, await task.ScoreAsync(embedder).ConfigureAwait(false)));
                Operation.Current.Report("comparing embeddings", rows.Count * tasks.Count + scores.Count, models.Count * tasks.Count, "scores", $"{info.Name}: {task.Name}");
            }
            int dimensions = info.Dimensions > 0 ? info.Dimensions : (await embedder.EmbedAsync(["a"]).ConfigureAwait(false))[0].Length;
            rows.Add(new LeaderboardRow(info.Name, info.Parameters, dimensions, embedder.Texts / Math.Max(1e-9, embedder.Seconds), embedder.Tokens > 0 ? (double)embedder.Tokens / embedder.Texts : null, scores));
        }
        return [.. rows.OrderByDescending(r => r.Mean)];
    }

    /// <summary>The leaderboard as a Markdown table: size, speed, what a million texts take (gigabytes of vectors; time here, or money at a provider), and the scores.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="price">What a provider asks for a million tokens; null: tokens are shown instead.</param>
    public static string ToMarkdown(IReadOnlyList<LeaderboardRow> rows, double? price = null)
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        string[] tasks = [.. rows[0].Scores.Select(s => s.Task)];
        text.Append(culture, $"| model | parameters | dimensions | texts/s | GB a million texts | cost of a million texts | mean | {string.Join(" | ", tasks)} |\n| --- |{string.Concat(Enumerable.Repeat(" ---: |", tasks.Length + 6))}\n");
        foreach (var row in rows)
            text.Append(culture, $"| {row.Model} | {(row.Parameters is { } count ? count.ToString("N0", culture) : "?")} | {row.Dimensions} | {row.TextsPerSecond:N0} | {row.GigabytesPerMillion:0.00} | {Cost(row, price)} | {row.Mean:0.000} | {string.Join(" | ", row.Scores.Select(s => string.Create(culture, $"{s.Score.Value:0.000} ± {s.Score.StandardError:0.000}")))} |\n");
        return text.ToString();
    }

    static string Cost(LeaderboardRow row, double? price) => row.TokensPerText is not { } tokens ? $"{Duration(1e6 / row.TextsPerSecond)} here"
        : price is { } asked ? (tokens * asked).ToString("0.00", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{tokens:0.0} million tokens");

    static string Duration(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{(seconds < 120 ? seconds : seconds < 7_200 ? seconds / 60 : seconds / 3_600):0} {(seconds < 120 ? "s" : seconds < 7_200 ? "min" : "h")}");
}
