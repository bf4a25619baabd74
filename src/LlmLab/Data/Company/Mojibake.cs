using System.Text;

namespace LlmLab.Data.Company;

/// <summary>Breaks a text's characters as programs do that mistake one encoding for another.</summary>
static class Mojibake
{
    // Windows-1252 where it differs from Latin-1, bytes 0x80 to 0x9F; the five unused bytes stay control characters (WHATWG Encoding).
    const string upper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    /// <summary>UTF-8 bytes read as Windows-1252: "é" becomes "Ã©".</summary>
    public static string Utf8AsWindows1252(string text)
    {
        var broken = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
            broken.Append(b is >= 0x80 and <= 0x9F ? upper[b - 0x80] : (char)b);
        return broken.ToString();
    }

    /// <summary>What a byte-wise program could not read became U+FFFD.</summary>
    public static string Replaced(string text) => string.Concat(text.Select(c => c < 128 ? c : '\uFFFD'));

    /// <summary>How many characters are not ASCII.</summary>
    public static int Count(string text) => text.Count(c => c >= 128);
}
