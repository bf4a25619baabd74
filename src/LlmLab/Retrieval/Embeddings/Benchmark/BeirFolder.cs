using System.Globalization;
using System.Text.Json;

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
        var documents = Lines(folder, "corpus.jsonl").Select(line => KeyValuePair.Create(Text(line, "_id"), $"{(Optional(line, "title") is { Length: > 0 } title ? title + ". " : "")}{Text(line, "text")}")).ToArray();
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
        var queries = Lines(folder, "queries.jsonl").Where(line => relevant.ContainsKey(Text(line, "_id"))).Select(line => new RetrievalQuery(Text(line, "_id"), Text(line, "text"), relevant[Text(line, "_id")])).ToArray();
        if (documents.Length == 0 || queries.Length == 0) throw new InvalidInputException($"{folder} has {documents.Length} documents and {queries.Length} judged queries: both are needed.");
        return new RetrievalTask(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), documents, queries);
    }

    static IEnumerable<JsonElement> Lines(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        if (!File.Exists(file)) throw new InvalidInputException($"{file} is missing: a BEIR folder has corpus.jsonl, queries.jsonl and qrels.tsv.");
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            if (line.Length == 0) continue;
            JsonElement element;
            try
            {
                element = JsonDocument.Parse(line).RootElement;
            }
            catch (JsonException e)
            {
                throw new InvalidInputException($"{file}, line {number + 1} is not JSON: {e.Message}", e);
            }
            yield return element;
        }
    }

    static string? Optional(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetString() : null;

    static string Text(JsonElement line, string name) => Optional(line, name) ?? throw new InvalidInputException($"A line has no \"{name}\": {line.GetRawText()[..Math.Min(120, line.GetRawText().Length)]}");
}
