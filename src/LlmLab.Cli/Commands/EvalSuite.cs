using System.CommandLine;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Interop;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Pipeline;
using LlmLab.Retrieval.Search;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary>The part of <c>llmlab eval</c> that asks the questions of tasks.</summary>
static class EvalSuite
{
    static readonly Option<string?> suite = new("--suite") { Description = "Ask the questions of a suite (company, commonsense, knowledge, reading, exams, mathematics, safety, all), of tasks by name, or of a task file; several are separated by commas." };
    static readonly Option<int?> limit = new("--limit") { Description = "At most so many questions a task; default: by the scale, 20 (smoke), 200 (laptop), all (gpu)." };
    static readonly Option<int?> fewShot = new("--few-shot") { Description = "Solved examples before each question; default: what the task says." };
    static readonly Option<int> seed = new("--seed") { Description = "Seed of the questions and examples that are drawn.", DefaultValueFactory = _ => 1 };
    static readonly Option<bool> noBaselines = new("--no-untrained") { Description = "Leave out the column of the untrained model." };
    static readonly Option<bool> noCache = new("--no-cache") { Description = "Ask everything anew, and keep no answers." };

    public static IEnumerable<Option> Options => [suite, limit, fewShot, seed, embeddings, noBaselines, noCache];

    static readonly Option<string?> embeddings = new("--embeddings") { Description = "The encoder's run by which passages are found, for targets that judge the search; default: that of the workspace's index, else none: by words alone." };

    public static string? NameOf(ParseResult parse) => parse.GetValue(suite);

    public static async Task<int> RunAsync(Invocation invocation, string? run, string name, ComputeDevice device)
    {
        var parse = invocation.Parse;
        var tasks = TaskCatalog.Find(name);
        var model = StoredModel.Open(run, device: device);
        using var ownsModel = model as IDisposable;
        var untrained = parse.GetValue(noBaselines) ? null : model.Untrained();
        using var ownsUntrained = untrained as IDisposable;
        var options = new EvaluationOptions
        {
            Limit = parse.GetValue(limit) ?? Scales.Pick<int?>(smoke: 20, laptop: 200, gpu: null),
            // An objective asks for a thousand answers.
            TaskLimits = parse.GetValue(limit) is null ? Scales.Pick(new Dictionary<string, int>(), new() { ["company_answers"] = 2_000 }, []) : [],
            CompanyProjects = Scales.Pick(smoke: 20, laptop: 160, gpu: 400),
            FewShot = parse.GetValue(fewShot),
            Seed = parse.GetValue(seed),
            Cache = !parse.GetValue(noCache),
        };
        var report = new EvaluationRunner(options).Run(name, tasks, untrained is null ? [model] : [model, untrained]);
        var workspace = Workspace.Open();
        string folder = workspace.NewFolder("evaluation");
        report.Save(folder);
        workspace.Update(state => state with { Evaluation = workspace.Relative(folder) });
        invocation.WriteLine(report.ToText());
        TargetVerdicts? verdicts = null;
        RetrievalScores? search = null;
        if (tasks.Any(task => task.Data.Format == DataFormat.Company))
        {
            var objective = workspace.OpenObjective(out string note);
            if (objective.Targets.Any(target => RetrievalScores.Judges(target.Metric)))
            {
                search = await MeasureSearchAsync(workspace, parse.GetValue(embeddings), options);
                invocation.WriteLine($"\nSearch by {search.System}, on projects that nothing was trained on: MRR@10 {search.ReciprocalRank}, NDCG@10 {search.Gain}");
            }
            verdicts = search is null ? TargetVerdicts.Judge(objective, report.Measured) : TargetVerdicts.Judge(objective, report.Measured, search.Measured);
            invocation.WriteLine($"\n{note}\n{verdicts.ToText()}");
            AtomicFile.WriteText(Path.Combine(folder, "targets.md"), verdicts.ToMarkdown());
        }
        invocation.WriteLine(folder);
        invocation.Result(new { folder, report.Suite, report.Columns, report.Rows, report.Notes, search = search?.Measured, targets = verdicts?.Targets });
        return Invocation.Done;
    }

    static async Task<RetrievalScores> MeasureSearchAsync(Workspace workspace, string? encoder, EvaluationOptions options)
    {
        string? name = encoder ?? DocumentIndex.SettingsOf(workspace.Absolute(workspace.State.Index))?.Embeddings;
        using var model = name is null or DocumentIndex.LearnedEmbeddings ? null : EmbeddingModels.Open(name, workspace);
        return await CompanyRetrieval.MeasureAsync(options.CompanySeed, options.CompanyProjects, model);
    }
}
