using System.Text;
using System.Text.Json;

namespace LlmLab.Runs;

/// <summary>A file of records, one line of JSON each, that is only ever appended to: results outlast a process that dies.</summary>
/// <param name="path">The file.</param>
/// <param name="json">How records are written.</param>
sealed class JsonLines<T>(string path, JsonSerializerOptions json) where T : class
{
    /// <summary>All whole lines, in order; none where there is no file. A line that a crash cut off is passed over: what it said is measured again.</summary>
    public IReadOnlyList<T> Read()
    {
        if (!File.Exists(path)) return [];
        var records = new List<T>();
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<T>(line, json) is { } record) records.Add(record);
            }
            catch (JsonException)
            {
                // Cut off, see above.
            }
        }
        return records;
    }

    /// <summary>Adds a line by one write, after ending a line that was cut off.</summary>
    public void Append(T record)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        string before = "";
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() != '\n') before = "\n";
        }
        stream.Write(Encoding.UTF8.GetBytes(before + Line(record)));
    }

    /// <summary>Replaces the file by these lines, whole or not at all.</summary>
    public void Write(IEnumerable<T> records) => AtomicFile.WriteText(path, string.Concat(records.Select(Line)));

    string Line(T record) => JsonSerializer.Serialize(record, json) + "\n";
}
