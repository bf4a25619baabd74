using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Data.Readers;

namespace LlmLab.Tests.Data.Company;

public sealed class CompanyFilesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-company-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Write_ReadBack_GivesTheGeneratedDocuments()
    {
        var output = Path.Combine(folder, "company");
        var written = CompanyFiles.Write(5, 300_000, output);
        var generated = CompanyGenerator.Generate(5, 300_000).ToArray();
        Assert.Equal(generated.Sum(part => part.Documents.Count), written.Documents);
        var read = new CorpusReader().Open(Path.Combine(output, "documents")).Documents.ToDictionary(document => document.Id);
        var faults = generated.SelectMany(part => part.Faults).ToLookup(fault => fault.DocumentId);
        foreach (var document in generated.SelectMany(part => part.Documents))
        {
            var back = Assert.Contains(document.Id, read);
            // Pages and tables change their layout on the way; what was planted must survive it.
            if (Path.GetExtension(document.Id) is ".md" or ".txt" or ".eml")
                Assert.Equal(document.Text.Trim(), back.Text.Trim());
            Assert.All(faults[document.Id].Where(fault => fault.Value is not null), fault => Assert.Contains(fault.Value!, back.Text, StringComparison.Ordinal));
            if (Path.GetExtension(document.Id) is ".md" or ".eml")
                Assert.Equal((document.Metadata.Title, document.Metadata.Date?.Date), (back.Metadata.Title, back.Metadata.Date?.Date));
        }
        Assert.Equal(written.Questions, Directory.GetFiles(Path.Combine(output, "questions")).Sum(file => File.ReadLines(file).LongCount()));
        Assert.Contains("synthetic", File.ReadAllText(Path.Combine(output, "README.md")));
    }

    [Fact]
    public void Write_FolderInUse_IsRefusedAndLeftAlone()
    {
        File.WriteAllText(Path.Combine(folder, "mine.txt"), "mine");
        Assert.Throws<InvalidInputException>(() => CompanyFiles.Write(1, 10_000, folder));
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }
}
