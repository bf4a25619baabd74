using LlmLab.Charts;
using LlmLab.Data;
using LlmLab.Models;

namespace LlmLab.Training;

/// <summary>
/// The learning-rate range test (Smith 2015, "Cyclical learning rates for training neural networks", section 3.3): a short training in which
/// the rate rises exponentially step by step. Where the loss falls fastest the rate is useful, and where it turns up the rate is too high.
/// </summary>
/// <param name="Rates">The rate of each step.</param>
/// <param name="Losses">The training loss of each step, before it.</param>
/// <param name="Smoothed">The same as an exponential average (0.9, bias corrected).</param>
/// <param name="Best">The rate at which the smoothed loss was lowest.</param>
/// <param name="Suggested">A tenth of <see cref="Best"/>: fast.ai's rule of thumb, below the edge by a safe margin.</param>
/// <param name="Option">The option that the rate is of; other groups' rates rose in proportion.</param>
public sealed record LearningRateRangeTest(IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, IReadOnlyList<double> Smoothed, double Best, double Suggested, string Option)
{
    const double Smoothing = 0.9, Diverged = 4;

    /// <summary>Runs the test on a new model; nothing is kept.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="data">The tokens.</param>
    /// <param name="options">The training whose rate is looked for.</param>
    /// <param name="lowest">First rate.</param>
    /// <param name="highest">Last rate; the test ends before it when the smoothed loss is four times the lowest, or no number.</param>
    /// <param name="steps">Steps, at least 20.</param>
    /// <exception cref="InvalidInputException">Spec, data and options do not fit each other, or the rates are no range.</exception>
    public static LearningRateRangeTest Run(ModelSpec spec, TrainingData data, TrainingOptions options, double lowest = 1e-6, double highest = 1, int steps = 200)
    {
        TrainingChecks.Check(spec, data, options);
        if (!(lowest > 0 && highest > lowest) || steps < 20)
            throw new InvalidInputException($"A range test needs a lowest rate above 0, a highest above that and at least 20 steps; found {lowest}, {highest} and {steps}.");
        var settings = MachineSettings.Choose(spec, options);
        MemoryEstimate.Of(spec, options, settings).CheckFits();
        bool muon = options.Optimizer == OptimizerKind.Muon;
        double rateOf = muon ? options.MuonLearningRate : options.LearningRate;
        using var setup = new TrainingSetup(spec, options, settings);
        using var batches = setup.Batches(data);
        var (rates, losses, smoothed) = (new List<double>(), new List<double>(), new List<double>());
        double average = 0, least = double.MaxValue;
        setup.Model.train();
        for (int step = 0; step < steps; step++)
        {
            double rate = lowest * Math.Pow(highest / lowest, (double)step / (steps - 1));
            var batch = batches.Take();
            double loss = setup.Engine.Accumulate(batch, 1, step);
            batches.Return(batch);
            double norm = setup.Engine.Reduce();
            if (!double.IsFinite(loss) || !double.IsFinite(norm)) break;
            average = Smoothing * average + (1 - Smoothing) * loss;
            rates.Add(rate);
            losses.Add(loss);
            smoothed.Add(average / (1 - Math.Pow(Smoothing, step + 1)));
            least = Math.Min(least, smoothed[^1]);
            if (smoothed[^1] > Diverged * least) break;
            setup.Optimizer.Step(step, rate / rateOf, options.GradientClip > 0 ? Math.Min(1, options.GradientClip / (norm + 1e-6)) : 1);
            setup.Engine.Clear();
            Operation.Current.Report("learning rates", step + 1, steps, "steps", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"rate {rate:G2}, loss {loss:0.000}"));
        }
        if (rates.Count == 0) throw new InvalidInputException("The first loss of the range test is no finite number: the model cannot be trained with any rate.");
        double best = rates[smoothed.IndexOf(smoothed.Min())];
        return new LearningRateRangeTest(rates, losses, smoothed, best, best / 10, muon ? nameof(TrainingOptions.MuonLearningRate) : nameof(TrainingOptions.LearningRate));
    }

    /// <summary>Loss against rate, the lowest loss's rate and the suggested one marked.</summary>
    public Chart ToChart()
    {
        double SmoothedAt(double rate) => Smoothed[Enumerable.Range(0, Rates.Count).MinBy(i => Math.Abs(Math.Log(Rates[i] / rate)))];
        double top = Math.Max(Smoothed[0] * 1.3, Smoothed.Min() * 1.5);
        return new Chart("learning-rate range test")
        {
            Series =
            [
                new Series("loss", Rates, [.. Losses.Select(l => Math.Min(l, top))]) { Mark = Mark.Points },
                new Series("smoothed", Rates, [.. Smoothed.Select(l => Math.Min(l, top))]),
                new Series("suggested", [Suggested], [SmoothedAt(Suggested)]) { Mark = Mark.Points },
            ],
            XLabel = Option,
            YLabel = "loss (nats a token)",
            LogX = true,
        };
    }
}
