using System.Text;
using LlmLab.Data.Readers;

namespace LlmLab.Tests.Data.Readers;

public sealed class EncodingDetectionTests
{
    const string German = "Die Prüfung der Maschine dauert länger als geplant, weil das Öl gewechselt werden muß. Größe: 5 µm.";

    static Encoding Page(int number) => CodePagesEncodingProvider.Instance.GetEncoding(number) ?? Encoding.GetEncoding(number);

    static DetectedEncoding Detect(byte[] bytes) => EncodingDetection.Detect(new MemoryStream(bytes), "a.txt");

    [Fact]
    public void Detect_ByteOrderMarks_NamesEachEncoding()
    {
        foreach (var (encoding, name) in (IEnumerable<(Encoding, string)>)[(new UTF8Encoding(true), "utf-8"), (Encoding.Unicode, "utf-16le"), (Encoding.BigEndianUnicode, "utf-16be"), (Encoding.UTF32, "utf-32le")])
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(German)];
            var detected = Detect(bytes);
            Assert.Equal(name, detected.Name);
            Assert.Equal(German, detected.Encoding.GetString(bytes.AsSpan(detected.PreambleBytes)));
        }
    }

    [Theory]
    [InlineData(1252, "“Grüße” – 5 € für Zoë…", "windows-1252")]
    [InlineData(28591, German, "iso-8859-1")]
    [InlineData(1251, "Совещание перенесено на вторник, отчёт готов к проверке и подписи директора.", "windows-1251")]
    public void Detect_SingleBytePages_DecodesTheText(int page, string text, string name)
    {
        byte[] bytes = Page(page).GetBytes(text);
        var detected = Detect(bytes);
        Assert.Equal(name, detected.Name);
        Assert.Equal(text, detected.Encoding.GetString(bytes));
    }

    [Fact]
    public void Detect_Utf16WithoutMark_IsFound() => Assert.Equal("utf-16le", Detect(Encoding.Unicode.GetBytes("A plain English sentence, stored by an old editor.")).Name);

    [Fact]
    public void Detect_FewBrokenBytesInUtf8_StaysUtf8AndCountsThem()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(German, 20))), 0xFF, .. Encoding.UTF8.GetBytes(German)];
        var detected = Detect(bytes);
        Assert.Equal("utf-8", detected.Name);
        Assert.Equal(1, detected.InvalidBytes);
    }

    [Fact]
    public void Detect_SequenceAcrossBuffers_IsValid()
    {
        for (int offset = 65_530; offset < 65_540; offset++)
        {
            var detected = Detect(Encoding.UTF8.GetBytes(new string('a', offset) + "€" + new string('b', 100)));
            Assert.Equal(("utf-8", 0L), (detected.Name, detected.InvalidBytes));
        }
    }

    [Fact]
    public void Detect_TruncatedSequenceAtTheEnd_IsInvalid() => Assert.NotEqual("utf-8", Detect([.. "na"u8, 0xC3]).Name);

    [Fact]
    public void Detect_BinaryFile_IsRefused()
    {
        byte[] bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        Assert.Contains("binary", Assert.Throws<InvalidInputException>(() => Detect(bytes)).Message);
    }
}
