using System.Globalization;
using System.Text;

namespace LlmLab.Evaluation.Ranking;

/// <summary>What a system found for each query, with the scores that order it: a TREC "run".</summary>
/// <param name="ByQuery">For each query the score of each document found.</param>
public sealed record RankedRun(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> ByQuery)
{
    /// <summary>
    /// Reads a run file: a line has query, "Q0", document, rank, score and name of the run. As in trec_eval the score decides, not the rank.
    /// </summary>
    /// <exception cref="InvalidInputException">The file is missing, a line has not six fields, a score is no number, or a document occurs twice.</exception>
    public static RankedRun Load(string path)
    {
        var queries = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        foreach (var (number, fields) in TrecLines.Read(path, 6, "query, Q0, document, rank, score and run"))
        {
            if (!double.TryParse(fields[4], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || double.IsNaN(score))
                throw new InvalidInputException($"{path}, line {number}: the score \"{fields[4]}\" is no number.");
            if (!queries.TryGetValue(fields[0], out var documents)) queries.Add(fields[0], documents = new Dictionary<string, double>());
            if (!((Dictionary<string, double>)documents).TryAdd(fields[2], score))
                throw new InvalidInputException($"{path}, line {number}: document {fields[2]} is listed a second time for query {fields[0]}; keep one line.");
        }
        return new(queries);
    }

    /// <summary>Writes the run in TREC's format, best documents first.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="name">Name of the run, without spaces.</param>
    public void Save(string path, string name)
    {
        var text = new StringBuilder();
        foreach (var (query, documents) in ByQuery.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            foreach (var (index, (document, score)) in Ordered(documents).Index())
                text.Append(CultureInfo.InvariantCulture, $"{query} Q0 {document} {index + 1} {score:R} {name}\n");
        AtomicFile.WriteText(path, text.ToString());
    }

    /// <summary>Falling scores; among equal ones the document whose name is last comes first, as in trec_eval.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Ordered(IReadOnlyDictionary<string, double> documents) =>
        documents.OrderByDescending(entry => entry.Value).ThenByDescending(entry => entry.Key, StringComparer.Ordinal);
}
