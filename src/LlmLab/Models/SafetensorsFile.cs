using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Reads and writes tensors in Hugging Face's safetensors format: 8 bytes little-endian length of a JSON header, the header (name →
/// dtype, shape, data_offsets; strings under __metadata__), then the raw little-endian numbers. Nothing in it can run code.
/// </summary>
public static class SafetensorsFile
{
    /// <summary>Header bytes that a reader accepts, as in the reference implementation.</summary>
    const long LargestHeader = 100_000_000;

    static readonly Dictionary<ScalarType, string> names = new()
    {
        [ScalarType.Float64] = "F64",
        [ScalarType.Float32] = "F32",
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Int64] = "I64",
        [ScalarType.Int32] = "I32",
        [ScalarType.Int16] = "I16",
        [ScalarType.Int8] = "I8",
        [ScalarType.Byte] = "U8",
        [ScalarType.Bool] = "BOOL",
    };

    /// <summary>Writes tensors in ascending order of their names; the file appears whole or not at all.</summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sorted = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToArray();
        AtomicFile.Write(path, stream =>
        {
            byte[] header = Header(sorted, metadata);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, value) in sorted)
            {
                using var plain = value.detach().cpu().contiguous();
                if (plain.numel() > 0) stream.Write(plain.bytes);
            }
        });
    }

    /// <summary>Reads all tensors of a file into the memory; the caller disposes them.</summary>
    /// <exception cref="InvalidInputException">The file is missing, cut off or not in this format.</exception>
    public static Dictionary<string, Tensor> Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} is missing.");
        using var stream = File.OpenRead(path);
        var (entries, start) = Entries(stream, path);
        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, type, shape, begin, end) in entries)
        {
            var value = zeros(shape, dtype: type).DetachFromDisposeScope();
            result.Add(name, value);
            if (end == begin) continue;
            stream.Position = start + begin;
            stream.ReadExactly(value.bytes);
        }
        return result;
    }

    /// <summary>The names, types and shapes in a file, without its numbers, and its metadata.</summary>
    /// <exception cref="InvalidInputException">The file is missing, cut off or not in this format.</exception>
    public static IReadOnlyDictionary<string, (ScalarType Type, long[] Shape)> List(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} is missing.");
        using var stream = File.OpenRead(path);
        return Entries(stream, path).Entries.ToDictionary(e => e.Name, e => (e.Type, e.Shape), StringComparer.Ordinal);
    }

    static byte[] Header((string Name, Tensor Value)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, value) in tensors)
            {
                long bytes = value.numel() * value.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", names.TryGetValue(value.dtype, out string? type) ? type : throw new InvalidInputException($"Tensors of type {value.dtype} cannot be written to safetensors ({name})."));
                json.WriteStartArray("shape");
                foreach (long size in value.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The reference writer pads with spaces so that the numbers start at a multiple of 8.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    static (List<(string Name, ScalarType Type, long[] Shape, long Begin, long End)> Entries, long Start) Entries(Stream stream, string path)
    {
        Span<byte> head = stackalloc byte[8];
        if (stream.Length < 8 || stream.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8) throw Broken(path, "it is shorter than 8 bytes");
        long length = BinaryPrimitives.ReadInt64LittleEndian(head);
        if (length is < 2 or > LargestHeader || length > stream.Length - 8) throw Broken(path, $"its header would be {length} bytes long");
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        long start = 8 + length, size = stream.Length - start;
        var entries = new List<(string, ScalarType, long[], long, long)>();
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(header).TrimEnd(' '));
            foreach (var property in json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
            {
                string dtype = property.Value.GetProperty("dtype").GetString()!;
                if (names.All(n => n.Value != dtype)) throw Broken(path, $"the type {dtype} of {property.Name} is unknown here");
                var type = names.First(n => n.Value == dtype).Key;
                long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
                long begin = property.Value.GetProperty("data_offsets")[0].GetInt64(), end = property.Value.GetProperty("data_offsets")[1].GetInt64();
                long expected = shape.Aggregate(Bytes(type), (product, s) => checked(product * s));
                if (shape.Any(s => s < 0) || begin < 0 || end - begin != expected) throw Broken(path, $"the place of {property.Name} does not fit its shape");
                if (end > size) throw Broken(path, $"it ends before {property.Name} does");
                entries.Add((property.Name, type, shape, begin, end));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            throw Broken(path, "its header is not the JSON that it should be", e);
        }
        return (entries, start);
    }

    static long Bytes(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };

    static InvalidInputException Broken(string path, string why, Exception? inner = null) =>
        new($"{path} is not a whole safetensors file: {why}. Copy it again, or resume from another checkpoint.", inner);
}
