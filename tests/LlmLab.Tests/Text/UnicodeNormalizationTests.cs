using System.Security.Cryptography;
using System.Text;
using LlmLab.Text;

namespace LlmLab.Tests.Text;

public sealed class UnicodeNormalizationTests
{
    /// <summary>SHA-256 over every code point among marks of several classes and Hangul vowels, normalised by ICU 78 (Unicode 17) in Node 20.</summary>
    [Theory]
    [InlineData(NormalizationForm.FormC, "66fa8517540cd122d30aba0efffb5fb6efa1c1da2ba3e61d9bb932fc3256a7a1")]
    [InlineData(NormalizationForm.FormD, "fc1edc5a08c0e50e7ae83dec9e92365906f70c00e88d17d5ffb070d71c691d3b")]
    [InlineData(NormalizationForm.FormKC, "5609b85879ccc4556a244b1a59b436db8188a7da94d6eaa85818a402e827e845")]
    [InlineData(NormalizationForm.FormKD, "8f5ae815f202b0af173aae33b0c92ca4b0a5f0031b4dfbbb8bf0a983645099cb")]
    public void Normalize_EveryCodePoint_EqualsIcu(NormalizationForm form, string expected)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int point = 0; point < 0x110000; point++)
        {
            if (point is >= 0xD800 and < 0xE000) continue;
            string character = char.ConvertFromUtf32(point);
            hash.AppendData(Encoding.UTF8.GetBytes(UnicodeNormalization.Normalize($"a{character}\u0315\u0323\u0301{character}\u1161\u11A8\n", form)));
        }
        Assert.Equal(expected, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Theory]
    [InlineData("Ünïcödé", "Unicode")]
    [InlineData("naïve ø ß", "naive ø ß")]
    public void RemoveAccents_LatinText_LeavesTheLetters(string text, string expected) => Assert.Equal(expected, UnicodeNormalization.RemoveAccents(text));

    [Fact]
    public void Normalize_LoneSurrogate_StaysAsItIs() => Assert.Equal("é\uD800", UnicodeNormalization.Normalize("e\u0301\uD800", NormalizationForm.FormC));
}
