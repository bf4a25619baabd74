using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// The form in which data sets are stored: one JSON object a line with "id", "text" and "metadata". Properties that say nothing are
/// left out and the order is fixed, so that equal documents are equal bytes.
/// </summary>
public static class DocumentJson
{
    static readonly JsonWriterOptions writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Appends the document's line, its line feed included.</summary>
    public static void Write(IBufferWriter<byte> to, Document document)
    {
        using (var json = new Utf8JsonWriter(to, writing))
        {
            var m = document.Metadata;
            json.WriteStartObject();
            json.WriteString("id", document.Id);
            json.WritePropertyName("text");
            byte[] text = ArrayPool<byte>.Shared.Rent(JsonText.MaximumLength(document.Text.Length));
            json.WriteRawValue(text.AsSpan(0, JsonText.Write(document.Text, text)), skipInputValidation: true);
            ArrayPool<byte>.Shared.Return(text);
            json.WriteStartObject("metadata");
            json.WriteString("source", m.Source);
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("title", m.Title), ("project", m.Project), ("phase", m.Phase), ("version", m.Version), ("supersedes", m.Supersedes), ("language", m.Language), ("licence", m.Licence)])
                if (value is not null) json.WriteString(name, value);
            json.WriteString("kind", m.Kind.ToString());
            json.WriteString("sensitivity", m.Sensitivity.ToString());
            if (m.Date is { } date) json.WriteString("date", date.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture));
            if (m.Roles.Count > 0)
            {
                json.WriteStartArray("roles");
                foreach (string role in m.Roles) json.WriteStringValue(role);
                json.WriteEndArray();
            }
            if (m.Other.Count > 0)
            {
                json.WriteStartObject("other");
                foreach (var (name, value) in m.Other.OrderBy(o => o.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        to.Write("\n"u8);
    }

    /// <summary>Reads a line that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The line is something else.</exception>
    public static Document Read(ReadOnlyMemory<byte> line, string where)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var m = root.GetProperty("metadata");
            string? Get(string name) => m.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new Document(root.GetProperty("id").GetString()!, root.GetProperty("text").GetString()!, new DocumentMetadata
            {
                Source = Get("source") ?? "",
                Title = Get("title"),
                Project = Get("project"),
                Phase = Get("phase"),
                Version = Get("version"),
                Supersedes = Get("supersedes"),
                Language = Get("language"),
                Licence = Get("licence"),
                Kind = Enum.Parse<DocumentKind>(Get("kind")!),
                Sensitivity = Enum.Parse<Sensitivity>(Get("sensitivity")!),
                Date = Get("date") is { } date ? DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture) : null,
                Roles = m.TryGetProperty("roles", out var roles) ? [.. roles.EnumerateArray().Select(r => r.GetString()!)] : [],
                Other = m.TryGetProperty("other", out var other) ? other.EnumerateObject().ToImmutableSortedDictionary(o => o.Name, o => o.Value.GetString()!, StringComparer.Ordinal) : ImmutableSortedDictionary<string, string>.Empty,
            });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new InvalidInputException($"{where} is not a document as `llmlab data build` writes them ({e.Message.TrimEnd('.')}): build the data set again.", e);
        }
    }

    /// <summary>Reads a file of documents, one after another.</summary>
    public static IEnumerable<Document> ReadFile(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} does not exist: build the data set first (llmlab data build).");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
        foreach (var line in Readers.BoundedLineReader.Lines(stream, Array.MaxLength / 2))
            if (!line.Bytes.IsEmpty) yield return Read(line.Bytes, $"{path}, line {line.Number}");
    }
}
