using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Templates and expressions over a record's fields.</summary>
public sealed class TaskTemplateTests
{
    static readonly TaskRecord record = new(new Dictionary<string, object?>
    {
        ["name"] = "Ada",
        ["number"] = 3m,
        ["list"] = new object?[] { "a", "b" },
        ["answers"] = new object?[] { new Dictionary<string, object?> { ["text"] = "one" }, new Dictionary<string, object?> { ["text"] = "two" } },
        ["nested"] = new Dictionary<string, object?> { ["choices"] = new object?[] { "x", "y" }, ["label"] = 1m },
    }, "some.jsonl, line 7", "college_biology");

    [Theory]
    [InlineData("{{ name }} and {{ number }}", "Ada and 3")]
    [InlineData("{{ name | upcase }} <&> \"{{ nested.label }}\"", "ADA <&> \"1\"")]
    [InlineData("{{ list | join: ', ' }}; {{ subject | replace: '_', ' ' }}", "a, b; college biology")]
    [InlineData("{% for x in nested.choices %}({{ x }}){% endfor %}", "(x)(y)")]
    public void Render_Fields_FillsThemIn(string template, string text) => Assert.Equal(text, TaskTemplate.Text(template, "test").Render(record));

    [Theory]
    [InlineData("list", "a|b")]
    [InlineData("nested.choices", "x|y")]
    [InlineData("answers | map: 'text'", "one|two")]
    [InlineData("'p;q' | split: ';'", "p|q")]
    [InlineData("name", "Ada")]
    [InlineData("number | minus: 1", "2")]
    public void List_Expression_GivesItsValues(string expression, string values) => Assert.Equal(values, string.Join('|', TaskTemplate.Expression(expression, "test").List(record).Select(TaskTemplate.TextOf)));

    [Theory]
    [InlineData("name == 'Ada'", true)]
    [InlineData("number > 3 or list contains 'c'", false)]
    public void Holds_Condition_IsJudged(string condition, bool holds) => Assert.Equal(holds, TaskTemplate.Condition(condition, "test").Holds(record));

    [Theory]
    [InlineData("{{ nme }}")]
    [InlineData("{{ name | shout }}")]
    public void Render_UnknownName_SaysWhereAndWhatThereIs(string template)
    {
        var error = Assert.Throws<InvalidInputException>(() => TaskTemplate.Text(template, "Task t, prompt").Render(record));
        Assert.Contains("Task t, prompt", error.Message);
        Assert.Contains("some.jsonl, line 7", error.Message);
    }

    [Fact]
    public void Text_BrokenLiquid_SaysSo() => Assert.Contains("no Liquid", Assert.Throws<InvalidInputException>(() => TaskTemplate.Text("{{ name", "Task t, prompt")).Message);
}
