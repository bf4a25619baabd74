using System.Text.Json;

namespace LlmLab.Data.Readers;

/// <summary>
/// JSON Lines (a document a line, in bounded memory) and JSON: an array of objects gives a document each, an object with a text
/// field is one document, an object with one array of objects gives that array's. Other properties become metadata.
/// </summary>
public sealed class JsonReader : IDocumentReader
{
    static readonly JsonDocumentOptions lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <inheritdoc/>
    public string Format => "JSON";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".json", ".jsonl", ".ndjson"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context) => file.Extension == ".json" ? ReadWhole(file, context) : ReadLines(file, context);

    static IEnumerable<Document> ReadLines(SourceFile file, ReadContext context)
    {
        using var stream = file.Open();
        long good = 0, bad = 0;
        foreach (var line in BoundedLineReader.Lines(stream, context.Options.MaximumRecordBytes))
        {
            if (line.TooLong)
            {
                context.Report.Skip($"{file.Name}, line {line.Number}", $"the line is longer than {context.Options.MaximumRecordBytes} bytes, the limit of one record");
                bad++;
                continue;
            }
            var bytes = line.Number == 1 && line.Bytes.Span is [0xEF, 0xBB, 0xBF, ..] ? line.Bytes[3..] : line.Bytes;
            if (bytes.Span.Trim(" \t"u8).IsEmpty) continue;
            if (Parse(bytes, out string? problem) is not { } json)
            {
                context.Report.Skip($"{file.Name}, line {line.Number}", problem!);
                if (++bad == 100 && good == 0) throw new InvalidInputException($"{file.Name}: the first 100 lines are not JSON; expected one JSON value a line.");
                continue;
            }
            good++;
            using (json)
                foreach (var document in ToDocuments(json.RootElement, $"{file.Name}#{line.Number}", file.Stem, context))
                    yield return document;
        }
    }

    static IEnumerable<Document> ReadWhole(SourceFile file, ReadContext context)
    {
        if (file.Length > context.Options.MaximumWholeFileBytes)
            throw new InvalidInputException($"{file.Name} has {file.Length} bytes; one JSON value may have at most {context.Options.MaximumWholeFileBytes}: save it as JSON Lines.");
        using var stream = file.Open();
        using var json = ParseWhole(stream, file.Name);
        foreach (var document in ToDocuments(Records(json.RootElement, context.Options), file.Name, file.Stem, context)) yield return document;
    }

    static JsonDocument ParseWhole(Stream stream, string name)
    {
        try
        {
            return JsonDocument.Parse(stream, lenient);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{name} is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine}).", e);
        }
    }

    static JsonDocument? Parse(ReadOnlyMemory<byte> bytes, out string? problem)
    {
        try
        {
            problem = null;
            return JsonDocument.Parse(bytes, lenient);
        }
        catch (JsonException e)
        {
            problem = $"not valid JSON (byte {e.BytePositionInLine})";
            return null;
        }
    }

    static JsonElement Records(JsonElement root, ReaderOptions options)
    {
        if (root.ValueKind != JsonValueKind.Object || FindText(root, options) is not null) return root;
        var arrays = root.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array && p.Value.GetArrayLength() > 0 && p.Value[0].ValueKind == JsonValueKind.Object).ToArray();
        return arrays is [var only] ? only.Value : root;
    }

    static IEnumerable<Document> ToDocuments(JsonElement element, string id, string title, ReadContext context)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (var item in element.EnumerateArray())
            {
                index++;
                foreach (var document in ToDocuments(item, $"{id}#{index}", title, context)) yield return document;
            }
            yield break;
        }
        var metadata = new DocumentMetadata { Source = id, Title = title };
        string text;
        if (element.ValueKind == JsonValueKind.Object && FindText(element, context.Options) is { } field)
        {
            text = GetString(field.Value);
            metadata = MetadataFields.Apply(metadata, Fields(element, field.Name));
            (text, metadata) = MarkdownReader.SplitFrontMatter(text, metadata);
            if (element.TryGetProperty("id", out var named) && named.ValueKind is JsonValueKind.String or JsonValueKind.Number) id = named.ToString();
        }
        else text = element.ValueKind == JsonValueKind.String ? GetString(element) : element.GetRawText();
        int part = 0;
        foreach (string piece in TextSplitting.Pieces(text, context.Options.MaximumDocumentCharacters))
            yield return new Document(++part == 1 ? id : $"{id}#{part}", piece, metadata);
    }

    // A lone surrogate in an escape is not text: it becomes U+FFFD rather than an exception.
    static string GetString(JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return System.Text.RegularExpressions.Regex.Replace(element.GetRawText()[1..^1], @"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", "\uFFFD");
        }
    }

    static JsonProperty? FindText(JsonElement element, ReaderOptions options)
    {
        foreach (string name in options.TextFields)
            foreach (var property in element.EnumerateObject())
                if (property.Value.ValueKind == JsonValueKind.String && property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return property;
        return null;
    }

    // "metadata": {…} is common (and our own files have it): its properties count like the record's.
    static IEnumerable<KeyValuePair<string, string>> Fields(JsonElement element, string textField)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name == textField || property.Name == "id") continue;
            if (property.Name is "metadata" or "meta" or "other" && property.Value.ValueKind == JsonValueKind.Object)
                foreach (var inner in Fields(property.Value, "")) yield return inner;
            else if (property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
                yield return new(property.Name, string.Join(", ", property.Value.EnumerateArray().Select(v => v.GetString())));
            else if (property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
                yield return new(property.Name, property.Value.ToString());
        }
    }
}
