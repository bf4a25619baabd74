using LlmLab.Charts;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Training.Experiments;

/// <summary>A variant's results over its seeds.</summary>
/// <param name="Variant">Its name.</param>
/// <param name="Seeds">Seeds trained.</param>
/// <param name="Loss">Mean validation loss.</param>
/// <param name="Deviation">Standard deviation over seeds; NaN with one.</param>
/// <param name="Difference">Mean loss minus the baseline's.</param>
/// <param name="DifferenceError">Standard error of that difference, seeds taken as independent; NaN where one side has a single seed.</param>
/// <param name="LossByWindow">Mean loss in windows of other lengths.</param>
/// <param name="TrainSeconds">Mean seconds of training.</param>
/// <param name="WallSeconds">Mean seconds of the whole process, or null.</param>
/// <param name="Parameters">Learned numbers.</param>
public sealed record ExperimentRow(string Variant, int Seeds, double Loss, double Deviation, double Difference, double DifferenceError,
    IReadOnlyDictionary<int, double> LossByWindow, double TrainSeconds, double? WallSeconds, long Parameters);

/// <summary>Results of an experiment on one machine, variant by variant.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Machine">The machine; "" where nothing was measured.</param>
/// <param name="Rows">The variants that have results, in the experiment's order.</param>
public sealed record ExperimentTable(Experiment Experiment, string Machine, IReadOnlyList<ExperimentRow> Rows)
{
    /// <summary>
    /// The table of a machine: of each variant and seed the newest line.
    /// </summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="results">Its lines.</param>
    /// <param name="machine">The machine; null: that of the newest line.</param>
    public static ExperimentTable Of(Experiment experiment, IReadOnlyList<ExperimentResult> results, string? machine = null)
    {
        machine ??= results.Count == 0 ? "" : results.MaxBy(r => r.Date)!.Machine;
        var newest = results.Where(r => r.Machine == machine).GroupBy(r => (r.Variant, r.Seed)).Select(g => g.MaxBy(r => r.Date)!).ToLookup(r => r.Variant);
        var baseline = newest[experiment.Baseline ?? experiment.Variants[0].Name].Select(r => r.ValidationLoss).ToArray();
        return new ExperimentTable(experiment, machine, [.. experiment.Variants.Where(v => newest[v.Name].Any()).Select(v => Row(v.Name, [.. newest[v.Name]], baseline))]);
    }

    /// <summary>Each variant's loss minus the baseline's, with standard errors: what leaving a part out costs.</summary>
    public Chart DifferenceChart()
    {
        string baseline = Experiment.Baseline ?? Experiment.Variants[0].Name;
        var shown = Rows.Where(r => r.Variant != baseline && double.IsFinite(r.Difference)).OrderByDescending(r => r.Difference).ToArray();
        double[]? errors = shown.All(r => double.IsFinite(r.DifferenceError)) ? [.. shown.Select(r => r.DifferenceError)] : null;
        return Chart.Bars($"{Experiment.Name}: validation loss minus that of \"{baseline}\"", [.. shown.Select(r => r.Variant)], shown.Select(r => r.Difference), "nats a token", errors);
    }

    /// <summary>Loss against wall-clock seconds (training seconds where a run had no process of its own), with the references.</summary>
    public Chart QualityForTime()
    {
        Series Point(string name, double seconds, double loss, double error) => new(name, [seconds], [loss]) { Mark = Mark.Points, Errors = double.IsFinite(error) ? [error] : null };
        return new Chart($"{Experiment.Name}: quality for time")
        {
            Series =
            [
                .. Rows.Select(r => Point(r.Variant, r.WallSeconds ?? r.TrainSeconds, r.Loss, r.Deviation)),
                .. Experiment.References.Where(r => r.Seconds is not null).Select(r => Point(r.Name, r.Seconds!.Value, r.Loss, double.NaN)),
            ],
            XLabel = "seconds",
            YLabel = "validation loss (nats a token)",
            LogX = true,
        };
    }

    static ExperimentRow Row(string name, ExperimentResult[] lines, double[] baseline)
    {
        double[] losses = [.. lines.Select(r => r.ValidationLoss)];
        double mean = losses.Average(), variance = Samples.Variance(losses);
        double difference = baseline.Length == 0 ? double.NaN : mean - baseline.Average();
        double error = baseline.Length == 0 ? double.NaN : Math.Sqrt(variance / losses.Length + Samples.Variance(baseline) / baseline.Length);
        var windows = lines.SelectMany(r => r.LossByWindow).GroupBy(w => w.Key).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.Average(w => w.Value));
        double? wall = lines.All(r => r.WallSeconds is not null) ? lines.Average(r => r.WallSeconds!.Value) : null;
        return new ExperimentRow(name, losses.Length, mean, Math.Sqrt(variance), difference, error, windows, lines.Average(r => r.TrainSeconds), wall, lines[^1].Parameters);
    }
}
