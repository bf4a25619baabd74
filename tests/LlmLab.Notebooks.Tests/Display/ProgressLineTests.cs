using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks.Tests.Display;

public sealed class ProgressLineTests
{
    [Fact]
    public void Format_KnownTotal_HasBarRateAndTimeLeft() =>
        Assert.Equal("training  45 % |████▌     | 900/2,000 steps  70/s  0:16 left  loss 1.93",
            ProgressLine.Format(new ProgressReport("training", 900, 2000, "steps", "loss 1.93"), 70));

    [Fact]
    public void Format_WithoutBar_IsAPlainLine() =>
        Assert.Equal("training  45 %  900/2,000 steps", ProgressLine.Format(new ProgressReport("training", 900, 2000, "steps"), null, withBar: false));

    [Fact]
    public void Format_UnknownTotal_HasCountAndRate() =>
        Assert.Equal("reading  1,200 documents  300/s", ProgressLine.Format(new ProgressReport("reading", 1200, null, "documents"), 300));

    [Fact]
    public void Format_Bytes_AreReadable() =>
        Assert.Equal("download  50 % |█████     | 1.5 MB of 3 MB  750 kB/s  0:02 left", ProgressLine.Format(new ProgressReport("download", 1.5e6, 3e6, "bytes"), 750e3));

    [Theory]
    [InlineData(2.5, "2.5/s")]
    [InlineData(0.03, "0.03/s")]
    [InlineData(12345.6, "12,346/s")]
    public void Facts_Rate_HasTwoDigitsThatMatter(double rate, string expected) =>
        Assert.Contains(expected, ProgressLine.Facts(new ProgressReport("x", 1, null, "steps"), rate));

    [Theory]
    [InlineData(16, "0:16")]
    [InlineData(723, "12:03")]
    [InlineData(3723, "1:02:03")]
    public void Duration_Seconds_AreMinutesAndHours(double seconds, string expected) => Assert.Equal(expected, ProgressLine.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Report_ManyInAnInstant_AreShownFiveTimesASecond()
    {
        var clock = new Clock();
        var host = new RecordingHost();
        using (var progress = new ProgressDisplay(new CellContext(host, CancellationToken.None), clock))
        {
            for (int i = 0; i <= 1000; i++)
            {
                progress.Report(new ProgressReport("training", i, 1000, "steps"));
                clock.Advance(TimeSpan.FromMilliseconds(1));
            }
        }
        // At 0, 200, … 1000 ms, and what stays.
        Assert.Equal(7, host.Outputs.Count);
        Assert.Equal("training  40 % |████      | 400/1,000 steps  1,000/s  0:01 left", ((UpdateDisplayOutput)host.Outputs[2]).Bundle.Plain());
        Assert.Equal("training  100 % |██████████| 1,000/1,000 steps", ((UpdateDisplayOutput)host.Outputs[^1]).Bundle.Plain());
    }

    sealed class Clock : TimeProvider
    {
        long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan time) => ticks += time.Ticks;
    }
}
