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
    readonly bool bothWays;
    readonly Parameter table;   // [buckets, heads]

    /// <summary>The table of one stack; an encoder tells left from right, a decoder has only a left.</summary>
    public RelativeBias(ModelSpec spec, bool bothWays) : base(nameof(RelativeBias))
    {
        (this.spec, this.bothWays) = (spec, bothWays);
        register_parameter("weight", table = new Parameter(zeros(spec.RelativeBuckets, spec.HeadCount)));
    }

    /// <summary>What is added to the scores: [1, heads, queries, keys].</summary>
    internal Tensor Scores(int start, long queries, long keys, Device device)
    {
        using var scope = NewDisposeScope();
        long[] buckets = new long[queries * keys];
        for (int q = 0; q < queries; q++)
            for (int k = 0; k < keys; k++) buckets[q * keys + k] = Bucket(k - (start + q), bothWays, spec.RelativeBuckets, spec.RelativeDistance);
        var found = table.index_select(0, tensor(buckets, device: device)).view(queries, keys, spec.HeadCount);
        return scope.MoveToOuter(found.permute(2, 0, 1).unsqueeze(0));
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
