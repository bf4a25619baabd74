using LlmLab.Charts;
using Microsoft.Extensions.AI;

namespace LlmLab.Evaluation.Fluency;

/// <summary>How <see cref="DivergenceFrontier"/> compares; the defaults are MAUVE's.</summary>
public sealed record DivergenceOptions
{
    /// <summary>Groups that the texts are sorted into; null: a tenth of the smaller set, at least two.</summary>
    public int? Clusters { get; init; }
    /// <summary>How fast similarity falls with divergence.</summary>
    public double Scaling { get; init; } = 5;
    /// <summary>Points of the curve.</summary>
    public int Points { get; init; } = 25;
    /// <summary>Seed of the grouping.</summary>
    public int Seed { get; init; } = 25;
}

/// <summary>
/// How far two sets of texts are alike as wholes, after MAUVE (K. Pillutla et al., "MAUVE: measuring the gap between neural text and human
/// text using divergence frontiers", NeurIPS 2021). The texts' embeddings are sorted into groups; between the two histograms P and Q over
/// the groups lies the curve of exp(−c KL(Q|R)) against exp(−c KL(P|R)) for mixtures R of both, and the score is the area under it.
/// <para>
/// Limits. The score depends on the embedding, the number of groups, the scaling and the number of texts: compare only scores that share all
/// of them, and none with published ones (MAUVE takes GPT-2's embeddings and reduces them first). Small sets scatter: two halves of one set do
/// not reach 1, so measure that ceiling too. With the default embedding the score sees which words are used, not whether they make sense.
/// </para>
/// </summary>
/// <param name="P">Share of the first set in each group.</param>
/// <param name="Q">Share of the second set in each group.</param>
/// <param name="Curve">Points from (1, 0) to (0, 1).</param>
public sealed record DivergenceFrontier(IReadOnlyList<double> P, IReadOnlyList<double> Q, IReadOnlyList<(double X, double Y)> Curve)
{
    /// <summary>The area under the curve: 1 for equal histograms, 0.004 for histograms that share no group (with the default scaling).</summary>
    public double Score => Curve.Zip(Curve.Skip(1), (a, b) => (a.X - b.X) * (a.Y + b.Y) / 2).Sum();

    /// <summary>The frontier of two histograms over the same groups.</summary>
    /// <param name="p">Shares that sum to 1.</param>
    /// <param name="q">Shares that sum to 1, as many.</param>
    /// <param name="options">Scaling and number of points.</param>
    /// <exception cref="InvalidInputException">The counts differ, or shares do not sum to 1.</exception>
    public static DivergenceFrontier Of(IReadOnlyList<double> p, IReadOnlyList<double> q, DivergenceOptions? options = null)
    {
        options ??= new();
        if (p.Count != q.Count) throw new InvalidInputException($"The histograms have {p.Count} and {q.Count} groups; both need the same.");
        foreach (var shares in new[] { p, q })
            if (shares.Any(share => !(share >= 0)) || Math.Abs(shares.Sum() - 1) > 1e-6) throw new InvalidInputException($"A histogram's shares sum to {shares.Sum()}; shares are 0 or more and sum to 1.");
        const double Edge = 1e-6; // how near the mixtures come to P and Q themselves, as in the authors' program
        var curve = new List<(double, double)> { (1, 0) };
        for (var i = 0; i < options.Points; i++)
        {
            var weight = Edge + (1 - 2 * Edge) * i / (options.Points - 1);
            double[] mixture = [.. p.Zip(q, (a, b) => weight * a + (1 - weight) * b)];
            curve.Add((Math.Exp(-options.Scaling * Divergence(q, mixture)), Math.Exp(-options.Scaling * Divergence(p, mixture))));
        }
        curve.Add((0, 1));
        return new(p, q, curve);
    }

    /// <summary>Embeds, groups and compares two sets of texts.</summary>
    /// <param name="first">One set, such as people's texts.</param>
    /// <param name="second">The other, such as a model's; best as many and as long.</param>
    /// <param name="embeddings">What turns texts into vectors; null: <see cref="HashedNgramEmbeddings"/>.</param>
    /// <param name="options">Groups, scaling, seed.</param>
    /// <exception cref="InvalidInputException">A set has fewer texts than there are groups, or fewer than two.</exception>
    public static async Task<DivergenceFrontier> CompareAsync(
        IReadOnlyList<string> first, IReadOnlyList<string> second, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, DivergenceOptions? options = null)
    {
        options ??= new();
        var smaller = Math.Min(first.Count, second.Count);
        var clusters = options.Clusters ?? Math.Max(2, (int)Math.Round(smaller / 10.0));
        if (clusters < 2 || smaller < clusters) throw new InvalidInputException($"Sets of {first.Count} and {second.Count} texts cannot be sorted into {clusters} groups; give at least two groups and as many texts on each side.");
        using var own = embeddings is null ? new HashedNgramEmbeddings() : null;
        var vectors = await (embeddings ?? own!).GenerateAsync([.. first, .. second], cancellationToken: Operation.Current.CancellationToken).ConfigureAwait(false);
        var groups = Fluency.Clusters.Of([.. vectors.Select(one => one.Vector.ToArray())], clusters, options.Seed);
        return Of(Histogram(groups.AsSpan(0, first.Count), clusters), Histogram(groups.AsSpan(first.Count), clusters), options);
    }

    /// <summary>The curve; the farther out, the more alike the two sets are.</summary>
    public Chart ToChart(string title = "Divergence frontier") =>
        Chart.Line(title, Curve.Select(point => point.X), Curve.Select(point => point.Y), "similarity to the second set", "similarity to the first set") with { YRange = (0, 1.02) };

    static double Divergence(IReadOnlyList<double> p, IReadOnlyList<double> mixture) => p.Zip(mixture, (a, r) => a > 0 ? a * Math.Log(a / r) : 0).Sum();

    static double[] Histogram(ReadOnlySpan<int> groups, int count)
    {
        var shares = new double[count];
        foreach (var group in groups) shares[group] += 1.0 / groups.Length;
        return shares;
    }
}
