using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Long texts as JSON strings, in the bytes that <see cref="System.Text.Json.Utf8JsonWriter"/> gives with
/// <see cref="JavaScriptEncoder.UnsafeRelaxedJsonEscaping"/>: that one goes character by character from the first line feed on, this one only
/// where a character must be looked at.
/// </summary>
static class JsonText
{
    static readonly SearchValues<char> plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Where(c => c is not ('"' or '\\')).Select(c => (char)c)]);
    static readonly SearchValues<char> ascii = SearchValues.Create([.. Enumerable.Range(0, 0x7F).Select(c => (char)c)]);

    /// <summary>Bytes that a text may need, its quotation marks included.</summary>
    public static int MaximumLength(int characters) => checked(6 * characters + 2);

    /// <summary>Writes a text between quotation marks; returns the number of bytes.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> to)
    {
        int written = 0;
        to[written++] = (byte)'"';
        while (!text.IsEmpty)
        {
            int run = text.IndexOfAnyExcept(plain);
            if (run < 0) run = text.Length;
            Ascii.FromUtf16(text[..run], to[written..], out _);
            written += run;
            text = text[run..];
            if (text.IsEmpty) break;
            if (text[0] < 0x7F)
            {
                written += Control(text[0], to[written..]);
                text = text[1..];
                continue;
            }
            int foreign = text.IndexOfAny(ascii);
            if (foreign < 0) foreign = text.Length;
            written += Foreign(text[..foreign], to[written..]);
            text = text[foreign..];
        }
        to[written++] = (byte)'"';
        return written;
    }

    static int Control(char c, Span<byte> to)
    {
        to[0] = (byte)'\\';
        to[1] = c switch { '\n' => (byte)'n', '\r' => (byte)'r', '\t' => (byte)'t', '\b' => (byte)'b', '\f' => (byte)'f', '"' => (byte)'"', '\\' => (byte)'\\', _ => (byte)'u' };
        if (to[1] != 'u') return 2;
        to[2] = to[3] = (byte)'0';
        to[4] = (byte)"0123456789ABCDEF"[c >> 4];
        to[5] = (byte)"0123456789ABCDEF"[c & 15];
        return 6;
    }

    // Letters stay; what is invisible, unassigned or half a surrogate pair, the encoder knows.
    static int Foreign(ReadOnlySpan<char> text, Span<byte> to)
    {
        Span<char> encoded = stackalloc char[256];
        int written = 0;
        while (!text.IsEmpty)
        {
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text, encoded, out int consumed, out int count);
            written += Encoding.UTF8.GetBytes(encoded[..count], to[written..]);
            text = text[consumed..];
        }
        return written;
    }
}
