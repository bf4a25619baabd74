using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Models.Kernels;

namespace LlmLab.Training;

/// <summary>
/// Gradients by <see cref="CompiledPass"/>: the batch's sequences are shared out among the threads as in <see cref="GradientEngine"/>,
/// and each thread goes forward and back without libtorch.
/// </summary>
sealed unsafe class CompiledGradientEngine : IGradientEngine
{
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly WorkerGradients gradients;
    readonly CompiledWeights weights;
    readonly CompiledPass[] passes;
    readonly double[] losses;
    bool packed;

    public CompiledGradientEngine(LanguageModel model, ParameterBuffer buffer, WorkerPool pool, int sequences, int length)
    {
        (this.buffer, this.pool) = (buffer, pool);
        gradients = new WorkerGradients(buffer, pool);
        weights = new CompiledWeights(model.Spec, buffer.Segments.ToDictionary(segment => segment.Name, segment => segment.Offset));
        passes = [.. Enumerable.Range(0, pool.Count).Select(_ => new CompiledPass(weights, length, (sequences + pool.Count - 1) / pool.Count))];
        losses = new double[pool.Count];
    }

    public double Accumulate(Batch batch, double share, long number)
    {
        float* values = PackedValues();
        pool.Run(worker =>
        {
            int first = (int)((long)batch.Sequences * worker / pool.Count), last = (int)((long)batch.Sequences * (worker + 1) / pool.Count);
            int start = first * batch.Length, count = (last - first) * batch.Length;
            losses[worker] = count == 0 ? 0 : passes[worker].Run(values, Pointers.Of(gradients[worker]), batch.Tokens.AsSpan(start, count), batch.Targets.AsSpan(start, count),
                batch.Weights is { } all ? all.AsSpan(start, count) : default, batch.Divisor, share);
        });
        return losses.Sum();
    }

    /// <summary>Adds the gradient of the texts' mean loss of pointing at their answers, times <paramref name="share"/>; returns the mean loss in nats.</summary>
    /// <param name="marked">Texts, each with the first and the last token of its answer, wherever that stands.</param>
    /// <param name="share">Factor of the gradient.</param>
    public double AccumulateSpans(IReadOnlyList<(int[] Tokens, (int First, int Last)[] Answers)> marked, double share)
    {
        float* values = PackedValues();
        var shares = Enumerable.Range(0, pool.Count).Select(_ => new List<(int[], (int, int)[])>()).ToArray();
        double[] loads = new double[pool.Count];
        foreach (var text in marked.OrderByDescending(text => text.Tokens.Length))   // the longest first, each to the thread with the least to do
        {
            int least = Array.IndexOf(loads, loads.Min());
            loads[least] += text.Tokens.Length * (6.0 * weights.Spec.Width + text.Tokens.Length);
            shares[least].Add(text);
        }
        pool.Run(worker => losses[worker] = passes[worker].RunSpans(values, Pointers.Of(gradients[worker]), shares[worker], 2.0 * marked.Count, share));
        return losses.Sum();
    }

    float* PackedValues()
    {
        float* values = Pointers.Of(buffer.Values);
        if (!packed) pool.Run(worker => weights.Pack(values, worker, pool.Count));
        packed = true;
        return values;
    }

    public double Reduce() => gradients.Reduce();

    // The weights change between two steps, so the packed copies are out of date.
    public void Clear()
    {
        packed = false;
        gradients.Clear();
    }

    public void Dispose()
    {
        foreach (var pass in passes) pass.Dispose();
        weights.Dispose();
        gradients.Dispose();
    }
}
