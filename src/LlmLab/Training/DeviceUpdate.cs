using System.Globalization;
using LlmLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// On a GPU: the same decisions, computed there, so that a step is queued without waiting for the one before. The numbers come to the
/// processor by <see cref="Read"/> alone.
/// </summary>
sealed class DeviceUpdate : StepUpdate
{
    readonly TrainingSetup setup;
    readonly TrainingOptions options;
    readonly WeightAverage? average;
    readonly Tensor history;   // [2, window] float64: losses and lengths of gradients, oldest first, NaN where there was none yet
    readonly Tensor loss, lossSum, made, skipped, skippedInARow, lastLoss, lastNorm;   // each a float64 number

    public DeviceUpdate(TrainingSetup setup, TrainingOptions options, WeightAverage? average)
    {
        (this.setup, this.options, this.average) = (setup, options, average);
        Tensor Number() => zeros([], dtype: ScalarType.Float64, device: setup.Buffer.Device).DetachFromDisposeScope();
        history = full([2, StepGuard.Window], double.NaN, dtype: ScalarType.Float64, device: setup.Buffer.Device).DetachFromDisposeScope();
        (loss, lossSum, made, skipped, skippedInARow, lastLoss, lastNorm) = (Number(), Number(), Number(), Number(), Number(), Number(), Number());
    }

    public override bool ReadsFreely => false;

    public override StepGuardState Guard
    {
        get
        {
            using var scope = NewDisposeScope();
            double[] Row(int row) => [.. history[row].cpu().data<double>().Where(double.IsFinite)];
            return new StepGuardState(Row(0), Row(1), (int)skippedInARow.item<double>());
        }
        set
        {
            using var none = no_grad();
            using var scope = NewDisposeScope();
            double[] Row(double[] last) => [.. Enumerable.Repeat(double.NaN, StepGuard.Window - last.Length), .. last];
            history.copy_(tensor([.. Row(value.Losses), .. Row(value.Norms)], [2, StepGuard.Window], dtype: ScalarType.Float64));
            skippedInARow.fill_(value.SkippedInARow);
        }
    }

    public override void Accumulate(Batch batch, double share, long number) => ((GradientEngine)setup.Engine).Accumulate(batch, share, number, loss);

    public override void Add(double loss)
    {
        using var none = no_grad();
        this.loss.add_(loss);
    }

    public override void Finish(int step, double rate)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var gradients = setup.Buffer.Gradients;
        var norm = gradients.norm().to(ScalarType.Float64);
        var measured = stack([loss, norm], 0);   // [2]
        var finite = measured.isfinite().all();
        var makes = options.SpikeDeviations == 0 ? finite : finite.logical_and(IsUsual(measured));
        history.copy_(where(finite, cat([history.narrow(1, 1, StepGuard.Window - 1), measured.unsqueeze(1)], 1), history));
        skippedInARow.copy_(where(finite, zeros_like(skippedInARow), skippedInARow + 1));

        if (options.GradientClip > 0) gradients.mul_((options.GradientClip / (norm + 1e-6)).clamp_max(1).to(ScalarType.Float32));
        gradients.masked_fill_(makes.logical_not(), 0);   // what is not finite would stay so times 0
        var factor = makes.to(ScalarType.Float32);
        setup.Optimizer.Step(step, rate, 1, factor);
        average?.Add(step, factor);
        setup.Engine.Clear();

        lossSum.add_(where(makes, loss, zeros_like(loss)));
        made.add_(makes.to(ScalarType.Float64));
        skipped.add_(makes.logical_not().to(ScalarType.Float64));
        lastLoss.copy_(loss);
        lastNorm.copy_(norm);
        loss.zero_();
    }

    // StepGuard's rule, for losses and gradients at once.
    Tensor IsUsual(Tensor measured)
    {
        var known = history.isfinite();                               // [2, window]
        var count = known.to(ScalarType.Float64).sum(1);              // [2]
        var none = zeros_like(history);
        var mean = where(known, history, none).sum(1) / count.clamp_min(1);
        var deviation = (where(known, history - mean.unsqueeze(1), none).square().sum(1) / (count - 1).clamp_min(1)).sqrt();
        return (measured > mean + options.SpikeDeviations * deviation).logical_and(count >= StepGuard.Fewest).any().logical_not();
    }

    public override StepSums Read()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        double[] read = [.. stack([lossSum, made, skipped, lastLoss, lastNorm, skippedInARow], 0).cpu().data<double>()];   // the one wait for the device
        foreach (var number in (Tensor[])[lossSum, made, skipped]) number.zero_();
        string? reason = read[2] == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{read[2]:0} of the last {read[1] + read[2]:0} steps");
        string? hopeless = read[5] == 0 ? null : WhyHopeless(read[5] >= StepGuard.MostInARow, setup.Buffer.Values);
        return new StepSums(read[0], (int)read[1], (int)read[2], read[3], read[4], reason, hopeless);
    }

    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[history, loss, lossSum, made, skipped, skippedInARow, lastLoss, lastNorm]) tensor.Dispose();
    }
}
