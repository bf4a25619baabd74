using LlmLab.Retrieval.Reading;
using LlmLab.Runs;
using LlmLab.Tests.Data;

namespace LlmLab.Tests.Retrieval.Reading;

public class ReadingReproductionTests
{
    [Fact]
    public async Task RunAsync_ASecondTime_GivesTheLineThatWasKeptAndTrainsNothing()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "results.jsonl");
        var recipe = ReadingRecipe.Shipped("company-reader-smoke");
        var workspace = Workspace.Open(folder.Path);

        var measured = await ReadingReproduction.RunAsync(file, recipe, questions: 40, companyBytes: 500_000, workspace: workspace);
        int runs = Directory.GetDirectories(Path.Combine(folder.Path, "reproduce-" + ReadingReproduction.Name)).Length;
        var again = await ReadingReproduction.RunAsync(file, recipe, questions: 40, companyBytes: 500_000, workspace: workspace);

        Assert.Equal(measured.Date, again.Date);
        Assert.Equal(measured.Measurements.Select(m => m.ExactMatch), again.Measurements.Select(m => m.ExactMatch));
        Assert.Single(ReadingReproduction.Results(file));
        Assert.Equal(runs, Directory.GetDirectories(Path.Combine(folder.Path, "reproduce-" + ReadingReproduction.Name)).Length);
        Assert.Equal(3, measured.Measurements.Count);
        Assert.All(measured.Measurements, m => Assert.InRange(m.ExactMatch.Count, 1, 40));
        Assert.Equal(recipe.Options.Steps, measured.Steps);
        Assert.True(measured.Measurements[1].ExactMatch.Value <= 0.2, "A reader must not answer from passages that say nothing of the question.");
    }

    [Fact]
    public async Task RunAsync_OfAnotherRecipeIntoTheExperimentsFile_IsRefused()
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ReadingReproduction.RunAsync(recipe: ReadingRecipe.Shipped("company-reader-smoke")));
        Assert.Contains("--results", error.Message);
    }

    [Fact]
    public void TheLongRecipe_IsTheNotebooksButForItsLength()
    {
        var (usual, longer) = (ReadingRecipe.Shipped(), ReadingRecipe.Shipped(ReadingReproduction.Name));
        Assert.Equal(2 * usual.Options.Steps, longer.Options.Steps);
        Assert.Equal(2 * usual.Questions, longer.Questions);
        Assert.Equal(usual, longer with { Questions = usual.Questions, Options = longer.Options with { Steps = usual.Options.Steps, SaveEvery = usual.Options.SaveEvery } });
    }
}
