using System.Globalization;

namespace LlmLab.Training;

/// <summary>What a <see cref="StepGuard"/> remembers, in a checkpoint.</summary>
/// <param name="Losses">The last losses, oldest first.</param>
/// <param name="Norms">The last lengths of the gradient, oldest first.</param>
/// <param name="SkippedInARow">Steps skipped just now, one after the other, because a number was not finite.</param>
public sealed record StepGuardState(double[] Losses, double[] Norms, int SkippedInARow);

/// <summary>
/// Decides whether a step is to be made: not when loss or gradient are no finite numbers, and not when one of them lies so many standard
/// deviations above its mean over the last 128 steps. That is the rule of OLMo 2's SkipStepOptimizer (2024); a spike that stays becomes
/// the new normal, since skipped steps count in the mean too.
/// </summary>
public sealed class StepGuard
{
    internal const int Window = 128, Fewest = Window / 2, MostInARow = 10;

    readonly double deviations;
    readonly Queue<double> losses = new(Window + 1), norms = new(Window + 1);
    int skippedInARow;

    /// <summary>A guard.</summary>
    /// <param name="deviations">Standard deviations above the mean at which a step is skipped; 0: only what is not finite.</param>
    public StepGuard(double deviations) => this.deviations = deviations;

    /// <summary>What is to be kept in a checkpoint.</summary>
    public StepGuardState State
    {
        get => new([.. losses], [.. norms], skippedInARow);
        set
        {
            losses.Clear();
            norms.Clear();
            foreach (double loss in value.Losses) losses.Enqueue(loss);
            foreach (double norm in value.Norms) norms.Enqueue(norm);
            skippedInARow = value.SkippedInARow;
        }
    }

    /// <summary>Whether so many steps in a row had no finite numbers that going on makes no sense.</summary>
    public bool IsHopeless => skippedInARow >= MostInARow;

    /// <summary>Why the step is to be skipped, in a few words; null if it is to be made.</summary>
    /// <param name="loss">The batch's loss.</param>
    /// <param name="norm">The length of its gradient, before clipping.</param>
    public string? WhySkip(double loss, double norm)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            skippedInARow++;
            return string.Create(CultureInfo.InvariantCulture, $"loss {loss}, gradient {norm}");
        }
        skippedInARow = 0;
        string? reason = Spike(losses, loss, "loss") ?? Spike(norms, norm, "gradient");
        Remember(losses, loss);
        Remember(norms, norm);
        return reason;
    }

    string? Spike(Queue<double> last, double value, string name)
    {
        if (deviations == 0 || last.Count < Fewest) return null;
        double sum = 0, squares = 0;
        foreach (double v in last) sum += v;
        double mean = sum / last.Count;
        foreach (double v in last) squares += (v - mean) * (v - mean);
        double deviation = Math.Sqrt(squares / (last.Count - 1));
        return value <= mean + deviations * deviation ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name} {value:G4}, {(value - mean) / deviation:0.0} deviations above its mean of {mean:G4}");
    }

    static void Remember(Queue<double> last, double value)
    {
        if (last.Count == Window) last.Dequeue();
        last.Enqueue(value);
    }
}
