using System.Text.Json.Nodes;
using LlmLab.Data;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Task files and data files with faults: one clear sentence each. Published formats: read as their makers wrote them.</summary>
public sealed class TaskFileTests : IDisposable
{
    const string Good = """
        { "name": "small", "description": "d", "source": "s", "licence": "MIT", "group": "g", "output": "multipleChoice",
          "data": { "file": "small.jsonl", "format": "jsonLines" }, "prompt": "{{ question }}", "choices": "choices", "answer": "gold", "metrics": ["acc"] }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-tasks-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static string With(string field, JsonNode? value)
    {
        var root = JsonNode.Parse(Good)!.AsObject();
        if (value is null) root.Remove(field);
        else root[field] = value;
        return root.ToJsonString();
    }

    static string Error(Action action)
    {
        string message = Assert.Throws<InvalidInputException>(action).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    EvaluationReport Run(string task, string data, string name = "small.jsonl")
    {
        string file = Path.Combine(folder, "task.json"), place = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllText(file, task);
        File.WriteAllText(place, data);
        return new EvaluationRunner(new EvaluationOptions { Cache = false }).Run("small", [TaskFile.Load(file)], [new RandomModel()]);
    }

    [Fact]
    public void Load_GoodTask_RunsOnTheFileBesideIt() =>
        Assert.Equal(2, Run(Good, "{\"question\":\"a\",\"choices\":[\"x\",\"y\"],\"gold\":1}\n\n{\"question\":\"b\",\"choices\":[\"x\",\"y\",\"z\"],\"gold\":2}\n").Score("small").Count);

    [Theory]
    [InlineData("""{"question":"a","choices":["x","y"],"gold":2}""", "\"2\", which is none of its 2 choices")]
    [InlineData("""{"question":"a","choices":["x","y"],"gold":-1}""", "\"-1\"")]
    [InlineData("""{"question":"a","choices":["x","y"],"gold":"z"}""", "\"z\"")]
    [InlineData("""{"question":"a","choices":["x","y"]}""", "gold")]
    [InlineData("""{"choices":["x","y"],"gold":0}""", "question")]
    [InlineData("""{"question":"a","choices":["x"],"gold":0}""", "at least two")]
    [InlineData("""{"question":"a","choices":["x",""],"gold":0}""", "empty choice")]
    [InlineData("""{"question":"a",""", "not valid JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("", "no records")]
    public void Run_BrokenRecord_SaysWhereAndWhat(string record, string says)
    {
        string first = record.Length == 0 ? "" : "{\"question\":\"a\",\"choices\":[\"x\",\"y\"],\"gold\":1}\n";
        string message = Error(() => Run(Good, first + record));
        Assert.Contains(says, message);
        if (record.Length > 0) Assert.Contains("line 2", message);
    }

    [Theory]
    [InlineData("name", null, "lacks the field \"name\"")]
    [InlineData("metrics", null, "lacks the field \"metrics\"")]
    [InlineData("prompt", null, "\"prompt\", which a task of the output \"multipleChoice\" needs")]
    [InlineData("answer", null, "\"answer\"")]
    [InlineData("promt", "x", "unknown field \"promt\"")]
    [InlineData("name", "Small Task", "\"Small Task\"")]
    [InlineData("output", "guessing", "output")]
    [InlineData("maxTokens", 0, "maxTokens")]
    [InlineData("maxTokens", "many", "maxTokens")]
    public void Parse_BrokenTask_NamesTheField(string field, object? value, string says)
    {
        string message = Error(() => TaskFile.Parse(With(field, value is int number ? number : (string?)value), "small.json"));
        Assert.Contains("small.json", message);
        Assert.Contains(says, message);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{ \"name\": ", "cannot be read")]
    public void Parse_NoTask_SaysSo(string text, string says) => Assert.Contains(says, Error(() => TaskFile.Parse(text, "small.json")));

    [Fact]
    public void Parse_OtherFaults_AreNamed()
    {
        Assert.Contains("\"data.files\"", Error(() => TaskFile.Parse(With("data", JsonNode.Parse("""{ "files": "x", "format": "csv" }""")), "t.json")));
        Assert.Contains("\"data.format\"", Error(() => TaskFile.Parse(With("data", JsonNode.Parse("""{ "file": "x" }""")), "t.json")));
        Assert.Contains("accuracy", Error(() => TaskFile.Parse(With("metrics", JsonNode.Parse("""["accuracy"]""")), "t.json")));
        Assert.Contains("names no metric", Error(() => TaskFile.Parse(With("metrics", JsonNode.Parse("[]")), "t.json")));
        Assert.Contains("sort", Error(() => TaskFile.Parse(With("filters", JsonNode.Parse("""[{ "kind": "sort" }]""")), "t.json")));
        Assert.Contains("does not exist", Error(() => TaskFile.Load(Path.Combine(folder, "none.json"))));
    }

    [Fact]
    public void Run_DataElsewhere_SaysWhereToGetIt()
    {
        var runner = new EvaluationRunner(new EvaluationOptions { Cache = false }, new DataFolder(folder, folder));
        Assert.Contains("llmlab data get piqa", Error(() => runner.Run("piqa", [new RandomModel()])));
        Assert.Contains("LLMLAB_DATA", Error(() => runner.Run("agieval_sat_en", [new RandomModel()])));
        // In a suite it is left out and said.
        var report = runner.Run("piqa,gre_verbal", [new RandomModel()]);
        Assert.Contains(report.Notes, note => note.Contains("piqa", StringComparison.Ordinal));
        Assert.Equal(44, report.Score("gre_verbal").Count);
    }

    [Theory]
    [InlineData("hellaswag_jsonl", "eval/hellaswag_val.jsonl", """{"ind": 24, "activity_label": "Roof shingle removal", "ctx_a": "A man is sitting on a roof.", "ctx_b": "he", "ctx": "A man is sitting on a roof. he", "endings": ["sleeps.", "sings.", "swims.", "starts pulling up roofing."], "label": 3}""")]
    [InlineData("agieval_lsat_ar", "eval/agieval/lsat-ar.jsonl", """{"passage": "Five towns lie on a line.", "question": "Which is first?", "options": ["(A)a", "(B)b", "(C)c", "(D)d", "(E)e"], "label": "D", "other": {"solution": null}}""")]
    [InlineData("agieval_sat_math", "eval/agieval/sat-math.jsonl", """{"passage": null, "question": "What is 2x for x = 3?", "options": ["(A)4", "(B)5", "(C)6", "(D)7"], "label": "C"}""")]
    [InlineData("truthfulqa_mc1", "eval/truthfulqa/mc_task.json", """[{"question": "Why is the sky blue?", "mc1_targets": {"It scatters blue light.": 1, "It is paint.": 0, "It is water.": 0}, "mc2_targets": {"It scatters blue light.": 1, "Short waves scatter.": 1, "It is paint.": 0}}]""")]
    [InlineData("truthfulqa_mc2", "eval/truthfulqa/mc_task.json", """[{"question": "Why is the sky blue?", "mc1_targets": {"choices": ["a", "b"], "labels": [1, 0]}, "mc2_targets": {"choices": ["a", "b", "c"], "labels": [1, 1, 0]}}]""")]
    [InlineData("truthfulqa_csv", "eval/truthfulqa/TruthfulQA.csv", "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\nA,B,Why?,\"Yes, so\",\"Yes, so; It is so\",No; Never,http://x\n")]
    [InlineData("squad_v2", "qa/dev-v2.0.json", """{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "Rome is old.", "qas": [{"id": "1", "question": "What is old?", "answers": [{"text": "Rome", "answer_start": 0}], "is_impossible": false}, {"id": "2", "question": "Who?", "answers": [], "is_impossible": true}]}]}]}""")]
    public void Run_PublishedFormat_IsReadAndAnOracleIsRight(string name, string file, string content)
    {
        string place = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllText(place, content);
        var task = TaskCatalog.Find(name)[0];
        var options = new EvaluationOptions { Cache = false };
        var data = new DataFolder(folder, folder);
        var report = new EvaluationRunner(options, data).Run(name, [task], [new OracleModel(options, [task], data)]);
        foreach (string metric in task.Metrics.Except(["false_refusal_rate"])) Assert.Equal(1, report.Score(name, metric).Value, 1e-9);
    }
}
