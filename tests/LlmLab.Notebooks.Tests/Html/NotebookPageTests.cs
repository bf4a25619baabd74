using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Html;

namespace LlmLab.Notebooks.Tests.Html;

public sealed class NotebookPageTests
{
    static Notebook WithOutput(string output) =>
        new([new NotebookCell("a", CellKind.Code, "x") { Outputs = [JsonNode.Parse(output)!.AsObject()] }]);

    const string Chart = """{"output_type":"display_data","metadata":{},"data":{"application/vnd.plotly.v1+json":{"data":[],"layout":{"title":"</script>"}},"image/png":"aGk=\n","text/plain":"Loss <1>"}}""";

    [Fact]
    public void ToHtml_Chart_IsInteractiveWithItsPictureAndNeedsNoNetwork()
    {
        string page = NotebookPage.ToHtml(WithOutput(Chart), "title");
        Assert.Contains("Plotly.newPlot", page);
        Assert.Contains("plotly.js v", page);
        Assert.Contains("<img alt=\"Loss &lt;1&gt;\" src=\"data:image/png;base64,aGk=\">", page);
        Assert.DoesNotMatch("<(script|link|img)[^>]+(src|href)=\"http", page);
        // The chart's own text must not end its script.
        Assert.Equal(Regex.Count(page, "<script"), Regex.Count(page, "</script>"));
    }

    [Fact]
    public void ToHtml_SharedScript_IsNamedAndNotCopied()
    {
        string page = NotebookPage.ToHtml(WithOutput(Chart), "title", PlotlyScript.FileName);
        Assert.Contains("<script src=\"plotly.min.js\"></script>", page);
        Assert.InRange(page.Length, 1, 20_000);
    }

    [Fact]
    public void ToHtml_NoChart_HasNoScript() =>
        Assert.DoesNotContain("<script", NotebookPage.ToHtml(WithOutput("""{"output_type":"stream","name":"stdout","text":"hi"}"""), "title"));

    [Theory]
    [InlineData("""{"output_type":"stream","name":"stdout","text":"10 %\r20 %\r100 %\ndone"}""", "<pre class=\"stdout\">100 %\ndone</pre>")]
    [InlineData("""{"output_type":"stream","name":"stderr","text":"a<b"}""", "<pre class=\"stderr\">a&lt;b</pre>")]
    [InlineData("""{"output_type":"stream","name":"stdout","text":["a\n","b"]}""", "<pre class=\"stdout\">a\nb</pre>")]
    [InlineData("""{"output_type":"error","ename":"E","evalue":"v","traceback":["\u001b[31mE: v\u001b[0m","  line 2"]}""", "<pre class=\"error\"><span style=\"color:#cf222e\">E: v</span>\n  line 2</pre>")]
    [InlineData("""{"output_type":"execute_result","data":{"text/plain":"x","text/html":"<b>x</b>"},"metadata":{}}""", "<div class=\"rich\"><b>x</b></div>")]
    [InlineData("""{"output_type":"execute_result","data":{"text/plain":"x","text/html":["<b>","x</b>"]},"metadata":{}}""", "<div class=\"rich\"><b>x</b></div>")]
    [InlineData("""{"output_type":"display_data","data":{"image/png":"aGk="},"metadata":{"image/png":{"width":40}}}""", "width=\"40\" src=\"data:image/png;base64,aGk=\"")]
    [InlineData("""{"output_type":"display_data","data":{"text/markdown":"| a |\n| - |\n| 1 |"},"metadata":{}}""", "<td>1</td>")]
    [InlineData("""{"output_type":"display_data","data":{"application/json":{"a":1}},"metadata":{}}""", "<pre>{&quot;a&quot;:1}</pre>")]
    [InlineData("""{"output_type":"display_data","data":{"text/plain":"loss = 1.5","application/vnd.llmlab.result+json":{"name":"loss","value":1.5}},"metadata":{}}""", "<b>loss</b> 1.5")]
    public void ToHtml_EachOutput_ShowsItsBestForm(string output, string expected) => Assert.Contains(expected, NotebookPage.ToHtml(WithOutput(output), "title"));

    [Fact]
    public void ToHtml_Prose_GivesTheTitleAndShowsAttachments()
    {
        var notebook = new Notebook([new NotebookCell("a", CellKind.Markdown, "# Train & look\n\n![p](attachment:p.png)") { Attachments = new JsonObject { ["p.png"] = new JsonObject { ["image/png"] = "aGk=" } } }]);
        string page = NotebookPage.ToHtml(notebook, "file.ipynb");
        Assert.Contains("<title>Train &amp; look</title>", page);
        Assert.Contains("src=\"data:image/png;base64,aGk=\"", page);
        Assert.Contains("<title>file.ipynb</title>", NotebookPage.ToHtml(new Notebook([]), "file.ipynb"));
    }

    [Theory]
    [InlineData("var x = new List<int>(); // <list>\nif (x.Count > 1e3) Console.WriteLine($\"{x} & co\");")]
    [InlineData("#r \"a.dll\"\nusing System;\n\n/* two\nlines */ string s = \"\"\"raw <x>\"\"\"; char c = 'x';")]
    [InlineData("#!time\n#!markdown\n**bold**")]
    [InlineData("int Broken( {{ \"open")]
    [InlineData("")]
    public void CSharpToHtml_AnyCode_KeepsItsText(string code)
    {
        string html = CodeColoring.CSharpToHtml(code);
        Assert.Equal(code, WebUtility.HtmlDecode(Regex.Replace(html, "</?span[^>]*>", "")));
    }

    [Fact]
    public void CSharpToHtml_Kinds_AreTold()
    {
        string html = CodeColoring.CSharpToHtml("#r \"a.dll\"\n#!time\nvar n = (long)i + 12; // twelve\nConsole.WriteLine(\"x\" + nameof(n));");
        foreach (string expected in (string[])["class=\"d\">#!time<", "class=\"d\">r<", "class=\"s\">&quot;a.dll&quot;<", "</span>)i +", "class=\"k\">var<", "class=\"n\">12<", "class=\"c\">// twelve<", "class=\"t\">Console<", "class=\"m\">WriteLine<", "class=\"s\">&quot;x&quot;<"])
            Assert.Contains(expected, html);
    }
}
