using System.Buffers;
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
    readonly FileStream file = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1, FileOptions.DeleteOnClose);
    long length;

    public int Count => offsets.Count;

    /// <summary>Appends documents that <see cref="Write"/> put one after another.</summary>
    /// <param name="documents">Their bytes.</param>
    /// <param name="ends">Where each ends in them.</param>
    public void Append(ReadOnlySpan<byte> documents, IReadOnlyList<int> ends)
    {
        for (int i = 0; i < ends.Count; i++) offsets.Add(length + (i == 0 ? 0 : ends[i - 1]));
        file.Write(documents);
        length += documents.Length;
    }

    /// <summary>All documents in order. The caller reads bytes, whoever opens a batch makes documents of them.</summary>
    public IEnumerable<DocumentBatch> Batches()
    {
        for (int first = 0, end; first < offsets.Count; first = end)
        {
            end = first + 1;
            while (end < offsets.Count && !DocumentBatch.IsFull(end - first, End(end - 1) - offsets[first])) end++;
            int count = end - first, size = (int)(End(end - 1) - offsets[first]);
            byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
            Fill(bytes.AsSpan(0, size), offsets[first]);
            yield return new DocumentBatch(first, () => Open(bytes, count));
        }
    }

    static Document[] Open(byte[] bytes, int count)
    {
        var documents = new Document[count];
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        for (int i = 0; i < count; i++) documents[i] = Read(reader, bytes);
        ArrayPool<byte>.Shared.Return(bytes);
        return documents;
    }

    long End(int index) => index + 1 < offsets.Count ? offsets[index + 1] : length;

    void Fill(Span<byte> bytes, long at)
    {
        for (int filled = 0; filled < bytes.Length;)
        {
            int read = RandomAccess.Read(file.SafeFileHandle, bytes[filled..], at + filled);
            if (read == 0) throw new EndOfStreamException($"{path} is shorter than what was written to it.");
            filled += read;
        }
    }

    /// <summary>One document; may be called from many threads at once.</summary>
    public Document Read(int index)
    {
        byte[] bytes = new byte[End(index) - offsets[index]];
        Fill(bytes, offsets[index]);
        return Read(new BinaryReader(new MemoryStream(bytes), Encoding.UTF8), bytes);
    }

    /// <summary>One document's text; may be called from many threads at once.</summary>
    public string ReadText(int index)
    {
        int size = (int)(End(index) - offsets[index]);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Fill(bytes.AsSpan(0, size), offsets[index]);
            return ReadText(bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // The text stands first: its length, then its bytes.
    static string ReadText(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.Slice(sizeof(int), BitConverter.ToInt32(bytes)));

    /// <summary>Writes a document in the form that the spool keeps.</summary>
    public static void Write(BinaryWriter to, Document document)
    {
        var m = document.Metadata;
        // Not BinaryWriter's own form: a lone surrogate must not stop the run, and becomes U+FFFD here.
        int size = Encoding.UTF8.GetByteCount(document.Text);
        byte[] text = ArrayPool<byte>.Shared.Rent(size);
        Encoding.UTF8.GetBytes(document.Text, text);
        to.Write(size);
        to.Write(text, 0, size);
        ArrayPool<byte>.Shared.Return(text);
        to.Write(document.Id);
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

    static Document Read(BinaryReader from, byte[] bytes)
    {
        int start = (int)from.BaseStream.Position;
        string text = ReadText(bytes.AsSpan(start));
        from.BaseStream.Position = start + sizeof(int) + BitConverter.ToInt32(bytes, start);
        string id = from.ReadString();
        string source = from.ReadString();
        string?[] values = new string?[7];
        for (int i = 0; i < values.Length; i++) values[i] = from.ReadBoolean() ? from.ReadString() : null;
        var kind = (DocumentKind)from.ReadByte();
        var sensitivity = (Sensitivity)from.ReadByte();
        long ticks = from.ReadInt64();
        short offset = from.ReadInt16();
        int roleCount = from.Read7BitEncodedInt();
        string[] roles = roleCount == 0 ? [] : new string[roleCount];
        for (int i = 0; i < roles.Length; i++) roles[i] = from.ReadString();
        int others = from.Read7BitEncodedInt();
        var other = others == 0 ? null : ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (; others > 0; others--)
        {
            string name = from.ReadString();
            other![name] = from.ReadString();
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
            Other = other?.ToImmutable() ?? ImmutableSortedDictionary<string, string>.Empty,
        });
    }

    public void Dispose() => file.Dispose();
}
