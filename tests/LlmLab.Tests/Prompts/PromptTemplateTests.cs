using LlmLab.Evaluation.Fluency;
using LlmLab.Prompts;

namespace LlmLab.Tests.Prompts;

public class PromptTemplateTests
{
    const string Front = "---\nname: ask\nversion: 1\ndescription: asks\nvariables:\n  question: text, what is asked\n  passages: list?, what was found\n  count: number?, how many\n---\n";

    static PromptTemplate Make(string body) => PromptTemplate.Parse(Front + body, "ask.prompt.md");

    static Dictionary<string, object?> Values(params (string, object?)[] values) => values.ToDictionary(v => v.Item1, v => v.Item2);

    [Fact]
    public void Render_VariablesAndLoops_AreFilledIn()
    {
        var prompt = Make("{% for p in passages %}[{{ p.number }}] {{ p.text }}\n{% endfor %}Question: {{ question }}");
        var passages = new[] { Values(("number", 1), ("text", "One.")), Values(("number", 2), ("text", "Two.")) };
        Assert.Equal("[1] One.\n[2] Two.\nQuestion: Why?", prompt.Render(Values(("question", "Why?"), ("passages", passages))));
    }

    [Fact]
    public void Render_ValueThatLooksLikeLiquid_StaysText() =>
        Assert.Equal("{{ passages }} {% raise %} <b>", Make("{{ question }}").Render(Values(("question", "{{ passages }} {% raise %} <b>"))));

    [Fact]
    public void Render_MissingUnknownOrWrongType_SaysWhich()
    {
        var prompt = Make("{{ question }}{{ count }}{% for p in passages %}{{ p }}{% endfor %}");
        Assert.Contains("needs the variable \"question\" (what is asked)", Assert.Throws<InvalidInputException>(() => prompt.Render(Values())).Message);
        Assert.Contains("no variable \"qestion\"", Assert.Throws<InvalidInputException>(() => prompt.Render(Values(("qestion", "a")))).Message);
        Assert.Contains("needs number in \"count\"", Assert.Throws<InvalidInputException>(() => prompt.Render(Values(("question", "a"), ("count", "many")))).Message);
        Assert.Contains("needs list in \"passages\"", Assert.Throws<InvalidInputException>(() => prompt.Render(Values(("question", "a"), ("passages", "text")))).Message);
    }

    [Theory]
    [InlineData("no front matter", "front matter")]
    [InlineData("---\nname: a\n---\ntext", "version")]
    [InlineData("---\nname: a\nversion: new\n---\ntext", "numbers with dots")]
    [InlineData("---\nname: a\nversion: 1\n---\n{{ unknown }}", "unknown")]
    [InlineData("---\nname: a\nversion: 1\nvariables:\n  x: colour\n---\n{{ x }}", "colour")]
    [InlineData("---\nname: a\nversion: 1\n---\n{% if %}", "cannot be read")]
    [InlineData("---\nname: [\nversion: 1\n---\ntext", "not YAML")]
    public void Parse_BrokenFile_SaysWhatIsWrong(string file, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidInputException>(() => PromptTemplate.Parse(file, "a.prompt.md")).Message);

    [Fact]
    public void Find_ShippedPrompts_NewestUnlessAskedFor()
    {
        Assert.Equal("2", PromptLibrary.Shipped.Find("answer").Version);
        Assert.Equal("1", PromptLibrary.Shipped.Find("answer", "1").Version);
        Assert.Contains("answer 2", Assert.Throws<InvalidInputException>(() => PromptLibrary.Shipped.Find("answer", "9")).Message);
        string text = PromptLibrary.Shipped.Find("answer").Render(Values(("question", "Who?"), ("passages", new[] { Values(("number", 1), ("title", "Plan"), ("text", "Yara.")) })));
        Assert.Contains("say: I don't know.", text, StringComparison.Ordinal);
        Assert.EndsWith("[1] Plan\nYara.\n\nQuestion: Who?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TwoFilesOfOneVersion_SaysSo()
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-prompts-").FullName;
        File.WriteAllText(Path.Combine(folder, "a.prompt.md"), Front + "a");
        File.WriteAllText(Path.Combine(folder, "b.prompt.md"), Front + "b");
        Assert.Contains("one name and version", Assert.Throws<InvalidInputException>(() => PromptLibrary.Open(folder)).Message);
        File.WriteAllText(Path.Combine(folder, "b.prompt.md"), (Front + "b").Replace("version: 1", "version: 1.10", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "c.prompt.md"), (Front + "c").Replace("version: 1", "version: 1.9", StringComparison.Ordinal));
        Assert.Equal("1.10", PromptLibrary.Open(folder).Find("ask").Version);   // versions are numbers, not texts
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Select_SimilarExamples_TheMostSimilarLast()
    {
        using var embeddings = new HashedNgramEmbeddings(256);
        PromptExample[] examples = [new("What is the budget of Amber?", "1"), new("Who leads the meeting?", "2"), new("Who leads the project?", "3"), new("When was lunch?", "4")];
        var selector = await FewShotSelector.CreateAsync(embeddings, examples, TestContext.Current.CancellationToken);
        Assert.Equal(["2", "3"], (await selector.SelectAsync("Who leads the projects?", 2, TestContext.Current.CancellationToken)).Select(e => e.Output));
        Assert.DoesNotContain(await selector.SelectAsync("Who leads the project?", 4, TestContext.Current.CancellationToken), e => e.Output == "3");
    }

    [Fact]
    public async Task Compare_PromptThatHelps_WinsWithAVerdict()
    {
        var bad = Make("{{ question }}");
        var good = PromptTemplate.Parse(Front.Replace("version: 1", "version: 2", StringComparison.Ordinal) + "Think. {{ question }}", "b");
        PromptCase[] cases = [.. Enumerable.Range(0, 40).Select(i => new PromptCase($"{i}", Values(("question", $"{i}")), $"{i}"))];
        var comparison = await PromptComparison.RunAsync(bad, good, cases, prompt => Task.FromResult(prompt.StartsWith("Think", StringComparison.Ordinal) ? prompt.Split(' ')[1] : "?"), "exact match", (a, b) => a == b ? 1 : 0);
        Assert.Equal((0, 1), (comparison.FirstMean, comparison.SecondMean));
        Assert.StartsWith("ask 2 is better", comparison.Verdict(), StringComparison.Ordinal);
    }
}
