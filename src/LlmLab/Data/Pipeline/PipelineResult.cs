using LlmLab.Charts;
using LlmLab.Data.Warehouse;
using Microsoft.Data.Analysis;

namespace LlmLab.Data.Pipeline;

/// <summary>What a run of a pipeline made, and how it went.</summary>
/// <param name="Folder">The folder with documents.jsonl, documents.jsonl.dvc (the version), data-card.md and warehouse.duckdb.</param>
/// <param name="Input">The corpus that went in.</param>
/// <param name="Version">The version that came out.</param>
/// <param name="Steps">What each step did.</param>
/// <param name="Balance">What the data set is made of.</param>
/// <param name="Elapsed">Time from start to end.</param>
/// <param name="PieceScores">For steps that find pieces of text, by their name: a score for each sort of piece.</param>
public sealed record PipelineResult(string Folder, Corpus Input, DatasetVersion Version, IReadOnlyList<StepReport> Steps, BalanceReport Balance, TimeSpan Elapsed, IReadOnlyDictionary<string, IReadOnlyList<FaultScore>> PieceScores)
{
    /// <summary>The cleaned documents, read from the folder.</summary>
    public Corpus Corpus => Open(Folder, Version.Name);

    /// <summary>The data set in a folder as a corpus.</summary>
    public static Corpus Open(string folder, string? name = null)
    {
        string file = Path.Combine(folder, "documents.jsonl");
        if (!File.Exists(file)) throw new InvalidInputException($"{file} does not exist: build a data set there first (llmlab data build).");
        return new Corpus(name ?? VersionFile.Read(folder).Name, $"data set in {Path.GetFileName(Path.GetFullPath(folder))}", () => DocumentJson.ReadFile(file));
    }

    /// <summary>The data card, in Markdown.</summary>
    public string DataCard => DataCardText.Write(this);

    /// <summary>Megabytes (10⁶ bytes of text) of input a second, over the whole run.</summary>
    public double MegabytesPerSecond => Steps[0].BytesIn / 1e6 / Elapsed.TotalSeconds;

    /// <summary>The steps as a table: documents and bytes in and out, what was changed and flagged, processor seconds, precision and recall.</summary>
    public DataFrame Table => new(
        new StringDataFrameColumn("step", Steps.Select(s => s.Name)),
        new Int64DataFrameColumn("in", Steps.Select(s => s.DocumentsIn)),
        new Int64DataFrameColumn("out", Steps.Select(s => s.DocumentsOut)),
        new Int64DataFrameColumn("changed", Steps.Select(s => s.Changed)),
        new Int64DataFrameColumn("flagged", Steps.Select(s => s.Flagged)),
        new Int64DataFrameColumn("bytes in", Steps.Select(s => s.BytesIn)),
        new Int64DataFrameColumn("bytes out", Steps.Select(s => s.BytesOut)),
        new DoubleDataFrameColumn("seconds", Steps.Select(s => Math.Round(s.Seconds, 3))),
        new DoubleDataFrameColumn("precision", Steps.Select(s => Known(s.Score?.Precision))),
        new DoubleDataFrameColumn("recall", Steps.Select(s => Known(s.Score?.Recall))));

    static double? Known(double? value) => value is { } v && !double.IsNaN(v) ? Math.Round(v, 4) : null;

    /// <summary>Opens the run's warehouse for queries; dispose of it afterwards.</summary>
    public DataWarehouse OpenWarehouse() => DataWarehouse.Open(Path.Combine(Folder, "warehouse.duckdb"), readOnly: true);

    /// <summary>The examples of the step with that name.</summary>
    /// <exception cref="InvalidInputException">There is no such step.</exception>
    public IReadOnlyList<StepExample> Examples(string step) => Find(step).Examples;

    StepReport Find(string step) => Steps.FirstOrDefault(s => s.Name.Equals(step, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidInputException($"There is no step \"{step}\"; there are: {string.Join(", ", Steps.Select(s => s.Name))}.");

    /// <summary>Bars of the documents that each step dropped, changed and flagged.</summary>
    public Chart StepsChart()
    {
        double[] x = [.. Enumerable.Range(0, Steps.Count).Select(i => (double)i)];
        Series Bars(string name, Func<StepReport, long> value) => new(name, x, [.. Steps.Select(s => (double)value(s))]) { Mark = Mark.Bars };
        return new Chart("What each step did") { Categories = [.. Steps.Select(s => s.Name)], YLabel = "documents", Stacked = true, Series = [Bars("dropped", s => s.Dropped), Bars("changed", s => s.Changed), Bars("flagged", s => s.Flagged)] };
    }

    /// <summary>The share of the text that is left after each step.</summary>
    public Chart FunnelChart()
    {
        double all = Math.Max(1, Steps[0].BytesIn);
        return new Chart("Text that is left after each step")
        {
            Categories = [.. Steps.Select(s => s.Name)],
            YLabel = "percent of the input's bytes",
            YRange = (0, 100),
            Series = [new Series("", [.. Enumerable.Range(0, Steps.Count).Select(i => (double)i)], [.. Steps.Select(s => 100 * s.BytesOut / all)]) { Mark = Mark.Bars }],
        };
    }

    /// <summary>
    /// Precision and recall of every step that known faults judge. One's own files have no known faults: then how many documents each
    /// step dropped, changed or flagged, which is what there is to look through by hand.
    /// </summary>
    public Chart ScoresChart()
    {
        StepReport[] judged = [.. Steps.Where(s => s.Score is { Expected: > 0 })];
        if (judged.Length == 0) return ChangesChart();
        double[] x = [.. Enumerable.Range(0, judged.Length).Select(i => (double)i)];
        return new Chart("How well each step finds the known faults")
        {
            Categories = [.. judged.Select(s => s.Name)],
            YRange = (0, 1),
            YLabel = "share",
            Series = [new Series("precision", x, [.. judged.Select(s => s.Score!.Precision)]) { Mark = Mark.Bars }, new Series("recall", x, [.. judged.Select(s => s.Score!.Recall)]) { Mark = Mark.Bars }],
        };
    }

    /// <summary>Documents that each step dropped, changed or flagged.</summary>
    public Chart ChangesChart()
    {
        double[] x = [.. Enumerable.Range(0, Steps.Count).Select(i => (double)i)];
        Series Bars(string name, Func<StepReport, long> count) => new(name, x, [.. Steps.Select(s => (double)count(s))]) { Mark = Mark.Bars };
        return new Chart("What each step did (no known faults to judge it by)")
        {
            Categories = [.. Steps.Select(s => s.Name)],
            YLabel = "documents",
            Series = [Bars("dropped", s => s.DocumentsIn - s.DocumentsOut), Bars("changed", s => s.Changed), Bars("flagged", s => s.Flagged)],
        };
    }
}
