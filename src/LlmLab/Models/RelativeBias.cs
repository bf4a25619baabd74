using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// T5's relative positions (Raffel et al. 2020): a learned number a head and bucket of distances is added to attention scores. Half of a
/// direction's buckets are exact distances, the rest grow logarithmically up to the largest distance.
/// </summary>
public sealed class RelativeBias : nn.Module
{
    readonly ModelSpec spec;
    readonly Parameter table;       // [buckets, heads]
    readonly Tensor byDistance;     // [2 · context − 1] int64: the bucket of each distance, from 1 − context on

    /// <summary>The table of one stack; an encoder tells left from right, a decoder has only a left.</summary>
    public RelativeBias(ModelSpec spec, bool bothWays, Device? device = null) : base(nameof(RelativeBias))
    {
        this.spec = spec;
        register_parameter("weight", table = new Parameter(zeros(spec.RelativeBuckets, spec.HeadCount, device: device)));
        long[] buckets = [.. Enumerable.Range(1 - spec.ContextLength, 2 * spec.ContextLength - 1).Select(distance => (long)Bucket(distance, bothWays, spec.RelativeBuckets, spec.RelativeDistance))];
        byDistance = tensor(buckets, device: device).DetachFromDisposeScope();
    }

    /// <summary>What is added to the scores: [1, heads, queries, keys].</summary>
    internal Tensor Scores(int start, long queries, long keys, Device device)
    {
        using var scope = NewDisposeScope();
        var query = arange(start, start + queries, dtype: ScalarType.Int64, device: device).unsqueeze(1);
        var distances = arange(keys, dtype: ScalarType.Int64, device: device).unsqueeze(0) - query;   // [queries, keys]
        var buckets = byDistance.index_select(0, (distances + (spec.ContextLength - 1)).view(-1));
        var found = table.index_select(0, buckets).view(queries, keys, spec.HeadCount);
        return scope.MoveToOuter(found.permute(2, 0, 1).unsqueeze(0));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) byDistance.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The bucket of a key that stands <paramref name="distance"/> tokens to the right of the query (negative: to the left).</summary>
    /// <param name="distance">Key position minus query position.</param>
    /// <param name="bothWays">Left and right have buckets of their own; else everything to the right is bucket 0.</param>
    /// <param name="buckets">Number of buckets.</param>
    /// <param name="largest">Distance from which on all share the last bucket.</param>
    public static int Bucket(int distance, bool bothWays, int buckets, int largest)
    {
        int first = 0;
        if (bothWays)
        {
            buckets /= 2;
            if (distance > 0) first = buckets;
            distance = Math.Abs(distance);
        }
        else
        {
            distance = Math.Max(0, -distance);
        }
        int exact = buckets / 2;
        if (distance < exact) return first + distance;
        // In single precision as the reference computes it: at the borders the rounding decides.
        float position = MathF.Log((float)distance / exact) / MathF.Log((float)largest / exact) * (buckets - exact);
        return first + Math.Min(buckets - 1, exact + (int)position);
    }
}
