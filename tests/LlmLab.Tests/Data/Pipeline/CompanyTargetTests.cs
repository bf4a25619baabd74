using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Readers;

namespace LlmLab.Tests.Data.Pipeline;

using Pipeline = LlmLab.Data.Pipeline.Pipeline;

/// <summary>The default pipeline on the example company, whose faults are known, with seeds that nothing was tuned on; and on real documents.</summary>
public sealed class CompanyTargetTests
{
    static PipelineResult Clean(ulong seed, string folder)
    {
        var parts = CompanyGenerator.Generate(seed, 3_000_000).ToArray();
        return Pipeline.Default(new PipelineOptions { Threads = 2 }).Run(Corpus.FromDocuments("company", [.. parts.SelectMany(p => p.Documents)]), folder, parts.SelectMany(p => p.Faults));
    }

    [Theory]
    [InlineData(904_417)]
    [InlineData(31_337_001)]
    public void Default_UnseenCompany_ReachesItsTargets(ulong seed)
    {
        using var folder = new TemporaryFolder();
        var result = Clean(seed, folder.Path);
        FaultScore Score(string step) => result.Steps.First(s => s.Name == step).Score!;
        void AtLeast(string step, double recall, double precision)
        {
            var score = Score(step);
            Assert.True(score.Expected > 0 && score.Recall >= recall && score.Precision >= precision, $"{step}: recall {score.Recall:0.000} ({score.Found} of {score.Expected}), precision {score.Precision:0.000} ({score.Correct} of {score.Predicted})");
        }
        AtLeast("near duplicates", 0.98, 0.98);
        AtLeast("exact duplicates", 0.98, 0.98);
        AtLeast("personal data", 0.97, 0.95);
        AtLeast("outdated", 0.97, 0.97);
        AtLeast("Unicode repair", 0.95, 0.95);
        AtLeast("quality", 0.95, 0.95);
        AtLeast("language", 0.95, 0.95);
        AtLeast("licence", 0.8, 0.95);
        AtLeast("mail cleaning", 0.8, 0.95);
    }

    // The detectors know no name, street or firm that the generator makes: what they find, they find by form and context.
    [Fact]
    public void Detectors_Sources_HoldNoNameOfTheGenerator()
    {
        string folder = Path.Combine(SharedFiles.RepositoryRoot, "src", "LlmLab", "Data", "Pipeline");
        var detectors = new HashSet<string>(Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).SelectMany(f => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(f), "\\p{Lu}\\p{L}{3,}").Select(m => m.Value)));
        var parts = CompanyGenerator.Generate(5, 300_000).ToArray();
        string[] people = [.. parts.SelectMany(p => p.Faults).Where(f => f.Kind == FaultKind.PersonalData && f.Detail == "person").SelectMany(f => f.Value!.Split(' ')).Where(w => w.Length > 3).Distinct()];
        Assert.NotEmpty(people);
        Assert.DoesNotContain(people, detectors.Contains);
    }

    // No wording of five words that the generator plants stands in a detector.
    [Fact]
    public void Detectors_Sources_HoldNoWordingOfTheGenerator()
    {
        string folder = Path.Combine(SharedFiles.RepositoryRoot, "src", "LlmLab", "Data", "Pipeline");
        string sources = string.Join('\n', Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (var fault in CompanyGenerator.Generate(6, 300_000).SelectMany(p => p.Faults).Where(f => f.Kind == FaultKind.Boilerplate && f.Detail != "quoted-reply"))
        {
            string[] words = fault.Value!.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            for (int i = 0; i + 5 <= words.Length; i++)
                Assert.DoesNotContain(string.Join(' ', words[i..(i + 5)]), sources, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("handbooks", 0.93)]
    [InlineData("techdocs", 0.80)]
    public void Default_RealDocuments_KeepsMostOfThemAndTheirText(string data, double kept)
    {
        string input = SharedFiles.Data(data);
        using var folder = new TemporaryFolder();
        var result = Pipeline.Default(new PipelineOptions { Threads = 2 }).Run(new CorpusReader().Open(input), folder.Path);
        Assert.InRange(result.Version.Documents / (double)result.Steps[0].DocumentsIn, kept, 1);
        Assert.Equal("en", result.Balance["language"].Counts[0].Value);
    }
}
