using System.Collections.Immutable;
using System.Text;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Documents on disk between two readings of a corpus: written once in order, read in order or one by one. This is what lets a
/// corpus larger than memory pass through steps that need to see all of it.
/// </summary>
sealed class DocumentSpool(string path) : IDisposable
{
    readonly List<long> offsets = [];
    readonly FileStream file = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1 << 20, FileOptions.DeleteOnClose);
    BinaryWriter? writer;

    public int Count => offsets.Count;

    public void Append(Document document)
    {
        writer ??= new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
        offsets.Add(file.Position);
        Write(writer, document);
    }

    public void Complete()
    {
        writer?.Flush();
        file.Flush();
        writer = null;
    }

    public IEnumerable<Document> Read()
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, FileOptions.SequentialScan);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        for (int i = 0; i < offsets.Count; i++) yield return Read(reader);
    }

    /// <summary>One document; may be called from many threads at once.</summary>
    public Document Read(int index)
    {
        long start = offsets[index], end = index + 1 < offsets.Count ? offsets[index + 1] : file.Length;
        byte[] bytes = new byte[end - start];
        RandomAccess.Read(file.SafeFileHandle, bytes, start);
        return Read(new BinaryReader(new MemoryStream(bytes), Encoding.UTF8));
    }

    static void Write(BinaryWriter to, Document document)
    {
        var m = document.Metadata;
        to.Write(document.Id);
        // Not BinaryWriter's own form: a lone surrogate must not stop the run, and becomes U+FFFD here.
        byte[] text = Encoding.UTF8.GetBytes(document.Text);
        to.Write(text.Length);
        to.Write(text);
        to.Write(m.Source);
        foreach (string? value in (ReadOnlySpan<string?>)[m.Title, m.Project, m.Phase, m.Version, m.Supersedes, m.Language, m.Licence])
        {
            to.Write(value is not null);
            if (value is not null) to.Write(value);
        }
        to.Write((byte)m.Kind);
        to.Write((byte)m.Sensitivity);
        to.Write(m.Date?.Ticks ?? -1);
        to.Write((short)(m.Date?.TotalOffsetMinutes ?? 0));
        to.Write7BitEncodedInt(m.Roles.Count);
        foreach (string role in m.Roles) to.Write(role);
        to.Write7BitEncodedInt(m.Other.Count);
        foreach (var (name, value) in m.Other)
        {
            to.Write(name);
            to.Write(value);
        }
    }

    static Document Read(BinaryReader from)
    {
        string id = from.ReadString();
        string text = Encoding.UTF8.GetString(from.ReadBytes(from.ReadInt32()));
        string source = from.ReadString();
        string?[] values = new string?[7];
        for (int i = 0; i < values.Length; i++) values[i] = from.ReadBoolean() ? from.ReadString() : null;
        var kind = (DocumentKind)from.ReadByte();
        var sensitivity = (Sensitivity)from.ReadByte();
        long ticks = from.ReadInt64();
        short offset = from.ReadInt16();
        string[] roles = new string[from.Read7BitEncodedInt()];
        for (int i = 0; i < roles.Length; i++) roles[i] = from.ReadString();
        var other = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (int left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            string name = from.ReadString();
            other[name] = from.ReadString();
        }
        return new Document(id, text, new DocumentMetadata
        {
            Source = source,
            Title = values[0],
            Project = values[1],
            Phase = values[2],
            Version = values[3],
            Supersedes = values[4],
            Language = values[5],
            Licence = values[6],
            Kind = kind,
            Sensitivity = sensitivity,
            Date = ticks < 0 ? null : new DateTimeOffset(ticks, TimeSpan.FromMinutes(offset)),
            Roles = roles,
            Other = other.ToImmutable(),
        });
    }

    public void Dispose() => file.Dispose();
}
