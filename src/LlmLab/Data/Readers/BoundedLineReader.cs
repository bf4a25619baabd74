namespace LlmLab.Data.Readers;

/// <summary>A line of bytes.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">Its bytes without the line end, valid until the next line; empty if it was too long.</param>
/// <param name="TooLong">It had more bytes than allowed and was passed over in constant memory.</param>
readonly record struct ByteLine(long Number, ReadOnlyMemory<byte> Bytes, bool TooLong);

/// <summary>Lines of a stream in memory that is bounded whatever the stream holds.</summary>
static class BoundedLineReader
{
    public static IEnumerable<ByteLine> Lines(Stream stream, int maximumBytes)
    {
        byte[] buffer = new byte[1 << 17];
        int start = 0, end = 0;
        long number = 0;
        bool passing = false;
        while (true)
        {
            int feed = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                number++;
                yield return passing ? new ByteLine(number, default, true) : new ByteLine(number, Trim(buffer.AsMemory(start, feed)), false);
                passing = false;
                start += feed + 1;
                continue;
            }
            if (passing) start = end;
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            if (end == buffer.Length)
            {
                if (end > maximumBytes)
                {
                    (passing, end) = (true, 0);
                    buffer = new byte[1 << 17];
                }
                else Array.Resize(ref buffer, (int)Math.Min(Array.MaxLength, Math.Max(buffer.Length * 2L, 1)));
            }
            int read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0) break;
            end += read;
        }
        if (end > 0 || passing) yield return passing ? new ByteLine(number + 1, default, true) : new ByteLine(number + 1, Trim(buffer.AsMemory(0, end)), false);
    }

    static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line) => line.Span is [.., (byte)'\r'] ? line[..^1] : line;
}
