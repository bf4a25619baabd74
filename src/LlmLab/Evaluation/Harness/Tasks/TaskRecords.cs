using System.Text;
using System.Text.Json;
using CsvHelper;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>Reads the records of data files in the formats that published tasks come in.</summary>
static class TaskRecords
{
    /// <summary>The records of a file.</summary>
    /// <exception cref="InvalidInputException">The file is empty or not of its format: the sentence names the line.</exception>
    public static IReadOnlyList<TaskRecord> Read(TaskData data, string name, Stream stream, string? subject)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        TaskRecord[] records = [.. data.Format switch
        {
            DataFormat.JsonLines => Lines(reader, name, subject),
            DataFormat.Json => Document(reader.ReadToEnd(), data.Records ?? "", name, subject),
            DataFormat.Csv => Csv(reader, data.Columns, name, subject),
            DataFormat.Text => Whole(reader.ReadToEnd(), name, subject),
            DataFormat.HellaSwagText => HellaSwag(reader, name, subject),
            DataFormat.TruthfulQa => (name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Csv(reader, null, name, subject) : Document(reader.ReadToEnd(), "", name, subject)).Select(TruthfulQaRecords.Read),
            _ => throw new InvalidOperationException($"{data.Format} is no file's format."),
        }];
        return records.Length > 0 ? records : throw new InvalidInputException($"{name} holds no records: a task needs at least one.");
    }

    static IEnumerable<TaskRecord> Lines(StreamReader reader, string name, string? subject)
    {
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            string place = $"{name}, line {number}";
            yield return Parse(line, place) is IReadOnlyDictionary<string, object?> fields
                ? new TaskRecord(fields, place, subject)
                : throw new InvalidInputException($"{place} holds no JSON object.");
        }
    }

    static IEnumerable<TaskRecord> Whole(string text, string name, string? subject)
    {
        if (text.Length > 0) yield return new TaskRecord(new Dictionary<string, object?> { ["text"] = text }, name, subject);
    }

    static IEnumerable<TaskRecord> Csv(StreamReader reader, IReadOnlyList<string>? columns, string name, string? subject)
    {
        using var csv = CsvHelper.CsvReader.Create(reader, new CsvReaderOptions { Separator = ',', HasHeader = columns is null });
        for (int row = 1; Advance(csv, name); row++)
        {
            var names = columns ?? [.. csv.Headers];
            string place = $"{name}, record {row}";
            if (csv.FieldCount != names.Count) throw new InvalidInputException($"{place} has {csv.FieldCount} fields, expected {names.Count} ({string.Join(", ", names)}).");
            var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
            for (int i = 0; i < names.Count; i++)
                if (names[i].Length > 0) fields[names[i]] = csv.GetString(i);
            yield return new TaskRecord(fields, place, subject);
        }
    }

    static bool Advance(CsvHelper.CsvReader csv, string name)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new InvalidInputException($"{name}, record {e.RecordNumber}: {e.Message.TrimEnd('.')}; expected CSV with quoted fields (RFC 4180).", e);
        }
    }

    static IEnumerable<TaskRecord> HellaSwag(StreamReader reader, string name, string? subject)
    {
        const int Endings = 4;
        for (int number = 1; reader.ReadLine() is { } context; number += Endings + 2)
        {
            string?[] rest = [.. Enumerable.Range(0, Endings + 1).Select(_ => reader.ReadLine())];
            if (rest[^1] is null) throw new InvalidInputException($"{name}, line {number}: a task is six lines (context, number, four endings), but the file ends before.");
            yield return new TaskRecord(new Dictionary<string, object?> { ["context"] = context, ["label"] = rest[0], ["endings"] = rest[1..].Cast<object?>().ToArray() }, $"{name}, line {number}", subject);
        }
    }

    static IEnumerable<TaskRecord> Document(string text, string way, string name, string? subject)
    {
        object? root = Parse(text, name);
        string[] steps = way.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int number = 0;
        return Walk(root, new Dictionary<string, object?>(), 0);

        IEnumerable<TaskRecord> Walk(object? value, IReadOnlyDictionary<string, object?> inherited, int depth) => value switch
        {
            IReadOnlyList<object?> list => list.SelectMany(item => Walk(item, inherited, depth)),
            IReadOnlyDictionary<string, object?> fields when depth == steps.Length => [new TaskRecord(With(inherited, fields, null), $"{name}, record {++number}", subject)],
            IReadOnlyDictionary<string, object?> fields when fields.TryGetValue(steps[depth], out var next) => Walk(next, With(inherited, fields, steps[depth]), depth + 1),
            _ => throw new InvalidInputException(depth < steps.Length ? $"{name} has no \"{steps[depth]}\" on the way {way} to its records." : $"{name} holds something else than objects where its records should be."),
        };
    }

    static Dictionary<string, object?> With(IReadOnlyDictionary<string, object?> inherited, IReadOnlyDictionary<string, object?> fields, string? without)
    {
        var all = new Dictionary<string, object?>(inherited, StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            if (name != without) all[name] = value;
        return all;
    }

    static object? Parse(string json, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Value(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{place} is not valid JSON: {e.Message.Split(". ")[0].TrimEnd('.')}.", e);
        }
    }

    static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => Value(g.Last().Value), StringComparer.Ordinal),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetDecimal(out decimal number) ? number : (decimal)element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
