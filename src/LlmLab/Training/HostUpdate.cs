using LlmLab.Data;

namespace LlmLab.Training;

/// <summary>On the processor, where each number is at hand.</summary>
sealed class HostUpdate(TrainingSetup setup, TrainingOptions options, WeightAverage? average) : StepUpdate
{
    readonly StepGuard guard = new(options.SpikeDeviations);
    double loss;
    StepSums sums;

    public override bool ReadsFreely => true;

    public override StepGuardState Guard
    {
        get => guard.State;
        set => guard.State = value;
    }

    public override void Accumulate(Batch batch, double share, long number) => loss += share * setup.Engine.Accumulate(batch, share, number);

    public override void Add(double loss) => this.loss += loss;

    public override void Finish(int step, double rate)
    {
        double norm = setup.Engine.Reduce();
        string? reason = guard.WhySkip(loss, norm), hopeless = null;
        if (reason is null)
        {
            setup.Optimizer.Step(step, rate, options.GradientClip > 0 ? Math.Min(1, options.GradientClip / (norm + 1e-6)) : 1);
            average?.Add(step);
        }
        else if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            hopeless = WhyHopeless(guard.IsHopeless, setup.Buffer.Values);
        }
        setup.Engine.Clear();
        bool made = reason is null;
        sums = new StepSums(sums.LossSum + (made ? loss : 0), sums.Made + (made ? 1 : 0), sums.Skipped + (made ? 0 : 1), loss, norm, reason, hopeless);
        loss = 0;
    }

    public override StepSums Read()
    {
        var read = sums;
        sums = default;
        return read;
    }
}
