using System.Text;

namespace LlmLab.Tokenizers;

/// <summary>
/// GPT-2's printable spelling of bytes (Radford et al. 2019, <c>bytes_to_unicode</c> in <c>encoder.py</c>): printable Latin-1
/// bytes stand for themselves, the other 68 are U+0100 onwards, so that vocabulary files are readable text.
/// </summary>
public static class ByteLevelAlphabet
{
    static readonly char[] characters = Build();
    static readonly Dictionary<char, byte> bytes = Enumerable.Range(0, 256).ToDictionary(b => characters[b], b => (byte)b);

    /// <summary>The character that spells a byte.</summary>
    public static char ToCharacter(byte value) => characters[value];

    /// <summary>Bytes as their spelling: " the" as "Ġthe".</summary>
    public static string Spell(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder(value.Length);
        foreach (byte b in value) text.Append(characters[b]);
        return text.ToString();
    }

    /// <summary>The bytes that a spelling stands for, or null where a character of it spells none.</summary>
    public static byte[]? Read(string spelling)
    {
        var result = new byte[spelling.Length];
        for (int i = 0; i < result.Length; i++)
            if (!bytes.TryGetValue(spelling[i], out result[i])) return null;
        return result;
    }

    static char[] Build()
    {
        var table = new char[256];
        char next = (char)256;
        for (int b = 0; b < 256; b++)
            table[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : next++;
        return table;
    }
}
