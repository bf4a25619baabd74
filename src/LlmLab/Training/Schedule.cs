namespace LlmLab.Training;

/// <summary>The learning rate over the steps, as a share of its highest value.</summary>
public static class Schedule
{
    /// <summary>The share at a step.</summary>
    /// <param name="options">Kind, warm-up, final share.</param>
    /// <param name="step">The step about to be made, from 0.</param>
    public static double Share(TrainingOptions options, int step)
    {
        // nanoGPT's rule: the first step already moves, and the step after the warm-up is the first at full rate.
        if (step < options.WarmupSteps) return (step + 1.0) / (options.WarmupSteps + 1);
        double progress = Math.Min(1, (step - options.WarmupSteps) / Math.Max(1.0, options.Steps - options.WarmupSteps));
        return options.Schedule switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Cosine => options.FinalShare + (1 - options.FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress)),
            ScheduleKind.Linear => 1 - (1 - options.FinalShare) * progress,
            ScheduleKind.Trapezoid => Trapezoid(options, step),
            _ => throw new ArgumentOutOfRangeException(nameof(options)),
        };
    }

    static double Trapezoid(TrainingOptions options, int step)
    {
        double cooldown = options.CooldownShare * options.Steps, left = options.Steps - step;
        return left >= cooldown ? 1 : options.FinalShare + (1 - options.FinalShare) * left / cooldown;
    }
}
