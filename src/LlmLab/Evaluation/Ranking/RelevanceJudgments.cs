using System.Globalization;

namespace LlmLab.Evaluation.Ranking;

/// <summary>Which documents are relevant to which query, and how much: TREC's "qrels".</summary>
/// <param name="ByQuery">For each query the grade of each judged document: 0 not relevant, 1 and more relevant, negative pooled but not judged.</param>
public sealed record RelevanceJudgments(IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> ByQuery)
{
    /// <summary>Reads a qrels file: a line has query, iteration (not used), document and grade, separated by white space.</summary>
    /// <exception cref="InvalidInputException">The file is missing, a line has not four fields, a grade is no number, or a document occurs twice.</exception>
    public static RelevanceJudgments Load(string path)
    {
        var queries = new Dictionary<string, IReadOnlyDictionary<string, int>>();
        foreach (var (number, fields) in TrecLines.Read(path, 4, "query, iteration, document and grade"))
        {
            if (!int.TryParse(fields[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var grade))
                throw new InvalidInputException($"{path}, line {number}: the grade \"{fields[3]}\" is no whole number.");
            if (!queries.TryGetValue(fields[0], out var documents)) queries.Add(fields[0], documents = new Dictionary<string, int>());
            if (!((Dictionary<string, int>)documents).TryAdd(fields[2], grade))
                throw new InvalidInputException($"{path}, line {number}: document {fields[2]} is judged a second time for query {fields[0]}; keep one judgment.");
        }
        return new(queries);
    }
}
