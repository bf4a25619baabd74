using System.Text.Json.Nodes;
using LlmLab.Objectives;

namespace LlmLab.Tests.Objectives;

public sealed class ObjectiveFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-objective-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("company-questions")]
    [InlineData("support-chat")]
    [InlineData("content-generator")]
    public void Example_ShippedExample_SurvivesWritingAndReading(string name)
    {
        var example = ObjectiveFile.Example(name);
        var path = Path.Combine(folder, "objective.json");
        ObjectiveFile.Save(example, path);
        Assert.Equal(ObjectiveFile.ToJson(example), ObjectiveFile.ToJson(ObjectiveFile.Load(path)));
        Assert.Equal(name, example.Name);
        Assert.Equal(["objective.json"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("name", null, "$.name", "missing")]
    [InlineData("name", "\" \"", "$.name", "not empty")]
    [InlineData("task", "\"telepathy\"", "$.task", "questionAnswering")]
    [InlineData("endUsers", "[]", "$.endUsers", "empty")]
    [InlineData("languages", "[\"English\"]", "$.languages[0]", "ISO 639-1")]
    [InlineData("targets", "{}", "$.targets", "list")]
    [InlineData("targets", "[{\"metric\":\"f1\",\"comparison\":\"atLeast\",\"bound\":\"high\",\"leastN\":10}]", "$.targets[0].bound", "number")]
    [InlineData("targets", "[{\"metric\":\"f1\",\"comparison\":\"atLeast\",\"bound\":0.5,\"leastN\":0}]", "$.targets[0].leastN", "from 1")]
    [InlineData("extra", "1", "$.extra", "unknown field")]
    [InlineData("choice", "{\"approaches\":[\"retrieval\"],\"reasons\":[\"cheap\"]}", "$.choice.approaches", "writes no answers")]
    [InlineData("choice", "{\"approaches\":[\"hostedModel\"],\"reasons\":[\"best\"]}", "$.choice.approaches", "networkAtRun")]
    public void Validate_FaultyField_NamesItsPath(string field, string? value, string path, string says)
    {
        var json = JsonNode.Parse(ObjectiveFile.ToJson(ObjectiveFile.Example("company-questions")))!.AsObject();
        if (value is null)
            json.Remove(field);
        else
            json[field] = JsonNode.Parse(value);
        var fault = Assert.Single(ObjectiveFile.Validate(json.ToJsonString()));
        Assert.Equal(path, fault.Path);
        Assert.Contains(says, fault.Message);
        Assert.EndsWith(".", fault.Message);
    }

    [Fact]
    public void Parse_SeveralFaults_TellsAllAtOnce()
    {
        var e = Assert.Throws<InvalidInputException>(() => ObjectiveFile.Parse("{}", "mine.json"));
        foreach (var field in new[] { "name", "purpose", "task", "endUsers", "dataSources", "languages", "targets", "budgets" })
            Assert.Contains($"$.{field}: missing", e.Message);
    }

    [Fact]
    public void Parse_NoJson_NamesLineAndColumn()
    {
        var e = Assert.Throws<InvalidInputException>(() => ObjectiveFile.Parse("{\n  \"name\": oops\n}", "mine.json"));
        Assert.Contains("mine.json, $: line 2", e.Message);
    }

    [Fact]
    public void Save_FaultyObjective_LeavesTheOldFile()
    {
        var path = Path.Combine(folder, "objective.json");
        var example = ObjectiveFile.Example("support-chat");
        ObjectiveFile.Save(example, path);
        var before = File.ReadAllText(path);
        Assert.Throws<InvalidInputException>(() => ObjectiveFile.Save(example with { Languages = ["klingon"] }, path));
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void HalfWidth_ShareOfAThousand_IsTheNormalInterval()
    {
        // sqrt(0.9 * 0.1 / 1000) = 0.009487, times 1.96.
        Assert.Equal(0.01859, new Target("exact_match", Comparison.AtLeast, 0.9, 1000).HalfWidth!.Value, 5);
        Assert.Null(new Target("longest_copied_span", Comparison.AtMost, 49, 200).HalfWidth);
    }

    [Fact]
    public void ToMarkdown_Example_HasEveryQuestionSourceAndTarget()
    {
        var example = ObjectiveFile.Example("company-questions");
        var page = example.ToMarkdown();
        Assert.All(example.ExampleQuestions, question => Assert.Contains(question.Question, page));
        Assert.All(example.DataSources, source => Assert.Contains(source.What, page));
        Assert.All(example.Targets, target => Assert.Contains($"| {target.Metric} |", page));
        Assert.DoesNotContain("\r", page);
    }
}
