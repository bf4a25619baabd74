using System.Globalization;
using System.Text;

namespace LlmLab.Notebooks.Running;

/// <summary>The table of recorded numbers, as Markdown, and its place in a document.</summary>
public static class ResultsTable
{
    /// <summary>The line after which the table stands.</summary>
    public const string Begin = "<!-- llmlab results: written by `llmlab results --update` -->";

    /// <summary>The line before which it ends.</summary>
    public const string End = "<!-- end of llmlab results -->";

    /// <summary>The numbers as a Markdown table, in their order.</summary>
    public static string ToMarkdown(IReadOnlyList<RecordedResult> results)
    {
        var table = new StringBuilder("| Notebook | Result | Value | A rerun may differ by | Better |\n| --- | --- | ---: | ---: | --- |\n");
        foreach (var result in results)
            table.Append(CultureInfo.InvariantCulture, $"| {result.Notebook} | {result.Name.Replace("|", "\\|")} | {Number(result.Value, result.Tolerance)} | {(result.Tolerance is > 0 and < 1e-6 ? result.Tolerance.ToString("G1", CultureInfo.InvariantCulture) : result.Tolerance.ToString("0.######", CultureInfo.InvariantCulture))} | {(result.HigherIsBetter ? "higher" : "lower")} |\n");
        return table.ToString();
    }

    /// <summary>A document with the table between its two marker lines.</summary>
    /// <param name="document">The document's text.</param>
    /// <param name="path">Its path, for the message.</param>
    /// <param name="table">What comes between the markers.</param>
    /// <exception cref="InvalidInputException">The document lacks a marker.</exception>
    public static string Insert(string document, string path, string table)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal), end = document.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new InvalidInputException($"{path} has no place for the table: put the lines \"{Begin}\" and \"{End}\" where it belongs.");
        return document[..(begin + Begin.Length)] + "\n" + table + document[end..];
    }

    /// <summary>A number with one digit more than its tolerance has; one that must be met (nearly) exactly whole, or with six digits.</summary>
    public static string Number(double value, double tolerance)
    {
        if (double.IsInteger(value) && tolerance is 0 or >= 1) return value.ToString("F0", CultureInfo.InvariantCulture);
        if (tolerance <= 0) return value.ToString("G6", CultureInfo.InvariantCulture);
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(tolerance)), 0, 10);
        double rounded = Math.Round(value, decimals) + 0.0;   // + 0: no minus before a zero
        return rounded.ToString(decimals <= 6 ? "F" + decimals : "G6", CultureInfo.InvariantCulture);
    }
}
