using LlmLab.Charts;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Statistics;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Evaluation.Reports;

/// <summary>Metrics of the checkpoints of a run: does the model get better at its work while its loss falls?</summary>
/// <param name="Run">The run's name.</param>
/// <param name="Steps">Steps of the checkpoints.</param>
/// <param name="Metrics">The scores of each metric, one a checkpoint.</param>
/// <param name="Losses">Validation loss by step, from the run's own log.</param>
public sealed record CheckpointScores(string Run, IReadOnlyList<int> Steps, IReadOnlyDictionary<string, IReadOnlyList<Estimate>> Metrics, IReadOnlyList<(int Step, double Loss)> Losses)
{
    /// <summary>Scores every checkpoint that the run kept.</summary>
    /// <param name="run">The run.</param>
    /// <param name="score">Metrics of a model by name: BLEU and ROUGE of what it generates, say; the same names each time.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    /// <exception cref="InvalidInputException">The run has no checkpoint, or the names differ between checkpoints.</exception>
    public static CheckpointScores Of(Run run, Func<IEvaluatedModel, IReadOnlyDictionary<string, Estimate>> score, int threads = 0)
    {
        var checkpoints = Checkpoint.All(run.Checkpoints);
        if (checkpoints.Count == 0) throw new InvalidInputException($"{run.Folder} has no checkpoint yet: the run ended before its first one.");
        var (steps, metrics) = (new List<int>(), new Dictionary<string, List<Estimate>>(StringComparer.Ordinal));
        foreach (var folder in checkpoints)
        {
            using var model = EvaluatedLanguageModel.Open(folder, threads);
            var values = score(model);
            foreach (var (name, value) in values.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                if (!metrics.TryGetValue(name, out var column)) metrics[name] = column = [];
                column.Add(value);
            }
            steps.Add(int.Parse(Path.GetFileName(folder).Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture));
            if (metrics.FirstOrDefault(one => one.Value.Count != steps.Count).Key is { } uneven)
                throw new InvalidInputException($"The metric \"{uneven}\" was not given for every checkpoint of {run.Description.Name}; give the same names each time.");
            Operation.Current.Report("scoring checkpoints", steps.Count, checkpoints.Count, "checkpoints");
        }
        return new(run.Description.Name, steps, metrics.ToDictionary(one => one.Key, one => (IReadOnlyList<Estimate>)one.Value),
            [.. run.Metrics.Where(line => line.ValidationLoss is not null).Select(line => (line.Step, line.ValidationLoss!.Value))]);
    }

    /// <summary>Metrics with their 95 % intervals against steps, with the loss on the right axis.</summary>
    public Chart ToChart()
    {
        double[] steps = [.. Steps.Select(step => (double)step)];
        return new Chart($"{Run}: metrics by checkpoint")
        {
            XLabel = "steps",
            YLabel = "metric, with 95 % interval",
            RightLabel = "validation loss (nats a token)",
            Series =
            [
                .. Metrics.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => ChartIntervals.Series(one.Key, one.Value) with { X = steps }),
                new("validation loss", [.. Losses.Select(one => (double)one.Step)], [.. Losses.Select(one => one.Loss)]) { RightAxis = true, Dashed = true },
            ],
        };
    }
}
