using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using DuckDB.NET.Data;
using LlmLab.Data;
using LlmLab.Data.Readers;
using Microsoft.Data.Sqlite;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;
using Document = LlmLab.Data.Document;
using RunText = DocumentFormat.OpenXml.Wordprocessing.Text;

namespace LlmLab.Tests.Data.Readers;

public sealed class FormatTests
{
    static (Document[] Documents, ReadReport Report) Read(string path, ReaderOptions? options = null)
    {
        var corpus = new CorpusReader(options).Open(path);
        return ([.. corpus.Documents], corpus.Report!);
    }

    [Fact]
    public void Html_Page_KeepsStructureAndDropsWhatIsNotText()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("page.html", """
            <html lang="de"><head><title>Wartung</title><style>p{}</style></head><body><nav>Home | About</nav>
            <h2>Plan</h2><p>Erste   Zeile<br>zweite</p><ul><li>eins</li><li>zwei</li></ul>
            <table><tr><th>Teil</th><th>Preis</th></tr><tr><td>Pumpe</td><td>12</td></tr></table>
            <script>alert(1)</script><p hidden>geheim</p></body></html>
            """);
        var document = Assert.Single(Read(path).Documents);
        Assert.Equal(("Wartung", "de"), (document.Metadata.Title, document.Metadata.Language));
        Assert.Contains("## Plan", document.Text);
        Assert.Contains("Erste Zeile\nzweite", document.Text);
        Assert.Contains("- eins", document.Text);
        Assert.Contains("| Pumpe | 12 |", document.Text);
        foreach (string gone in (string[])["Home", "alert", "geheim", "p{}"]) Assert.DoesNotContain(gone, document.Text);
    }

    [Theory]
    [InlineData("tags: [one, two")]
    [InlineData("title: {a: 1")]
    [InlineData("a: \"open")]
    [InlineData("a: 1\na: 2")]
    [InlineData("? [")]
    [InlineData("&x *x : !<")]
    [InlineData("- - [")]
    public void Markdown_FrontMatterThatIsNoYaml_IsText(string yaml)
    {
        using var folder = new TemporaryFolder();
        string text = $"---\n{yaml}\n---\nThe body.";
        Assert.Equal(text, Assert.Single(Read(folder.File("page.md", text)).Documents).Text);
    }

    [Fact]
    public void Html_DeclaredCharset_IsUsed()
    {
        using var folder = new TemporaryFolder();
        var page = System.Text.CodePagesEncodingProvider.Instance.GetEncoding("iso-8859-2")!;
        string path = folder.File("p.html", page.GetBytes("<html><head><meta charset=\"iso-8859-2\"></head><body><p>Zażółć gęślą jaźń</p></body></html>"));
        Assert.Equal("Zażółć gęślą jaźń", Assert.Single(Read(path).Documents).Text);
    }

    [Fact]
    public void Pdf_WithText_IsRead()
    {
        using var folder = new TemporaryFolder();
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        var page = builder.AddPage(595, 842);
        page.AddText("The pump runs at 40 bar.", 12, new UglyToad.PdfPig.Core.PdfPoint(50, 700), font);
        string path = folder.File("manual.pdf", builder.Build());
        Assert.Contains("The pump runs at 40 bar.", Assert.Single(Read(path).Documents).Text);
    }

    [Fact]
    public void Pdf_WithoutText_IsRefusedWithTheReason()
    {
        using var folder = new TemporaryFolder();
        var builder = new PdfDocumentBuilder();
        builder.AddPage(595, 842);
        folder.File("scan.pdf", builder.Build());
        folder.File("a.txt", "text");
        var (documents, report) = Read(folder.Path);
        Assert.Single(documents);
        Assert.Contains("PDF without text", Assert.Single(report.Skipped).Reason);
    }

    [Fact]
    public void Word_Document_KeepsHeadingsAndTables()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "plan.docx");
        using (var word = WordprocessingDocument.Create(path, WordprocessingDocumentType.Document))
        {
            word.PackageProperties.Title = "Project plan";
            word.AddMainDocumentPart().Document = new DocumentFormat.OpenXml.Wordprocessing.Document(new Body(
                new Paragraph(new ParagraphProperties(new ParagraphStyleId { Val = "Heading1" }), new Run(new RunText("Scope"))),
                new Paragraph(new Run(new RunText("Replace the pump."))),
                new Table(new TableRow(new TableCell(new Paragraph(new Run(new RunText("cost")))), new TableCell(new Paragraph(new Run(new RunText("40 000"))))))));
        }
        var document = Assert.Single(Read(path).Documents);
        Assert.Equal("# Scope\n\nReplace the pump.\n\n| cost | 40 000 |", document.Text);
        Assert.Equal("Project plan", document.Metadata.Title);
    }

    [Fact]
    public void Mail_Message_HeadersBecomeMetadataAndAttachmentsDocuments()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m.eml", "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?B?UHLDvGZ1bmc=?=\r\nDate: Tue, 05 Mar 2024 10:00:00 +0100\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=note.txt\r\n\r\nattached words\r\n--b--\r\n");
        var documents = Read(path).Documents;
        Assert.Equal(["m.eml", "m.eml/note.txt"], documents.Select(d => d.Id));
        Assert.EndsWith("\n\nGrüße", documents[0].Text);
        Assert.Equal((DocumentKind.Email, "Prüfung", TimeSpan.FromHours(1)), (documents[0].Metadata.Kind, documents[0].Metadata.Title, documents[0].Metadata.Date!.Value.Offset));
        Assert.Equal("attached words", documents[1].Text.Trim());
    }

    [Fact]
    public void Mailbox_TwoMessages_GiveTwoDocuments()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("in.mbox", "From a@x Tue Mar  5 10:00:00 2024\nFrom: a@x\nSubject: one\n\nfirst body\n\nFrom b@x Tue Mar  5 11:00:00 2024\nFrom: b@x\nSubject: two\n\nsecond body\n");
        var documents = Read(path).Documents;
        Assert.Equal(["one", "two"], documents.Select(d => d.Metadata.Title));
        Assert.Contains("second body", documents[1].Text);
    }

    [Fact]
    public void Csv_WithTextColumn_GivesARowADocument()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("t.csv", "text;project;year\n\"Line one\nline two; quoted\";Alpha;2024\nshort;Beta;2023\n");
        var documents = Read(path).Documents;
        Assert.Equal(["Line one\nline two; quoted", "short"], documents.Select(d => d.Text));
        Assert.Equal(("Alpha", "2024"), (documents[0].Metadata.Project, documents[0].Metadata.Other["year"]));
    }

    [Fact]
    public void Csv_WithoutTextColumn_IsATableText()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("budget.csv", "item,cost\npump,12\nhose,3\n");
        Assert.Equal("item | cost\npump | 12\nhose | 3", Assert.Single(Read(path).Documents).Text);
    }

    [Theory]
    [InlineData("[{\"text\":\"a\"},{\"text\":\"b\",\"title\":\"B\"}]")]
    [InlineData("{\"total\":2,\"items\":[{\"text\":\"a\"},{\"text\":\"b\",\"title\":\"B\"}]}")]
    public void Json_ArrayOfRecords_GivesADocumentEach(string json)
    {
        using var folder = new TemporaryFolder();
        var documents = Read(folder.File("x.json", json)).Documents;
        Assert.Equal(["a", "b"], documents.Select(d => d.Text));
        Assert.Equal("B", documents[1].Metadata.Title);
    }

    [Fact]
    public void JsonLines_BrokenLines_AreSkippedAndCounted()
    {
        using var folder = new TemporaryFolder();
        var (documents, report) = Read(folder.File("x.jsonl", "{\"text\":\"a\"}\n{\"text\":\n\n{\"text\":\"\\ud800 b\"}\n"));
        Assert.Equal(["a", "\uFFFD b"], documents.Select(d => d.Text));
        Assert.Equal("x.jsonl, line 2", Assert.Single(report.Skipped).Source);
    }

    [Fact]
    public void Parquet_FileOfDuckDb_IsReadBack()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "x.parquet");
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"COPY (SELECT 'r' || i AS id, 'text of row ' || i AS text, 'Alpha' AS project, DATE '2024-02-29' AS date FROM range(3) t(i) ORDER BY i) TO '{path}' (FORMAT parquet)";
            command.ExecuteNonQuery();
        }
        var documents = Read(path).Documents;
        Assert.Equal(["r0", "r1", "r2"], documents.Select(d => d.Id));
        Assert.Equal(("text of row 2", "Alpha", 2024), (documents[2].Text, documents[2].Metadata.Project, documents[2].Metadata.Date!.Value.Year));
    }

    [Fact]
    public void Sql_SqliteQuery_GivesDocuments()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "wiki.db");
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE page(id INTEGER, body TEXT, title TEXT); INSERT INTO page VALUES (7, 'How to file leave', 'Leave'), (8, NULL, 'Empty')";
            command.ExecuteNonQuery();
        }
        var document = Assert.Single(SqlReader.FromSqlite(file, "SELECT * FROM page ORDER BY id").Documents);
        Assert.Equal(("7", "How to file leave", "Leave"), (document.Id, document.Text, document.Metadata.Title));
        SqliteConnection.ClearAllPools();
        Assert.Contains("no such table", Assert.Throws<InvalidInputException>(() => SqlReader.FromSqlite(file, "SELECT * FROM absent").Documents.ToArray()).Message);
        SqliteConnection.ClearAllPools();
    }
}
