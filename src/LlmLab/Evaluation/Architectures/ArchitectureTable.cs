using System.Globalization;
using LlmLab.Charts;

namespace LlmLab.Evaluation.Architectures;

/// <summary>A mean over seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">Standard deviation over the seeds; NaN with one.</param>
/// <param name="Seeds">Seeds.</param>
public readonly record struct SeedMean(double Mean, double Deviation, int Seeds)
{
    static readonly CultureInfo invariant = CultureInfo.InvariantCulture;

    /// <summary>The mean of some values.</summary>
    public static SeedMean Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        return new SeedMean(mean, values.Count < 2 ? double.NaN : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>Standard error of the mean; 0 with one seed, of which nothing is known.</summary>
    public double StandardError => Seeds < 2 ? 0 : Deviation / Math.Sqrt(Seeds);

    /// <summary>"2.345 ± 0.012", the deviation over seeds; without it where there is one seed.</summary>
    public override string ToString() => Seeds < 2 ? Mean.ToString("0.000", invariant) : $"{Mean.ToString("0.000", invariant)} ± {Deviation.ToString("0.000", invariant)}";
}

/// <summary>One architecture over the seeds, as it stands for each use.</summary>
/// <param name="Architecture">Its name.</param>
/// <param name="Loss">Nats a scored token of its own objective.</param>
/// <param name="Unigram">The same tokens predicted by their training frequency.</param>
/// <param name="LeftNeighbour">The same tokens predicted from their left neighbour.</param>
/// <param name="Margin">Nats by which it beats the better baseline.</param>
/// <param name="LeastMargin">The smallest margin of any seed.</param>
/// <param name="Generation">Nats of a token from those before it.</param>
/// <param name="FillingIn">Nats of a token from all the others.</param>
/// <param name="Retrieval">Mean reciprocal rank of the passages, by mean activations.</param>
/// <param name="Classification">Accuracy of a linear classifier on mean activations.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Tokens">Tokens read in training.</param>
/// <param name="Seconds">Mean seconds of training.</param>
public sealed record ArchitectureRow(string Architecture, SeedMean Loss, double Unigram, double LeftNeighbour, SeedMean Margin, double LeastMargin, SeedMean Generation, SeedMean FillingIn,
    SeedMean Retrieval, SeedMean Classification, long Parameters, long Tokens, double Seconds);

/// <summary>Architectures compared over their seeds, with a ranking for each use.</summary>
/// <param name="Rows">One line an architecture.</param>
public sealed record ArchitectureTable(IReadOnlyList<ArchitectureRow> Rows)
{
    /// <summary>The table of results: of each architecture those of its newest recipe, of each seed the newest line.</summary>
    public static ArchitectureTable Of(IEnumerable<ArchitectureResult> results) => new(
    [
        .. results.GroupBy(r => r.Architecture).Select(architecture =>
        {
            string recipe = architecture.MaxBy(r => r.Date)!.Recipe;
            var lines = architecture.Where(r => r.Recipe == recipe).GroupBy(r => r.Seed).Select(g => g.MaxBy(r => r.Date)!).OrderBy(r => r.Seed).ToArray();
            SeedMean Mean(Func<ArchitectureResult, double> of) => SeedMean.Of([.. lines.Select(of)]);
            return new ArchitectureRow(architecture.Key, Mean(r => r.Loss), lines[0].Unigram, lines[0].LeftNeighbour, Mean(r => r.Margin), lines.Min(r => r.Margin), Mean(r => r.Generation), Mean(r => r.FillingIn),
                Mean(r => r.Retrieval), Mean(r => r.Classification), lines[0].Parameters, lines[0].Tokens, lines.Average(r => r.Seconds));
        }),
    ]);

    /// <summary>
    /// The architectures for each use, best first: "a &gt; b" where they differ by more than two standard errors, "a ≈ b" where that is not
    /// settled, and always &gt; where there is one seed and so no error.
    /// </summary>
    public IReadOnlyDictionary<string, string> Ranking => Rows.Count == 0 ? new Dictionary<string, string>() : new Dictionary<string, string>
    {
        ["writing on"] = Order(r => r.Generation, lowIsBest: true),
        ["filling in"] = Order(r => r.FillingIn, lowIsBest: true),
        ["finding passages"] = Order(r => r.Retrieval, lowIsBest: false),
        ["telling kinds apart"] = Order(r => r.Classification, lowIsBest: false),
    };

    /// <summary>Loss on its own objective beside what counting gives on the same tokens; error bars are standard deviations over seeds.</summary>
    public Chart MarginChart() => Chart.Bars("Each by its own objective: nats a scored token", [.. Rows.Select(r => r.Architecture)],
    [
        new Series("by frequency", [], [.. Rows.Select(r => r.Unigram)]),
        new Series("from the left neighbour", [], [.. Rows.Select(r => r.LeftNeighbour)]),
        new Series("model", [], [.. Rows.Select(r => r.Loss.Mean)]) { Errors = Errors(r => r.Loss) },
    ], "nats a token");

    /// <summary>Writing on and filling in; error bars are standard deviations over seeds.</summary>
    public Chart UseChart() => Chart.Bars("The same hidden tokens for all", [.. Rows.Select(r => r.Architecture)],
    [
        new Series("writing on", [], [.. Rows.Select(r => r.Generation.Mean)]) { Errors = Errors(r => r.Generation) },
        new Series("filling in", [], [.. Rows.Select(r => r.FillingIn.Mean)]) { Errors = Errors(r => r.FillingIn) },
    ], "nats a token");

    double[]? Errors(Func<ArchitectureRow, SeedMean> of) => Rows.All(r => of(r).Seeds > 1) ? [.. Rows.Select(r => of(r).Deviation)] : null;

    string Order(Func<ArchitectureRow, SeedMean> of, bool lowIsBest)
    {
        var ordered = (lowIsBest ? Rows.OrderBy(r => of(r).Mean) : Rows.OrderByDescending(r => of(r).Mean)).ToArray();
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < ordered.Length; i++)
        {
            if (i > 0)
            {
                var (one, two) = (of(ordered[i - 1]), of(ordered[i]));
                double error = Math.Sqrt(Math.Pow(one.StandardError, 2) + Math.Pow(two.StandardError, 2));
                text.Append(Math.Abs(one.Mean - two.Mean) > 2 * error ? " > " : " ≈ ");
            }
            text.Append(ordered[i].Architecture);
        }
        return text.ToString();
    }
}
