using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LlmLab.Runs;

/// <summary>
/// Writes scalars to a TensorBoard event file: records of TensorFlow's format (length, its masked CRC-32C, data, its masked CRC-32C), each
/// a protocol-buffer message <c>Event</c>. The few fields that scalars need are written by hand, so that no training process loads more
/// than it has to. Format: tensorflow/core/lib/io/record_writer.cc and tensorflow/core/util/event.proto.
/// </summary>
public sealed class TensorBoardFile
{
    readonly string path;
    readonly Func<DateTimeOffset> now;

    /// <summary>Begins a new event file in a folder; TensorBoard reads all of a folder as one run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resumedAfter">
    /// The step that a resumed run goes on from: TensorBoard then forgets what an earlier file says of later steps. Null for a new run.
    /// </param>
    /// <param name="clock">What time it is; null: the system's clock.</param>
    public TensorBoardFile(string folder, int? resumedAfter = null, Func<DateTimeOffset>? clock = null)
    {
        now = clock ?? (() => DateTimeOffset.UtcNow);
        long seconds = now().ToUnixTimeSeconds();
        // TensorBoard reads the files of a folder by name: a later part must sort behind, also if it begins within the same second.
        int part = 0;
        do path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds:0000000000}.{part++:000}.llmlab"));
        while (File.Exists(path));
        Write(Event(0, Field(3, "brain.Event:2")));
        if (resumedAfter is { } step) Write(Event(step + 1, Field(7, [.. Tag(1, 0), .. Varint(1)])));   // a SessionLog with status START
    }

    /// <summary>The event file.</summary>
    public string FullName => path;

    /// <summary>Adds the values of one step; null ones are left out.</summary>
    /// <param name="step">Optimizer steps made.</param>
    /// <param name="scalars">Tag and value: "loss/training".</param>
    public void Append(int step, params ReadOnlySpan<(string Tag, double? Value)> scalars)
    {
        var summary = new List<byte>();
        foreach (var (tag, value) in scalars)
        {
            if (value is not { } number) continue;
            byte[] bits = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bits, (float)number);
            summary.AddRange(Field(1, [.. Field(1, tag), .. Tag(2, 5), .. bits]));
        }
        if (summary.Count > 0) Write(Event(step, Field(5, [.. summary])));
    }

    byte[] Event(long step, byte[] content)
    {
        byte[] time = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(time, now().ToUnixTimeMilliseconds() / 1000.0);
        return [.. Tag(1, 1), .. time, .. step == 0 ? [] : (byte[])[.. Tag(2, 0), .. Varint((ulong)step)], .. content];
    }

    // One write of a whole record: a process that dies in it leaves at most one torn record, at which TensorBoard stops reading this file.
    void Write(byte[] data)
    {
        byte[] record = new byte[12 + data.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc(data));
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(record);
    }

    /// <summary>CRC-32C (Castagnoli), rotated right by 15 bits plus 0xa282ead8: what the record format stores, so that a CRC of data that holds CRCs stays sound.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    static byte[] Field(int number, byte[] content) => [.. Tag(number, 2), .. Varint((ulong)content.Length), .. content];

    static byte[] Tag(int number, int wireType) => Varint((ulong)(number << 3 | wireType));

    static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
