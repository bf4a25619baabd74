using System.Diagnostics;
using LlmLab.Charts;
using SkiaSharp;

namespace LlmLab.Tests.Charts;

public sealed class PngRenderingTests
{
    const string OutputVariable = "LLMLAB_TEST_CHART_FILE";

    [Fact]
    public void ToPng_EveryKindOfChart_IsAPictureOfItsSizeWithinTheLimit()
    {
        foreach (var chart in EveryKind())
        {
            var png = chart.ToPng();
            using var picture = SKBitmap.Decode(png);

            Assert.True(png.Length <= 60_000, $"{chart.Title}: {png.Length} bytes");
            Assert.Equal((chart.Width, chart.Height), (picture.Width, picture.Height));
        }
    }

    [Fact]
    public void ToPng_NoisyHeatmap_ShrinksToTheLimit()
    {
        var random = new Random(1);
        var values = new double[300, 300];
        for (var i = 0; i < values.Length; i++) values[i / 300, i % 300] = random.NextDouble();
        var names = Enumerable.Range(0, 300).Select(i => $"{i}").ToArray();

        Assert.InRange(Chart.Matrix("noise", values, names, names).ToPng().Length, 1_000, 60_000);
    }

    [Fact]
    public void ToPng_LabelsAndTicks_AreDrawn()
    {
        var bare = new Chart("") { Series = [new Series("", [0, 1], [0, 1])] };
        int Added(Chart chart) => Ink(chart) - Ink(bare);

        Assert.True(Ink(bare) > 100, "ticks"); // the frame and the line are lighter than what counts as ink
        Assert.True(Added(bare with { Title = "Title of the chart" }) > 300, "title");
        Assert.True(Added(bare with { XLabel = "training step" }) > 50, "label of the horizontal axis");
        Assert.True(Added(bare with { YLabel = "nats per token" }) > 50, "label of the vertical axis");
        Assert.True(Added(bare with { Series = [bare.Series[0] with { Name = "training" }] }) > 30, "legend");
    }

    [Fact]
    public void ToPng_MoreLongNamesThanALineHolds_ShowsEach()
    {
        string[] names = [.. Enumerable.Range(1, 6).Select(i => $"a name of some length, number {i}")];
        Chart Of(IEnumerable<string> all) => new("") { Series = [.. all.Select((name, i) => new Series(name, [0, 1], [i, i + 1]))] };
        int whole = Ink(Of(names));
        for (int i = 0; i < names.Length; i++)
            Assert.True(whole - Ink(Of(names.Select((name, j) => j == i ? new string('.', name.Length) : name))) > 60, names[i]);
    }

    [Theory]
    [InlineData(Mark.Points, false)]
    [InlineData(Mark.Bars, false)]
    [InlineData(Mark.Points, true)]
    public void ToPng_AsymmetricInterval_ReachesFartherWhereItsErrorIsLarger(Mark mark, bool logarithmic)
    {
        // From 0.5 to 0.9 and from 0.5 to 0.1: the middle of what is drawn lies above or below that of the plain point.
        Chart Of(double up, double down) => new("") { YRange = logarithmic ? (0.05, 1) : (0, 1), LogY = logarithmic, Series = [new Series("", [0, 1], [double.NaN, 0.5]) { Mark = mark, Errors = [0, up], ErrorsBelow = [0, down] }] };
        double up = MeanRow(Of(0.4, 0), Of(0, 0)), down = MeanRow(Of(0, 0.4), Of(0, 0));
        Assert.True(up < down, $"the upward bar lies at row {up}, the downward one at {down}");
    }

    // The mean row, from the top, of the pixels in which two charts differ.
    static double MeanRow(Chart chart, Chart without)
    {
        using var picture = SKBitmap.Decode(chart.ToPng());
        using var plain = SKBitmap.Decode(without.ToPng());
        var rows = Enumerable.Range(0, picture.Height).SelectMany(y => Enumerable.Range(0, picture.Width).Where(x => picture.GetPixel(x, y) != plain.GetPixel(x, y)).Select(_ => (double)y)).ToArray();
        Assert.NotEmpty(rows);
        return rows.Average();
    }

    [Fact]
    public void ToPng_SameChartTwice_IsTheSameBytes()
    {
        foreach (var chart in EveryKind()) Assert.Equal(chart.ToPng(), chart.ToPng());
    }

    /// <summary>The same bytes in a process that sees no font file at all, in a mount namespace where the fonts' folders are empty.</summary>
    [Fact]
    public async Task ToPng_WithoutTheSystemsFonts_IsTheSameBytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Fonts are hidden by a Linux mount namespace.");
        const string Hide = "for d in /usr/share/fonts /usr/local/share/fonts \"$HOME/.fonts\" \"$HOME/.local/share/fonts\" /etc/fonts; do [ -d \"$d\" ] && { mount -t tmpfs none \"$d\" || exit 77; }; done; ";
        var file = Path.Combine(Path.GetTempPath(), $"llmlab-chart-{Guid.NewGuid():N}.png");
        try
        {
            var start = new ProcessStartInfo("unshare", ["-rm", "sh", "-c", Hide + "exec \"$0\" -explicit only -method \"$1\"", Environment.ProcessPath!, $"{typeof(PngRenderingTests).FullName}.{nameof(WriteForAnotherProcess)}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { [OutputVariable] = file, ["FONTCONFIG_FILE"] = "/dev/null" },
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.SkipWhen(process.ExitCode == 77 || errors.Contains("unshare"), "This account may not make a mount namespace, so the fonts cannot be hidden.");

            Assert.True(File.Exists(file), await output + errors);
            Assert.Equal(Sample.ToPng(), await File.ReadAllBytesAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Not a test of its own: the other half of the one above, run by it in a process without fonts.</summary>
    [Fact(Explicit = true)]
    public void WriteForAnotherProcess()
    {
        var fonts = new[] { "/usr/share/fonts", "/usr/local/share/fonts" }.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        Assert.Empty(fonts);
        File.WriteAllBytes(Environment.GetEnvironmentVariable(OutputVariable)!, Sample.ToPng());
    }

    static Chart Sample => Chart.Line("Loss → below", [0, 1, 2], [3, 2, 1], "step", "nats", "training").WithReference("target", 1.5)
        .With("labelled", [0, 1, 2], [1, 1, 2], Mark.Points) with
    { RightLabel = "right" };

    static IEnumerable<Chart> EveryKind()
    {
        double[] many = [.. Enumerable.Range(1, 400).Select(i => (double)i)], small = [.. many.Select(x => 4 / x)];
        yield return Sample;
        yield return Chart.Line("band, logarithmic", many, small, name: "mean").With("band", many, small, errors: small) with { LogX = true, LogY = true };
        yield return Chart.Bars("groups", ["a", "b"], [new Series("one", [], [1, 2]) { Errors = [0.1, 0.2], Labels = ["1", "2"], ShowLabels = true }, new Series("two", [], [2, double.NaN])]);
        yield return Chart.Bars("stacked", ["a", "b"], [new Series("one", [], [1, 2]), new Series("two", [], [2, 1])]) with { Stacked = true, LogY = true };
        yield return Chart.Histogram("histogram", small, "value");
        yield return Chart.Matrix("heatmap", new double[,] { { -1, 0.5 }, { double.NaN, 1 } }, ["r", "s"], ["c", "d"], showValues: true);
        yield return new Chart("two axes") { Series = [new Series("l", many, many), new Series("r", many, small) { RightAxis = true, Mark = Mark.Area }], Width = 500, Height = 300 };
        yield return new Chart("empty");
        yield return Chart.Line("no finite value", [1], [double.NaN]) with { LogY = true };
        yield return Chart.Histogram("one value", [3, 3, 3]);
    }

    /// <summary>Pixels as dark as text.</summary>
    static int Ink(Chart chart)
    {
        using var picture = SKBitmap.Decode(chart.ToPng());
        return picture.Pixels.Count(pixel => pixel.Red < 110 && pixel.Green < 110 && pixel.Blue < 110);
    }
}
