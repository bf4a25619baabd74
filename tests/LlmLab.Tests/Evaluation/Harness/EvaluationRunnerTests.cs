using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Evaluation.Statistics;
using LlmLab.Objectives;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Drawing, examples, baselines, kept answers, reports and verdicts.</summary>
public sealed class EvaluationRunnerTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-runner-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static EvaluationTask Shipped(string name) => TaskCatalog.Find(name)[0];

    PreparedTask Prepare(string name, EvaluationOptions options) => new TaskPreparation(options, new LlmLab.Data.DataFolder(folder, folder)).Prepare(Shipped(name), out _)!;

    [Fact]
    public void Prepare_FewShot_ShowsOthersSolvedAndTheSameToAll()
    {
        var prepared = Prepare("gre_verbal", new EvaluationOptions { FewShot = 3, Seed = 5 });
        for (int i = 0; i < prepared.Items.Count; i++)
        {
            Assert.DoesNotContain(prepared.Items[i].Prompt, prepared.Before[i]);
            Assert.Equal(3, prepared.Before[i].Split("Fill the gap.").Length - 1);
        }
        Assert.True(prepared.Before.Distinct().Count() <= 5);
        Assert.Contains(prepared.Items.Single(item => prepared.Before[0].StartsWith(item.Prompt, StringComparison.Ordinal)).Target, prepared.Before[0]);
        Assert.NotEqual(prepared.Before[0], Prepare("gre_verbal", new EvaluationOptions { FewShot = 3, Seed = 6 }).Before[0]);
        Assert.Equal(prepared.Before, Prepare("gre_verbal", new EvaluationOptions { FewShot = 3, Seed = 5 }).Before);
        Assert.Contains("only 44", Assert.Throws<InvalidInputException>(() => Prepare("gre_verbal", new EvaluationOptions { FewShot = 50 })).Message);
    }

    [Fact]
    public void Prepare_Gsm8k_TakesExamplesFromTrainingAndElseNeverTheQuestionItself()
    {
        static string Records(string of, int count) => string.Concat(Enumerable.Range(0, count).Select(i => $$"""{"question": "{{of}} question {{i}}?", "answer": "It is so.\n#### {{i}}"}""" + "\n"));
        Directory.CreateDirectory(Path.Combine(folder, "eval"));
        File.WriteAllText(Path.Combine(folder, "eval", "gsm8k.test.jsonl"), Records("test", 7));
        var task = Shipped("gsm8k") with { Data = Shipped("gsm8k").Data with { File = Path.Combine(folder, "eval", "gsm8k.test.jsonl") } };
        PreparedTask Prepared() => new TaskPreparation(new EvaluationOptions { Seed = 3 }, new LlmLab.Data.DataFolder(folder, folder)).Prepare(task, out _)!;

        var alone = Prepared();
        Assert.Contains("the question asked excepted: eval/gsm8k.train.jsonl is not on this machine", alone.Note);
        for (int i = 0; i < alone.Items.Count; i++)
        {
            Assert.Equal(5, alone.Before[i].Split("test question").Length - 1);
            Assert.DoesNotContain(alone.Items[i].Prompt, alone.Before[i]);
        }

        File.WriteAllText(Path.Combine(folder, "eval", "gsm8k.train.jsonl"), Records("training", 20));
        var trained = Prepared();
        Assert.Null(trained.Note);
        Assert.All(trained.Before, before => Assert.Equal((5, 1), (before.Split("training question").Length - 1, before.Split("test question").Length)));
        Assert.Contains("#### ", trained.Before[0]);

        // The report repeats it; a task that needs its file is left out without it.
        File.Delete(Path.Combine(folder, "eval", "gsm8k.train.jsonl"));
        var report = new EvaluationRunner(new EvaluationOptions { Cache = false }, new LlmLab.Data.DataFolder(folder, folder)).Run("gsm8k", [task], [new RandomModel()]);
        Assert.Contains(alone.Note!, report.Notes);
        task = task with { FewShot = task.FewShot with { OrOwn = false } };
        Assert.Null(new TaskPreparation(new EvaluationOptions(), new LlmLab.Data.DataFolder(folder, folder)).Prepare(task, out string missing));
        Assert.Contains("eval/gsm8k.train.jsonl", missing);
    }

    [Fact]
    public void Prepare_Limit_DrawsBySeedInTheFilesOrder()
    {
        string[] Places(int seed) => [.. Prepare("gre_verbal", new EvaluationOptions { Limit = 10, Seed = seed }).Items.Select(item => item.Place)];
        Assert.Equal(Places(1), Places(1));
        Assert.NotEqual(Places(1), Places(2));
        Assert.Equal(10, Places(3).Distinct().Count());
    }

    [Fact]
    public void Run_KeptAnswers_AreNotAskedAgainAndGiveTheSameReport()
    {
        var options = new EvaluationOptions { CacheFolder = folder };
        var (first, second, fresh) = (new RandomModel(), new RandomModel(), new RandomModel());
        var report = new EvaluationRunner(options with { Limit = 20 }).Run("gre_verbal,law_rules", [first]);
        Assert.Equal(20 * 5 + 20 * 4, first.Calls);
        // A process that dies leaves half a line.
        string file = Directory.EnumerateFiles(folder, "*.jsonl").Single();
        File.AppendAllText(file, "{\"k\":\"0123");
        var again = new EvaluationRunner(options with { Limit = 20 }).Run("gre_verbal,law_rules", [second]);
        Assert.Equal(0, second.Calls);
        Assert.Equal(report.ToMarkdown(), again.ToMarkdown());
        // More items of the same tasks: only the new ones are asked.
        var all = new EvaluationRunner(options).Run("gre_verbal,law_rules", [second]);
        Assert.Equal((44 - 20) * 5 + (35 - 20) * 4, second.Calls);
        Assert.Equal(new EvaluationRunner(options with { Cache = false }).Run("gre_verbal,law_rules", [fresh]).ToMarkdown(), all.ToMarkdown());
        Assert.Equal(44 * 5 + 35 * 4, fresh.Calls);
    }

    [Fact]
    public void Run_Stopped_GoesOnWhereItWas()
    {
        var options = new EvaluationOptions { CacheFolder = folder };
        var stopping = new StoppingModel();
        using (var stop = new CancellationTokenSource())
        using (Operation.Enter(stop.Token))
        {
            stopping.After = stop;
            Assert.Throws<OperationCanceledException>(() => new EvaluationRunner(options).Run("gre_verbal,law_rules", [stopping]));
        }
        var model = new RandomModel();
        new EvaluationRunner(options).Run("gre_verbal,law_rules", [model]);
        Assert.Equal(35 * 4, model.Calls);
    }

    [Fact]
    public void Run_Baselines_AreWhatCountingGives()
    {
        var prepared = Prepare("gre_verbal", new EvaluationOptions());
        var report = new EvaluationRunner(new EvaluationOptions { Cache = false }).Run("gre_verbal", [new RandomModel()]);
        Assert.Equal(["random", "shortest answer", "most frequent answer", "chance"], report.Columns);
        Assert.Equal(prepared.Items.Average(item => item.Choices.ToList().FindIndex(c => c.Length == item.Choices.Min(x => x.Length)) == item.Answer ? 1.0 : 0), report.Score("gre_verbal", "acc", "shortest answer").Value, 1e-12);
        Assert.Equal(prepared.Items.GroupBy(item => item.Answer).Max(group => group.Count()) / 44.0, report.Score("gre_verbal", "acc", "most frequent answer").Value, 1e-12);
        Assert.Equal(0.2, report.Score("gre_verbal", "acc", "chance").Value, 1e-12);
        // Centred is the same scores on another scale.
        Assert.Equal((report.Score("gre_verbal", "acc").Value - 0.2) / 0.8, report.Score("gre_verbal", "centred").Value, 1e-12);
    }

    [Fact]
    public void Save_Report_IsReadAgain()
    {
        var report = new EvaluationRunner(new EvaluationOptions { Cache = false, CompanyProjects = 4 }).Run("exams,company", [new RandomModel(), new RandomModel(2)]);
        report.Save(folder);
        var read = EvaluationReport.Load(folder);
        Assert.Equal(report.ToMarkdown(), read.ToMarkdown());
        Assert.Equal(report.Items.Count, read.Items.Count);
        Assert.Contains("| law_rules |", File.ReadAllText(Path.Combine(folder, "report.md")));
        // A group's line is the mean of its tasks' centred scores.
        var tasks = report.Rows.Where(row => row.Group == "exams" && row.Metric.StartsWith("centred", StringComparison.Ordinal) && !row.IsGroup).Select(row => row.Scores[0]!.Value).ToArray();
        Assert.Equal(tasks.Average(), report.Score("exams", "centred").Value, 1e-12);
        Assert.NotEmpty(report.Chart.ToPng());
        Assert.Contains("<td>law_rules</td>", report.ToHtml());
    }

    [Theory]
    [InlineData(950, 1000, Verdict.Met)]
    [InlineData(905, 1000, Verdict.Undecided)]
    [InlineData(850, 1000, Verdict.Missed)]
    [InlineData(99, 100, Verdict.TooFewCases)]
    [InlineData(10, 100, Verdict.Missed)]
    public void Judge_Target_GoesByTheInterval(int right, int count, Verdict verdict)
    {
        var objective = ObjectiveFile.Example("company-questions");   // exact_match at least 0.9 on 1,000
        var verdicts = TargetVerdicts.Judge(objective, new Dictionary<string, Estimate> { ["exact_match"] = Estimate.OfShare(right, count), ["false_refusal_rate"] = Estimate.OfShare(count - right, count) });
        Assert.Equal(verdict, verdicts.Targets.Single(target => target.Target.Metric == "exact_match").Verdict);
        Assert.Equal(Verdict.NotMeasured, verdicts.Targets.Single(target => target.Target.Metric == "mrr_at_10").Verdict);
        Assert.False(verdicts.AllMet);
        Assert.NotEmpty(verdicts.Chart.ToPng());
        Assert.Contains("exact_match is to be at least 0.9", verdicts.Targets[0].Sentence);
        // One table of targets and results, in three forms.
        Assert.Equal(objective.Targets.Count + 1, verdicts.ToText().Split('\n').Length);
        Assert.Contains("exact_match ≥ 0.9", verdicts.ToText());
        Assert.Contains($"| exact_match ≥ 0.9 | {(double)right / count:0.000} |", verdicts.ToMarkdown());
        Assert.Contains("<td style=\"text-align:left\">exact_match ≥ 0.9</td>", verdicts.ToHtml());
    }

    [Fact]
    public void Judge_WithASearch_FeedsItsTargetsAndSaysWhatWouldMeasureTheOthers()
    {
        var objective = ObjectiveFile.Example("company-questions");
        var searched = new Dictionary<string, Estimate> { ["mrr_at_10"] = Estimate.OfShare(990, 1000), ["exact_match"] = Estimate.OfShare(0, 1000) };
        var verdicts = TargetVerdicts.Judge(objective, new Dictionary<string, Estimate> { ["exact_match"] = Estimate.OfShare(1000, 1000) }, searched);
        Assert.Equal(Verdict.Met, verdicts.Targets.Single(target => target.Target.Metric == "mrr_at_10").Verdict);
        Assert.Equal(1, verdicts.Targets.Single(target => target.Target.Metric == "exact_match").Score!.Value);

        var nothing = TargetVerdicts.Judge(objective);
        Assert.All(nothing.Targets, target => Assert.Equal(Verdict.NotMeasured, target.Verdict));
        string Of(string metric) => nothing.Targets.Single(target => target.Target.Metric == metric).Sentence;
        Assert.Contains("judges the search, not the model: `llmlab eval RUN --suite company_answers`", Of("mrr_at_10"));
        Assert.Contains("`llmlab eval RUN --suite company_answers` measures it", Of("refusal_recall"));
        var other = TargetVerdicts.Judge(objective with { Targets = [new Target("smiles", LlmLab.Objectives.Comparison.AtLeast, 1, 1)] });
        Assert.Contains("no shipped task reports it", other.Targets[0].Sentence);
    }

    [Fact]
    public void Chart_IntervalOfAShareNearOne_IsDrawnAsItIs()
    {
        var objective = ObjectiveFile.Example("company-questions");
        var score = Estimate.OfShare(99, 100);
        var chart = TargetVerdicts.Judge(objective, new Dictionary<string, Estimate> { ["exact_match"] = score }).Chart;
        Assert.Equal((score.High - 0.99, 0.99 - score.Low), (chart.Series[0].Errors![0], chart.Series[0].ErrorsBelow![0]));
        Assert.True(chart.Series[0].ErrorsBelow![0] > 3 * chart.Series[0].Errors![0]);
        Assert.Equal((0, double.NaN), (chart.Series[0].Errors![1], chart.Series[0].Y[1]));
        var report = new EvaluationRunner(new EvaluationOptions { Cache = false, CacheFolder = folder }).Run("law_rules", [new RandomModel()]);
        var acc = report.Score("law_rules", "acc");
        Assert.Equal((acc.High - acc.Value, acc.Value - acc.Low), (report.Chart.Series[0].Errors![0], report.Chart.Series[0].ErrorsBelow![0]));
    }

    /// <summary>Stops the run after it has answered once.</summary>
    sealed class StoppingModel : IEvaluatedModel
    {
        readonly RandomModel model = new();
        public CancellationTokenSource? After { get; set; }
        public string Name => model.Name;
        public string? Fingerprint => model.Fingerprint;
        public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests)
        {
            After!.Cancel();
            return model.LogLikelihoods(requests);
        }
        public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => model.RollingLogLikelihoods(texts);
        public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests) => model.GenerateUntil(requests);
    }
}
