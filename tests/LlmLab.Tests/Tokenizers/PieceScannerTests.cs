using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tests.Tokenizers;

public sealed class PieceScannerTests
{
    public static TheoryData<string> Patterns => [PreTokenization.Gpt2, PreTokenization.R50k, PreTokenization.Cl100k, PreTokenization.Cl100kPlain, PreTokenization.Cl100kFirst, PreTokenization.Qwen2, PreTokenization.O200k, PreTokenization.Character, PreTokenization.Word];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Next_RandomUnicode_EqualsTheExpression(string pattern)
    {
        var scanner = PieceScanner.For(pattern);
        Assert.IsNotType<RegexScanner>(scanner);
        var regex = new Regex(RegexScanner.Portable(pattern), RegexOptions.Compiled | RegexOptions.CultureInvariant);
        var random = new Random(20261123);
        for (int round = 0; round < 20_000; round++)
        {
            string text = RandomText(random);
            Assert.Equal(regex.Matches(text).Select(m => m.Value), Pieces(scanner, text));
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Next_SupplementaryCharacters_CountAsOneCharacterOfTheirCategory(string pattern)
    {
        // The same text with each supplementary character replaced by one of the basic plane with the same category has the same pieces.
        var scanner = PieceScanner.For(pattern);
        (string Supplementary, string Basic)[] pairs = [("𝐀", "Ā"), ("𝐚", "ā"), ("𐐷", "ē"), ("𝟗", "٩"), ("😀", "☃"), ("𠀀", "好"), ("𑀀", "ः")];
        var random = new Random(7);
        for (int round = 0; round < 5_000; round++)
        {
            string basic = RandomText(random);
            string supplementary = basic;
            foreach (var (high, low) in pairs) basic = basic.Replace(high, low);
            supplementary = basic;
            foreach (var (high, low) in pairs) supplementary = supplementary.Replace(low, high);
            string back(string piece) { foreach (var (high, low) in pairs) piece = piece.Replace(high, low); return piece; }
            Assert.Equal(Pieces(scanner, basic), Pieces(scanner, supplementary).Select(back));
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void SafeSplit_AnyPlaceItReturns_LeavesThePiecesUnchanged(string pattern)
    {
        var scanner = PieceScanner.For(pattern);
        var random = new Random(3);
        for (int round = 0; round < 5_000; round++)
        {
            string text = RandomText(random);
            int cut = scanner.SafeSplit(text, random.Next(text.Length + 1));
            Assert.Equal(Pieces(scanner, text), [.. Pieces(scanner, text[..cut]), .. Pieces(scanner, text[cut..])]);
        }
    }

    [Fact]
    public void RegexScanner_TextBetweenMatches_IsAPieceOfItsOwn() =>
        Assert.Equal(["ab", "12", "-", "3"], Pieces(new RegexScanner(@"\d+"), "ab12-3"));

    [Fact]
    public void RegexScanner_BrokenExpression_IsRefusedWithTheExpression()
    {
        var error = Assert.Throws<InvalidInputException>(() => PieceScanner.For("(ab"));
        Assert.Contains("(ab", error.Message);
    }

    internal static List<string> Pieces(PieceScanner scanner, string text)
    {
        var pieces = new List<string>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = scanner.Next(text, start);
            Assert.True(end > start);
            pieces.Add(text[start..end]);
        }
        return pieces;
    }

    /// <summary>ſ folds to s in Unicode and in tiktoken's engine; .NET's engine does not know that. It has a test of its own.</summary>
    const char LongS = '\u017F';

    [Fact]
    public void Next_LongS_IsAContractionAsInTiktoken()
    {
        // tiktoken 1.0.22 (npm): the bytes of "'ſ" and "DEF" are apart in "'ſDEF".
        Assert.Equal(["'ſ", "DEF"], Pieces(PieceScanner.For(PreTokenization.Cl100k), "'ſDEF"));
        Assert.Equal(["ab'ſ", "DEF"], Pieces(PieceScanner.For(PreTokenization.O200k), "ab'ſDEF"));
    }

    static readonly string[] seeds = ["'s", "'S", "'ll", "'LL", "'Re", "'ve", "'m", "'d", "'t", "'x", " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "/", "//", "123", "4567", "a", "-b", "1.5", "2,", "Bc", "DEF", "gH", "é", "É", "ǅ", "ʰ", "好", "א", "ः", "\u0301", "\u20E3", "٣", "Ⅷ", "½", "!", "...", "—", "\u200B", "\u180E", "\uFEFF", "_", "$", "\0", "\u001C", "\u0085", "\u2028", "ß", "ı", "'", "’s"];

    /// <summary>Pieces of interest and random characters of the basic plane, without surrogates: .NET's engine sees those as two characters.</summary>
    static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (int n = random.Next(1, 14); n > 0; n--)
        {
            if (random.Next(4) > 0) text.Append(seeds[random.Next(seeds.Length)]);
            else
            {
                char c = (char)random.Next(0x10000);
                if (!char.IsSurrogate(c) && c != LongS && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.OtherNotAssigned) text.Append(c);
            }
        }
        return text.Append('x').ToString(0, text.Length - random.Next(2));
    }
}
