using LlmLab.Charts;

namespace LlmLab.Runs;

/// <summary>What a run's metrics look like, also while it goes on.</summary>
public static class RunCharts
{
    /// <summary>
    /// One picture of a run so far: loss against steps, tokens and seconds, learning rate, length of the gradient, throughput.
    /// <code>
    /// var picture = display("training begins");
    /// Trainer.Train(spec, data, options, watch: run => picture.Update(run.TrainingCharts()));
    /// </code>
    /// </summary>
    public static ChartGrid TrainingCharts(this Run run)
    {
        var lines = run.Metrics;
        Chart Loss(string title, string axis, Func<Metrics, double> at) => new Chart(title)
        {
            Series =
            [
                Points("training", m => m.TrainLoss, at) with { Mark = Mark.Line },
                Points("validation", m => m.ValidationLoss, at) with { Mark = Mark.Points },
                .. run.Options.WeightAverageDecay > 0 ? [Points("validation, averaged weights", m => m.AverageValidationLoss, at) with { Mark = Mark.Points }] : (Series[])[],
            ],
            XLabel = axis,
            YLabel = "nats a token",
            Width = Width,
            Height = Height,
        };
        Chart Other(string title, string unit, Func<Metrics, double?> value) => new Chart(title) { Series = [Points("", value, m => m.Step)], XLabel = "steps", YLabel = unit, Width = Width, Height = Height };
        Series Points(string name, Func<Metrics, double?> value, Func<Metrics, double> at)
        {
            var known = lines.Where(m => value(m) is not null).ToArray();
            return new Series(name, [.. known.Select(at)], [.. known.Select(m => value(m)!.Value)]);
        }
        return new ChartGrid($"{run.Description.Name}: training",
        [
            Loss("loss against steps", "steps", m => m.Step),
            Loss("loss against tokens", "tokens", m => m.Tokens),
            Loss("loss against seconds", "seconds", m => m.Seconds),
            Other("learning rate", "", m => m.LearningRate),
            Other("length of the gradient", "", m => m.GradientNorm),
            Other("throughput", "tokens a second", m => m.TokensPerSecond),
        ], Columns: 3);
    }

    const int Width = 380, Height = 280;
}
