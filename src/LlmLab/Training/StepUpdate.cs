using LlmLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>What the steps since the last reading came to.</summary>
/// <param name="LossSum">Sum of the losses of the steps that were made, nats a token.</param>
/// <param name="Made">Steps that were made.</param>
/// <param name="Skipped">Steps that the guard skipped.</param>
/// <param name="LastLoss">The last step's loss.</param>
/// <param name="LastNorm">The length of its gradient, before clipping.</param>
/// <param name="Reason">Why the last one was skipped, in a few words; null: it was made, or the device does not say.</param>
/// <param name="Hopeless">Why going on makes no sense, or null.</param>
readonly record struct StepSums(double LossSum, int Made, int Skipped, double LastLoss, double LastNorm, string? Reason, string? Hopeless);

/// <summary>
/// The second half of a training step, once its gradients are there: loss and gradient are judged (<see cref="StepGuard"/>), the gradient
/// is clipped, the optimizer makes its step, the averaged weights follow, and the gradients are cleared.
/// </summary>
abstract class StepUpdate : IDisposable
{
    /// <summary>The one for the setup's device: a GPU is not waited for before <see cref="Read"/>.</summary>
    public static StepUpdate Create(TrainingSetup setup, TrainingOptions options, WeightAverage? average) =>
        setup.Buffer.Device.type == DeviceType.CPU ? new HostUpdate(setup, options, average) : new DeviceUpdate(setup, options, average);

    /// <summary>Whether reading costs nothing, so that it may be done after each step.</summary>
    public abstract bool ReadsFreely { get; }

    /// <summary>What the guard remembers.</summary>
    public abstract StepGuardState Guard { get; set; }

    /// <summary>Adds a batch's gradients times its share, and its loss to the step's.</summary>
    /// <param name="batch">Tokens and targets.</param>
    /// <param name="share">1 / batches a step.</param>
    /// <param name="number">The batch's number: with the seed it decides the dropout.</param>
    public abstract void Accumulate(Batch batch, double share, long number);

    /// <summary>Adds to the step's loss where the gradients were added by others.</summary>
    public abstract void Add(double loss);

    /// <summary>Ends the step.</summary>
    /// <param name="step">Its number, from 0.</param>
    /// <param name="rate">The schedule's share of the highest rate.</param>
    public abstract void Finish(int step, double rate);

    /// <summary>What the steps since the last call came to.</summary>
    public abstract StepSums Read();

    public virtual void Dispose()
    {
    }

    protected static string? WhyHopeless(bool tooOften, Tensor weights)
    {
        if (tooOften) return "the tenth time in a row";
        using var finite = weights.isfinite().all();
        return finite.item<bool>() ? null : "and weights are no finite numbers either";
    }
}
