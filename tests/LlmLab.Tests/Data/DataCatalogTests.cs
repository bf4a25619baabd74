using LlmLab.Data;

namespace LlmLab.Tests.Data;

public sealed class DataCatalogTests
{
    [Fact]
    public void Entries_Shipped_AreCompleteAndUnique()
    {
        Assert.Equal(DataCatalog.Entries.Count, DataCatalog.Entries.Select(entry => entry.Name).Distinct().Count());
        Assert.All(DataCatalog.Entries, entry =>
        {
            Assert.NotEqual("", entry.What);
            Assert.NotEqual("", entry.Licence);
            Assert.True(Uri.TryCreate(entry.Homepage, UriKind.Absolute, out var homepage) && homepage.Scheme == "https");
            Assert.NotEmpty(entry.Files);
            Assert.All(entry.Files, file =>
            {
                Assert.Matches("^[0-9a-f]{64}$", file.Sha256);
                Assert.True(file.Bytes > 0);
                Assert.True(file.Url is not null || entry.SystemFolder is not null);
                Assert.DoesNotContain("..", file.Path);
            });
        });
    }

    [Fact]
    public void Find_UnknownName_SaysWhereNamesAre() =>
        Assert.Contains("llmlab data list", Assert.Throws<InvalidInputException>(() => DataCatalog.Find("no-such-set")).Message);

    [Fact]
    public void Entries_KeptFolder_HoldsTheCatalogsContent()
    {
        var path = SharedFiles.Data("corpora/tinyshakespeare.txt");
        var file = DataCatalog.Find("tinyshakespeare").Files[0];
        Assert.Equal(file.Bytes, new FileInfo(path).Length);
        Assert.Equal(file.Sha256, DataFolder.Sha256(path));
    }
}
