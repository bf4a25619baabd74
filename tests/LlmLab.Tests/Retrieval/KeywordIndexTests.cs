using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Retrieval;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Search;

namespace LlmLab.Tests.Retrieval;

public sealed class KeywordIndexTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-keywords-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static Passage Make(string id, string text, DocumentMetadata? metadata = null) => new(id, id.Split('#')[0], 0, text, "", 0, text.Length, metadata ?? new DocumentMetadata());

    static void Add(KeywordIndex index, params Passage[] passages) => index.Update(passages, passage => "1", []);

    static string[] Ids(IEnumerable<FoundPassage> found) => [.. found.Select(hit => hit.Passage.Id)];

    [Fact]
    public void Search_StemmedWords_AreFoundWithTheBestFirst()
    {
        using var index = KeywordIndex.InMemory();
        Add(index, Make("a#1", "The budgets were approved."), Make("b#1", "Budget, budget and again the budget of the library."), Make("c#1", "Nothing of that."));
        Assert.Equal(["b#1", "a#1"], Ids(index.Search("What is the budget?", 10)));
        Assert.Empty(index.Search("what is the", 10));
    }

    [Fact]
    public void Search_ScoresWithoutLengthNorm_AreLucenesFormula()
    {
        // With b = 0 no length enters, and Lucene's score is idf · tf·(k1+1)/(tf+k1) with idf = ln(1 + (N − n + ½)/(n + ½)).
        using var index = KeywordIndex.InMemory(new KeywordOptions { Language = null, K1 = 1.2, B = 0 });
        Add(index, Make("a#1", "alpha beta"), Make("b#1", "alpha alpha"), Make("c#1", "gamma"));
        double idf = Math.Log(1 + 1.5 / 2.5);
        var found = index.Search("alpha", 10);
        Assert.Equal(["b#1", "a#1"], Ids(found));
        Assert.Equal(idf * 2 * 2.2 / 3.2, found[0].Score, 1e-5);
        Assert.Equal(idf, found[1].Score, 1e-5);
    }

    [Fact]
    public void Open_AfterClosing_PassagesComeBackAsTheyWere()
    {
        var passages = CompanyCorpus.Generate(1, 60_000).Documents.SelectMany(new StructureChunker().Split).ToArray();
        using (var index = KeywordIndex.Open(folder)) Add(index, passages);
        using var opened = KeywordIndex.Open(folder);
        Assert.Equal(passages.Length, opened.Count);
        var all = opened.All();
        Assert.Equal(passages.Select(p => (p.Id, p.DocumentId, p.Start, p.Text, p.Heading, p.ParentStart, p.ParentLength)), all.Select(p => (p.Id, p.DocumentId, p.Start, p.Text, p.Heading, p.ParentStart, p.ParentLength)));
        foreach (var (before, after) in passages.Zip(all))
        {
            Assert.Equal(before.Metadata with { Roles = [], Other = after.Metadata.Other }, after.Metadata with { Roles = [] });
            Assert.Equal(before.Metadata.Roles, after.Metadata.Roles);
        }
    }

    [Fact]
    public void Update_AddReplaceRemove_OnlyTheNewStateIsFound()
    {
        using var index = KeywordIndex.Open(folder);
        Add(index, Make("a#1", "old words"), Make("a#2", "stale words"), Make("b#1", "other words"));
        index.Update([Make("a#1", "new words")], _ => "2", ["a#2"], new Dictionary<string, string> { ["data"] = "v2" });
        Assert.Equal(["a#1", "b#1"], Ids(index.Search("words", 10)).Order());
        Assert.Empty(index.Search("stale", 10));
        Assert.Equal("new words", Assert.Single(index.Find(["a#1", "a#2"]).Values).Text);
        Assert.Equal("2", index.Documents()["a"].Stamp);
        Assert.Equal("v2", index.Notes["data"]);
    }

    [Fact]
    public void Update_StoppedHalfWay_ChangesNothing()
    {
        using var index = KeywordIndex.Open(folder);
        Add(index, Make("a#1", "words"));
        IEnumerable<Passage> Stopped()
        {
            yield return Make("b#1", "words");
            throw new OperationCanceledException();
        }
        Assert.Throws<OperationCanceledException>(() => index.Update(Stopped(), _ => "2", ["a#1"]));
        Assert.Equal(["a#1"], Ids(index.Search("words", 10)));
        Add(index, Make("c#1", "words"));
        Assert.Equal(2, index.Count);
    }

    [Fact]
    public void Search_EveryFilter_ReturnsWhatThePlainFormAdmits()
    {
        var documents = CompanyCorpus.Generate(1, 150_000).Documents.ToArray();
        var passages = documents.SelectMany(new StructureChunker().Split).ToArray();
        using var index = KeywordIndex.InMemory();
        Add(index, passages);
        var dates = documents.Select(d => d.Metadata.Date).OfType<DateTimeOffset>().Order().ToArray();
        var roles = documents.SelectMany(d => d.Metadata.Roles).Distinct().Order().ToArray();
        Assert.NotEmpty(roles);
        var projects = documents.Select(d => d.Metadata.Project).OfType<string>().Distinct().ToArray();
        SearchFilter[] filters =
        [
            SearchFilter.Default,
            new() { Clearance = new Clearance(Sensitivity.Public) },
            new() { Clearance = new Clearance(Sensitivity.Personal) },
            new() { Clearance = new Clearance(Sensitivity.Personal, roles) },
            new() { Clearance = new Clearance(Sensitivity.Confidential, roles[0]) },
            new() { Projects = [projects[0]] },
            new() { Projects = projects[..2], Kinds = [DocumentKind.Email, DocumentKind.Planning] },
            new() { Phases = [documents.Select(d => d.Metadata.Phase).OfType<string>().First()] },
            new() { From = dates[dates.Length / 3], Until = dates[2 * dates.Length / 3] },
            new() { From = dates[^1].AddDays(1) },
            new() { Projects = ["No Such Project"] },
        ];
        foreach (var filter in filters)
        {
            int expected = passages.Count(p => filter.Admits(p.Metadata));
            Assert.Equal(expected, index.CountOf(filter));
            var found = index.Search("budget project date name team", passages.Length, filter);
            Assert.All(found, hit => Assert.True(filter.Admits(hit.Passage.Metadata)));
            Assert.Equal(index.Search("budget project date name team", passages.Length, new SearchFilter { Clearance = new Clearance(Sensitivity.Personal, roles) }).Count(hit => filter.Admits(hit.Passage.Metadata)), found.Count);
        }
    }

    [Fact]
    public void Clearance_RolesAndSensitivity_BothMustFit()
    {
        var salaries = new DocumentMetadata { Sensitivity = Sensitivity.Confidential, Roles = ["finance", "board"] };
        Assert.False(Clearance.Internal.MayRead(salaries));
        Assert.False(new Clearance(Sensitivity.Confidential).MayRead(salaries));
        Assert.False(new Clearance(Sensitivity.Internal, "finance").MayRead(salaries));
        Assert.True(new Clearance(Sensitivity.Confidential, "finance").MayRead(salaries));
        Assert.True(new Clearance(Sensitivity.Confidential, "finance").MayReadClass(Clearance.ClassOf(salaries)));
        Assert.False(new Clearance(Sensitivity.Confidential).MayReadClass(Clearance.ClassOf(salaries)));
    }

    [Fact]
    public void Open_OtherOptionsThanBuiltWith_SaysSo()
    {
        using (var index = KeywordIndex.Open(folder)) Add(index, Make("a#1", "words"));
        Assert.Contains("was built with", Assert.Throws<InvalidInputException>(() => KeywordIndex.Open(folder, new KeywordOptions { K1 = 2 })).Message);
        Assert.Contains("klingon", Assert.Throws<InvalidInputException>(() => KeywordIndex.InMemory(new KeywordOptions { Language = "klingon" })).Message);
        using var opened = KeywordIndex.Open(folder);
        Assert.Equal(1.2, opened.Options.K1);
    }

    [Fact]
    public void Open_AlreadyOpenElsewhere_SaysSo()
    {
        using var index = KeywordIndex.Open(folder);
        Assert.Contains("another process", Assert.Throws<InvalidInputException>(() => KeywordIndex.Open(folder)).Message);
    }

    [Fact]
    public void Open_DamagedFolder_SaysWhatToDo()
    {
        using (var index = KeywordIndex.Open(folder)) Add(index, Make("a#1", "words"));
        foreach (string file in Directory.EnumerateFiles(folder, "*.cf?").Concat(Directory.EnumerateFiles(folder, "*.si"))) File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Contains("build it again", Assert.Throws<InvalidInputException>(() => KeywordIndex.Open(folder)).Message);
    }
}
