using System.Globalization;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>
/// Reads a retrieval data set in the form of BEIR (Thakur et al. 2021): <c>corpus.jsonl</c> (_id, title, text), <c>queries.jsonl</c> (_id, text)
/// and <c>qrels.tsv</c> or <c>qrels/test.tsv</c> (query-id, corpus-id, score, after a line of headings).
/// </summary>
public static class BeirFolder
{
    /// <summary>Loads a folder; queries without a relevant document are left out.</summary>
    /// <param name="folder">The folder; its name becomes the task's.</param>
    /// <exception cref="InvalidInputException">A file is missing or a line is broken: which.</exception>
    public static RetrievalTask Load(string folder)
    {
        var documents = Lines(folder, "corpus.jsonl").Select(line => KeyValuePair.Create(line.Text("_id"), $"{(line.Optional("title") is { Length: > 0 } title ? title + ". " : "")}{line.Text("text")}")).ToArray();
        string judgments = ((string[])["qrels.tsv", "qrels/test.tsv"]).Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists)
            ?? throw new InvalidInputException($"{folder} has no qrels.tsv or qrels/test.tsv: a BEIR folder says there which document answers which query.");
        var relevant = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (number, line) in File.ReadLines(judgments).Index())
        {
            string[] fields = line.Split('\t');
            if (line.Length == 0 || number == 0 && fields is [_, _, var heading] && !double.TryParse(heading, CultureInfo.InvariantCulture, out _)) continue;
            if (fields.Length != 3 || !double.TryParse(fields[2], CultureInfo.InvariantCulture, out double grade))
                throw new InvalidInputException($"{judgments}, line {number + 1}: expected query, document and a number, apart by tabulators, found \"{line}\".");
            if (grade > 0) (relevant.TryGetValue(fields[0], out var found) ? found : relevant[fields[0]] = new(StringComparer.Ordinal)).Add(fields[1]);
        }
        var queries = Lines(folder, "queries.jsonl").Where(line => relevant.ContainsKey(line.Text("_id"))).Select(line => new RetrievalQuery(line.Text("_id"), line.Text("text"), relevant[line.Text("_id")])).ToArray();
        if (documents.Length == 0 || queries.Length == 0) throw new InvalidInputException($"{folder} has {documents.Length} documents and {queries.Length} judged queries: both are needed.");
        return new RetrievalTask(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), documents, queries);
    }

    static IEnumerable<TaskLine> Lines(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return File.Exists(file) ? TaskLine.Read(file) : throw new InvalidInputException($"{file} is missing: a BEIR folder has corpus.jsonl, queries.jsonl and qrels.tsv.");
    }
}
