namespace LlmLab.Evaluation.Ranking;

/// <summary>Lines of fields separated by white space; blank lines and comments (#) are skipped.</summary>
static class TrecLines
{
    public static IEnumerable<(int Number, string[] Fields)> Read(string path, int count, string expected)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"There is no file {path}.");
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0 || fields[0].StartsWith('#')) continue;
            if (fields.Length < count) throw new InvalidInputException($"{path}, line {number}: {fields.Length} fields instead of {count} ({expected}).");
            yield return (number, fields);
        }
    }
}
