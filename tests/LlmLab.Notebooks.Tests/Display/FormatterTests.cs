using System.Globalization;
using LlmLab.Notebooks.Display;
using Microsoft.Data.Analysis;
using static TorchSharp.torch;

namespace LlmLab.Notebooks.Tests.Display;

public sealed class FormatterTests
{
    readonly Formatter formatter = new();

    sealed record Point(int X, double Y);

    sealed class Faulty
    {
        public string Good => "<good>";
        public string Bad => throw new InvalidOperationException("no value yet");
    }

    sealed class Node
    {
        public string Name { get; init; } = "";
        public Node? Next { get; set; }
    }

    public static TheoryData<object?, string> Scalars => new()
    {
        { null, "null" }, { 42, "42" }, { 1234567, "1234567" }, { 0.1 + 0.2, "0.30000000000000004" }, { 1.5f, "1.5" }, { 2.50m, "2.50" },
        { true, "true" }, { "text", "text" }, { 'c', "c" }, { DayOfWeek.Friday, "Friday" },
        { new DateTime(2026, 11, 23, 14, 5, 6, DateTimeKind.Utc), "2026-11-23 14:05:06 UTC" }, { new DateOnly(2026, 1, 2), "2026-01-02" },
        { TimeSpan.FromSeconds(1.5), "00:00:01.5" }, { new Guid("00000000-0000-0000-0000-000000000001"), "00000000-0000-0000-0000-000000000001" },
        { new Version(1, 2), "1.2" }, { typeof(Dictionary<string, int[]>), "Dictionary<string, int[]>" },
        { typeof(Math).GetMethod("Pow")!, "double Math.Pow(double x, double y)" }, { double.NaN, "NaN" },
    };

    [Theory]
    [MemberData(nameof(Scalars), DisableDiscoveryEnumeration = true)]
    public void Format_Scalar_IsOnePlainTextInAnyCulture(object? value, string expected)
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            var bundle = formatter.Format(value);
            Assert.Equal(expected, bundle.Plain());
            Assert.Single(bundle.Data);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Format_Record_IsATableOfProperties()
    {
        var bundle = formatter.Format(new Point(3, 0.5));
        Assert.Equal("FormatterTests.Point\nX  3\nY  0.5", bundle.Plain());
        Assert.Contains("<th style=\"text-align:left\">X</th><td style=\"text-align:left\">3</td>", bundle.Html());
    }

    [Fact]
    public void Format_GetterThatThrows_ShowsTheExceptionAndTheRest()
    {
        var bundle = formatter.Format(new Faulty());
        Assert.Contains("⚠ InvalidOperationException: no value yet", bundle.Plain());
        Assert.Contains("&lt;good&gt;", bundle.Html());
        Assert.DoesNotContain("<good>", bundle.Html());
    }

    [Fact]
    public void Format_Cycle_Ends()
    {
        var node = new Node { Name = "a" };
        node.Next = new Node { Name = "b", Next = node };
        Assert.Contains("b", formatter.Format(node).Html());
    }

    [Fact]
    public void Format_Numbers_AreAListWithTheCount()
    {
        Assert.Equal("[1, 2, 3]", formatter.Format(new[] { 1, 2, 3 }).Plain());
        string many = formatter.Format(Enumerable.Range(0, 1000).ToArray()).Plain();
        Assert.EndsWith("98, 99, … 1,000 in all]", many.ReplaceLineEndings(""));
        Assert.All(many.Split('\n'), line => Assert.True(line.Length <= 100));
        Assert.Equal("[\"a\\\"b\", \"ö\"]", formatter.Format(new[] { "a\"b", "ö" }).Plain());
    }

    [Fact]
    public void Format_LinqOverAKnownCount_SaysTheCountWithoutReadingOn()
    {
        int read = 0;
        var bundle = formatter.Format(Enumerable.Range(0, 45).Select(i => new Point(read++, i)));
        Assert.EndsWith("… 45 rows in all", bundle.Plain());
        Assert.Equal(21, read);
    }

    [Fact]
    public void Format_MixedItems_AreOneColumnOfValues() =>
        Assert.EndsWith("-\n1\ntwo\nFormatterTests.Point { X = 1, Y = 2 }", formatter.Format(new object[] { 1, "two", new Point(1, 2) }).Plain());

    [Fact]
    public void Format_NestedParts_StandInOneLineOfText()
    {
        string text = formatter.Format(new { Pair = (1, "b"), Map = new Dictionary<string, double> { ["loss"] = 1.5 }, Shape = new[] { 2, 3 }, Nothing = (string?)null }).Plain();
        Assert.Equal("Pair     (1, b)\nMap      { loss: 1.5 }\nShape    [2, 3]\nNothing  null", text);
    }

    [Fact]
    public void Format_EndlessSequence_ReadsOneMoreThanItShows()
    {
        int read = 0;
        IEnumerable<Point> Endless()
        {
            while (true) yield return new Point(read++, 0);
        }
        var bundle = formatter.Format(Endless());
        Assert.Equal(21, read);
        Assert.Contains("… and more", bundle.Plain());
        Assert.Equal(20 + 1, bundle.Html().Split("<tr>").Length - 1);
    }

    [Fact]
    public void Format_Records_AreOneColumnAPropertyNumbersRight()
    {
        var bundle = formatter.Format(Enumerable.Range(0, 25).Select(i => new { Name = $"n{i}", Loss = i / 3.0 }).ToList());
        Assert.Contains("… 25 rows in all", bundle.Plain());
        Assert.Contains("<th style=\"text-align:left\">Name</th><th style=\"text-align:right\">Loss</th>", bundle.Html());
        Assert.Contains("0.333333", bundle.Plain());
    }

    [Fact]
    public void Format_Dictionary_IsKeysAndValues()
    {
        var bundle = formatter.Format(new Dictionary<string, int> { ["<a>"] = 1, ["b"] = 22 });
        Assert.Equal("key  value\n---  -----\n<a>      1\nb       22", bundle.Plain());
        Assert.Contains("&lt;a&gt;", bundle.Html());
    }

    [Fact]
    public void Format_DataFrame_HasTypesAndCount()
    {
        var frame = new DataFrame(new StringDataFrameColumn("word", Enumerable.Range(0, 30).Select(i => $"w{i}")), new Int32DataFrameColumn("count", Enumerable.Range(0, 30)));
        var bundle = formatter.Format(frame);
        Assert.Contains("word    count\nstring    int", bundle.Plain());
        Assert.Contains("… 30 rows in all", bundle.Plain());
        Assert.Equal(20 + 1, bundle.Html().Split("<tr>").Length - 1);
    }

    [Fact]
    public void Format_Tensor_HasShapeTypeDeviceStatisticsAndCorner()
    {
        using var values = arange(24, dtype: float32).reshape(2, 3, 4);
        string text = formatter.Format(values).Plain();
        Assert.StartsWith("Tensor [2, 3, 4] float32 on cpu\nmin 0  mean 11.5  max 23  std 7.07107\n", text);
        Assert.EndsWith("[0, :, :]\n 0   1   2   3\n 4   5   6   7\n 8   9  10  11", text);
        using var scalar = tensor(1.5);
        Assert.Contains("[] float64", formatter.Format(scalar).Plain());
        using var mask = tensor(new[] { true, false, true });
        Assert.Contains("true: 2 of 3", formatter.Format(mask).Plain());
        using var empty = zeros(0, 3);
        Assert.Equal("Tensor [0, 3] float32 on cpu", formatter.Format(empty).Plain());
    }

    [Fact]
    public void Format_Module_ListsParametersAndTheirCount()
    {
        using var linear = TorchSharp.torch.nn.Linear(3, 4);
        Assert.Contains("16 parameters in 2 tensors", formatter.Format(linear).Plain());
    }

    [Fact]
    public void Format_PlotlyChart_IsAFigureAndNoHtml()
    {
        var chart = Plotly.NET.CSharp.Chart.Line<int, int, string>(x: [1, 2], y: [3, 4]);
        var bundle = formatter.Format(chart);
        Assert.Equal("scatter", bundle.Data["application/vnd.plotly.v1+json"]["data"]![0]!["type"]!.GetValue<string>());
        Assert.DoesNotContain("text/html", bundle.Data.Keys);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Convert.FromBase64String(bundle.Data["image/png"].GetValue<string>())[..4]);
    }

    [Fact]
    public void Format_PlotlyPie_HasNoPictureButItsFigure()
    {
        var bundle = formatter.Format(Plotly.NET.CSharp.Chart.Pie<int, string, string>(values: [1, 2]));
        Assert.Equal(["application/vnd.plotly.v1+json", "text/plain"], bundle.Data.Keys.Order());
    }

    [Fact]
    public void Format_Chart_IsFigurePictureAndText()
    {
        var bundle = formatter.Format(new LlmLab.Charts.Chart("Loss") { Series = [new LlmLab.Charts.Series("training", [0, 1, 2], [3, 2, 1])] });
        Assert.Equal(["application/vnd.plotly.v1+json", "image/png", "text/plain"], bundle.Data.Keys.Order());
        Assert.Equal("Chart \"Loss\": training (3 points)", bundle.Plain());
        Assert.Equal(760, bundle.Metadata!["image/png"]!["width"]!.GetValue<int>());
    }

    [Fact]
    public void TryChart_CategoriesAndGaps_BecomePositionsAndNaN()
    {
        var figure = System.Text.Json.Nodes.JsonNode.Parse("""{"data":[{"type":"bar","x":["a","b"],"y":[1,null]},{"type":"bar","x":["b","c"],"y":[2,3]}],"layout":{"title":{"text":"T"},"barmode":"stack"}}""")!.AsObject();
        var chart = PlotlyFigure.TryChart(figure)!;
        Assert.Equal(["a", "b", "c"], chart.Categories!);
        Assert.Equal([1.0, 2], chart.Series[1].X);
        Assert.True(double.IsNaN(chart.Series[0].Y[1]));
        Assert.True(chart.Stacked);
    }

    [Fact]
    public void Format_ScottPlot_IsAPicture()
    {
        var plot = new ScottPlot.Plot();
        plot.Add.Signal(new[] { 1.0, 2, 3 });
        byte[] png = Convert.FromBase64String(formatter.Format(plot).Data["image/png"].GetValue<string>());
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        // ScottPlot's default font on a machine without fonts has no name: the library's own stands in.
        Assert.Equal("DejaVu Sans", ScottPlot.Fonts.GetTypeface("", bold: false, italic: false).FamilyName);
    }

    [Fact]
    public async Task Format_Task_IsNotAwaited()
    {
        var source = new TaskCompletionSource<int>();
        Assert.Equal("Task<int> (still running; await it to see its result)", formatter.Format(source.Task).Plain());
        source.SetResult(1);
        await source.Task;
        Assert.Equal("Task<int> (done)", formatter.Format(source.Task).Plain());
    }

    [Fact]
    public void Format_Exception_NamesCauseWithoutEngineFrames()
    {
        string text = formatter.Format(new InvalidOperationException("outer", new FormatException("inner"))).Plain();
        Assert.Equal("InvalidOperationException: outer\n caused by FormatException: inner", text);
    }

    [Fact]
    public void Format_Bytes_ShowsHexAndText() =>
        Assert.StartsWith("byte[3]\n41 42 0a", formatter.Format("AB\n"u8.ToArray()).Plain());

    [Fact]
    public void Format_Html_IsNotEncodedAndHasPlainText()
    {
        var bundle = formatter.Format(CellFunctions.Html("<b>bold</b> &amp; <i>more</i>"));
        Assert.Equal("<b>bold</b> &amp; <i>more</i>", bundle.Html());
        Assert.Equal("bold & more", bundle.Plain());
    }

    [Fact]
    public void Format_StringAsAType_IsContentOfThatType()
    {
        Assert.Equal("<b>x</b>", formatter.Format("<b>x</b>", "text/html").Html());
        Assert.Equal(1, formatter.Format("{\"a\":1}", "application/json").Data["application/json"]["a"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(42, "text/html", "has no form text/html: it has text/plain")]
    [InlineData("{", "application/json", "is not JSON")]
    [InlineData("x", "html", "\"html\" is not a MIME type")]
    public void Format_ImpossibleForm_OneSentence(object value, string mimeType, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => formatter.Format(value, mimeType)).Message);
}
