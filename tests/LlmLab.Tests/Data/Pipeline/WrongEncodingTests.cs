using System.Text;
using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Readers;

namespace LlmLab.Tests.Data.Pipeline;

using Pipeline = LlmLab.Data.Pipeline.Pipeline;

/// <summary>A folder of files in the encodings that old programs leave behind, through reader and pipeline.</summary>
public sealed class WrongEncodingTests
{
    static string Report(string topic, int number) =>
        $"The {topic} of the northern façade was tested by Zoë Müller on day {number}, and {number * 31} litres of water were found in its tank before the test began. " +
        $"She wrote to the café next door that the noise would last until the evening, since a second {topic} has to be compared with the first one. " +
        $"Nobody there was naïve enough to believe it: the last visit of the engineers had taken {number + 2} weeks, not hours, and the soufflé, the crêpes and the éclairs of the Champs-Élysées suffered.";

    static readonly (string Name, Encoding Encoding, string Says)[] files =
    [
        ("latin-1.txt", Encoding.Latin1, "iso-8859-1"),
        ("utf-16-big.txt", new UnicodeEncoding(true, true), "utf-16be"),
        ("utf-16-little.md", new UnicodeEncoding(false, true), "utf-16le"),
        ("utf-16-unmarked.txt", new UnicodeEncoding(false, false), "utf-16le"),
        ("utf-32.txt", new UTF32Encoding(false, true), "utf-32le"),
        ("utf-8.txt", new UTF8Encoding(false), "utf-8"),
        ("utf-8-marked.txt", new UTF8Encoding(true), "utf-8"),
    ];

    static Dictionary<string, string> Write(string folder)
    {
        var texts = new Dictionary<string, string>();
        foreach (var (i, (name, encoding, _)) in files.Index())
        {
            texts[name] = Report(new[] { "pump", "valve", "meter", "roof", "lift", "gate", "bell" }[i], 3 * i + 1);
            File.WriteAllBytes(Path.Combine(folder, name), [.. encoding.GetPreamble(), .. encoding.GetBytes(texts[name])]);
        }
        return texts;
    }

    [Fact]
    public void Run_FolderOfManyEncodings_DecodesEveryFileAndNamesThoseThatWereNoUtf8()
    {
        using TemporaryFolder input = new(), output = new();
        var texts = Write(input.Path);
        var result = Pipeline.Default().Run(new CorpusReader().Open(input.Path), output.Path);

        // Nothing is lost: each text comes out letter for letter, one document a file.
        var documents = result.Corpus.Documents.ToDictionary(document => document.Id, document => document.Text);
        Assert.Equal(texts.Keys.Order(StringComparer.Ordinal), documents.Keys.Order(StringComparer.Ordinal));
        Assert.All(texts, text => Assert.Equal(text.Value, documents[text.Key].TrimEnd('\n')));
        var report = result.Input.Report!;
        Assert.Equal(0, report.SkippedCount);
        Assert.Equal(files.Where(file => file.Says != "utf-8").Select(file => new DecodedSource(file.Name, file.Says, 0)).OrderBy(file => file.Source, StringComparer.Ordinal), report.Decoded);
        Assert.Contains("latin-1.txt (iso-8859-1)", result.DataCard);
    }

    [Fact]
    public void Run_BrokenUtf8_KeepsTheTextMarksThePlacesAndNamesTheFile()
    {
        using TemporaryFolder input = new(), output = new();
        string text = Report("boiler", 5);
        byte[] whole = Encoding.UTF8.GetBytes(text);
        // A byte that no UTF-8 has, and a letter that was cut in half.
        byte[] broken = [.. whole[..100], 0xFF, .. whole[100..], .. " caf"u8, 0xC3, .. " and so on."u8];
        File.WriteAllBytes(Path.Combine(input.Path, "broken.txt"), broken);
        var result = Pipeline.Default().Run(new CorpusReader().Open(input.Path), output.Path);
        var document = Assert.Single(result.Corpus.Documents);
        Assert.Equal([new DecodedSource("broken.txt", "utf-8", 2)], result.Input.Report!.Decoded);
        Assert.Contains("broken.txt (utf-8, 2 broken bytes replaced by U+FFFD)", result.DataCard);
        string kept = document.Text.Replace("\uFFFD", "", StringComparison.Ordinal).TrimEnd('\n');
        Assert.Equal(text + " caf and so on.", kept);
    }

    [Fact]
    public void Run_FileThatIsNoText_IsReportedByNameAndTheOthersAreRead()
    {
        using TemporaryFolder input = new(), output = new();
        var texts = Write(input.Path);
        byte[] noise = new byte[4_000];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(input.Path, "noise.txt"), noise);
        var result = Pipeline.Default().Run(new CorpusReader().Open(input.Path), output.Path);
        Assert.Equal(texts.Count, result.Corpus.Documents.Count());
        var skipped = Assert.Single(result.Input.Report!.Skipped);
        Assert.Equal("noise.txt", skipped.Source);
        Assert.Contains("binary", skipped.Reason);
    }
}
