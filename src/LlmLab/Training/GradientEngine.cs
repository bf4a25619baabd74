using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// Computes the gradient of a batch: the batch's sequences are shared out among the threads of a <see cref="WorkerPool"/>, each thread
/// runs forward and backward on its own with a replica of the model that shares the weights, and the gradients are summed in a fixed
/// order. Within a thread nothing waits for another, so that small models are not held up by barriers; with one worker it is the plain way.
/// </summary>
public sealed class GradientEngine : IGradientEngine
{
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly LanguageModel[] replicas;
    readonly WorkerGradients gradients;
    readonly Generator[] random;
    readonly ForwardPass[] passes;
    readonly double[] losses;
    readonly Action<int, Tensor?> readLoss;
    readonly long seed;

    readonly bool checkpointing;

    /// <summary>An engine for a model whose weights lie in the buffer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="buffer">Its weights and gradients.</param>
    /// <param name="pool">Threads.</param>
    /// <param name="precision">Operands of products.</param>
    /// <param name="seed">Seed of dropout.</param>
    /// <param name="checkpointing">Forget activations inside blocks and compute them again on the way back.</param>
    public GradientEngine(LanguageModel model, ParameterBuffer buffer, WorkerPool pool, Precision precision, long seed, bool checkpointing = false)
    {
        (this.buffer, this.pool, this.seed, this.checkpointing) = (buffer, pool, seed, checkpointing);
        replicas = new LanguageModel[pool.Count];
        gradients = new WorkerGradients(buffer, pool);
        for (int i = 0; i < pool.Count; i++)
        {
            replicas[i] = i == 0 ? model : new LanguageModel(model.Spec, seed, buffer.Device);
            buffer.Bind(replicas[i], gradients[i]);
        }
        bool drops = model.Spec.Dropout > 0;
        random = drops ? [.. replicas.Select(_ => new Generator(0, buffer.Device))] : [];
        passes = [.. replicas.Select((_, i) => new ForwardPass { OperandType = TypeOf(precision), DropoutRandom = drops ? random[i] : null })];
        losses = new double[pool.Count];
        readLoss = (worker, loss) => losses[worker] = loss?.item<float>() ?? 0;
    }

    /// <summary>The element type of a precision.</summary>
    public static ScalarType TypeOf(Precision precision) => precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <inheritdoc/>
    public double Accumulate(Batch batch, double share, long number)
    {
        OnParts(batch, share, number, readLoss);
        return losses.Sum();
    }

    /// <summary>The same without waiting for the device: the mean loss times the share is added to a number there.</summary>
    internal void Accumulate(Batch batch, double share, long number, Tensor sum) => OnParts(batch, share, number, (_, loss) =>
    {
        using var none = no_grad();
        if (loss is not null) sum.add_(loss, alpha: share);
    });

    // Each thread's part of the batch, forward and backward; a thread without one gets no loss.
    void OnParts(Batch batch, double share, long number, Action<int, Tensor?> lossOf)
    {
        pool.Run(worker =>
        {
            int first = (int)((long)batch.Sequences * worker / pool.Count), last = (int)((long)batch.Sequences * (worker + 1) / pool.Count);
            if (first == last)
            {
                lossOf(worker, null);
                return;
            }
            using var scope = NewDisposeScope();
            if (passes[worker].DropoutRandom is { } generator) generator.manual_seed(seed * 1_000_003 + number * 257 + worker);
            int rows = last - first, count = rows * batch.Length, start = first * batch.Length;
            var input = batch.Input(first, rows, buffer.Device);
            var targets = ComputeDevices.Upload(tensor(batch.Targets.AsMemory(start, count), [rows, batch.Length]), buffer.Device);
            var weights = batch.Weights is { } all ? ComputeDevices.Upload(tensor(all.AsMemory(start, count), [rows, batch.Length]), buffer.Device) : null;
            if (checkpointing)
            {
                lossOf(worker, replicas[worker].LossAndGradients(input, targets, passes[worker], weights, batch.Divisor, share));
                return;
            }
            var loss = replicas[worker].Loss(input, targets, passes[worker], weights, batch.Divisor);
            (share == 1 ? loss : loss * share).backward();
            lossOf(worker, loss);
        });
    }

    /// <summary>Runs work on every thread, each with its number and its replica of the model: for losses over more than tokens.</summary>
    internal void OnEach(Action<int, LanguageModel, ForwardPass> work, long number) => pool.Run(worker =>
    {
        if (passes[worker].DropoutRandom is { } generator) generator.manual_seed(seed * 1_000_003 + number * 257 + worker);
        work(worker, replicas[worker], passes[worker]);
    });

    /// <summary>Number of threads.</summary>
    internal int WorkerCount => pool.Count;

    /// <summary>Where the model lives.</summary>
    internal Device Device => buffer.Device;

    /// <inheritdoc/>
    public double Reduce() => gradients.Reduce();

    /// <inheritdoc/>
    public void Clear() => gradients.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 1; i < replicas.Length; i++) replicas[i].Dispose();
        gradients.Dispose();
        foreach (var generator in random) generator.Dispose();
    }
}
