using LlmLab.Data;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Every shipped task with models whose scores are known: random likelihoods are at chance, an oracle is always right.</summary>
public sealed class ShippedTaskTests
{
    static readonly EvaluationOptions options = new() { Cache = false, CompanyProjects = 20, Limit = 1_000 };

    public static TheoryData<string> Names => [.. TaskCatalog.Tasks.Select(task => task.Name)];

    static EvaluationReport Run(EvaluationTask task, LlmLab.Evaluation.Harness.IEvaluatedModel model)
    {
        // Asked before the run, so that a task whose data is elsewhere is skipped with its reason.
        string missing = "";
        Assert.SkipUnless(task.Data.Format == DataFormat.Company || new TaskDataFiles(new DataFolder()).Find(task, task.Data.File, out missing) is not null, missing);
        return new EvaluationRunner(options).Run(task.Name, [task], [model]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Run_RandomLikelihoods_AreAtChance(string name)
    {
        var task = TaskCatalog.Tasks.Single(task => task.Name == name);
        string[] judged = [.. task.Metrics.Where(metric => metric is "acc" or "centred" or "mc2" or "stereotype")];
        Assert.SkipUnless(judged.Length > 0 && task.Output != OutputType.Cloze, $"{name} has no level of chance.");
        var report = Run(task, new RandomModel());
        foreach (string metric in judged)
        {
            Estimate score = report.Score(name, metric), chance = report.Score(name, metric, "chance");
            Assert.True(Math.Abs(score.Value - chance.Value) <= 3 * score.StandardError, $"{name} {metric}: {score}, chance {chance.Value}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Run_Oracle_IsAlwaysRight(string name)
    {
        var task = TaskCatalog.Tasks.Single(task => task.Name == name);
        Assert.SkipWhen(task.Output is OutputType.Rolling or OutputType.Questionnaire, $"{name} has no right answers.");
        var report = Run(task, new OracleModel(options, [task]));
        foreach (string metric in task.Metrics)
        {
            if (metric is "perplexity" or "token_perplexity") Assert.Equal(1, report.Score(name, metric).Value, 1e-5);
            else if (TaskOutput.MetricsOf(task.Output)[metric].HigherIsBetter == false) Assert.Equal(0, report.Score(name, metric).Value);
            // A question that stands twice in a set, with two answers, can be answered in one way only.
            else Assert.InRange(report.Score(name, metric).Value, task.Output == OutputType.Generation ? 0.998 : 1 - 1e-9, 1 + 1e-9);
        }
    }

    [Fact]
    public void AllSuites_NameExistingTasks()
    {
        Assert.Equal(["company", "commonsense", "knowledge", "reading", "exams", "mathematics", "safety"], TaskCatalog.AllSuites.Select(suite => suite.Name));
        Assert.All(TaskCatalog.AllSuites, suite => Assert.NotEmpty(TaskCatalog.Find(suite.Name)));
        Assert.Equal(TaskCatalog.Tasks.Count, TaskCatalog.Find("all").Count);
        var error = Assert.Throws<InvalidInputException>(() => TaskCatalog.Find("helaswag"));
        Assert.Contains("hellaswag", error.Message);
    }

    [Fact]
    public void Tasks_AllOfThem_NameTheirSourceAndLicence() =>
        Assert.All(TaskCatalog.Tasks, task => Assert.True(task.Source.Length > 10 && task.Licence.Length > 2 && task.Description.Length > 20, task.Name));
}
