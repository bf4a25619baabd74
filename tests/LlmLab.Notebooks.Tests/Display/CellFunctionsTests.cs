using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using static LlmLab.Notebooks.Display.CellFunctions;

namespace LlmLab.Notebooks.Tests.Display;

public sealed class CellFunctionsTests
{
    static async Task<RecordingHost> Run(Action cell, params string[] input)
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) =>
        {
            cell();
            return null;
        }));
        var host = new RecordingHost(input);
        await session.ExecuteAsync("cell", null, host);
        return host;
    }

    [Fact]
    public async Task Display_ThenUpdate_ReplacesUnderOneId()
    {
        var host = await Run(() => "first".Display().Update("second"));
        var shown = Assert.IsType<DisplayOutput>(host.Outputs[0]);
        var updated = Assert.IsType<UpdateDisplayOutput>(host.Outputs[1]);
        Assert.Equal(shown.DisplayId, updated.DisplayId);
        Assert.Equal("second", updated.Bundle.Plain());
    }

    [Fact]
    public async Task Display_FromAThreadOfTheCell_LandsInTheCell()
    {
        var host = await Run(() =>
        {
            var thread = new Thread(() => display("from a thread"));
            thread.Start();
            thread.Join();
        });
        Assert.Equal("from a thread", Assert.IsType<DisplayOutput>(Assert.Single(host.Outputs)).Bundle.Plain());
    }

    [Fact]
    public async Task Record_Number_ShowsItAndEmitsTheResult()
    {
        var host = await Run(() => Record("validation loss", 1.8982, tolerance: 0.02, higherIsBetter: false));
        var bundle = Assert.IsType<DisplayOutput>(Assert.Single(host.Outputs)).Bundle;
        Assert.Equal("validation loss = 1.8982 (a rerun may differ by 0.02)", bundle.Plain());
        Assert.True(JsonNode.DeepEquals(bundle.Data["application/vnd.llmlab.result+json"],
            JsonNode.Parse("""{"name":"validation loss","value":1.8982,"tolerance":0.02,"higherIsBetter":false}""")));
    }

    [Theory]
    [InlineData("", 1, 0, "needs a name")]
    [InlineData("x", double.NaN, 0, "is NaN: expected a finite one")]
    [InlineData("x", 1, -1, "expected 0 or more")]
    public async Task Record_BadInput_OneSentence(string name, double value, double tolerance, string expected)
    {
        var host = await Run(() => Record(name, value, tolerance, true));
        var error = Assert.IsType<ErrorOutput>(Assert.Single(host.Outputs));
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task Input_GivesTheReadersLine()
    {
        string line = "";
        await Run(() => line = Input("name? "), "Ada");
        Assert.Equal("Ada", line);
    }

    [Fact]
    public void Display_OutsideACell_SaysSo() => Assert.Contains("only while a notebook cell runs", Assert.Throws<InvalidOperationException>(() => display(1)).Message);
}
