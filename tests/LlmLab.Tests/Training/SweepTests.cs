using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class SweepTests : IDisposable
{
    public SweepTests() => TorchThreads.One();

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-sweep-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_TwiceOverAGrid_TrainsEachCellOnce()
    {
        using var data = TrainerTests.Counting();
        SweepAxis[] axes = [SweepAxis.Parse("options.learningRate=1e-3,5e-3"), SweepAxis.Parse("spec.positions=rotary,learned")];
        var options = TrainerTests.Options with { Steps = 30, EvaluateEvery = 0, SaveEvery = 0 };
        var cells = Sweep.Run(folder, data, TrainerTests.Spec, options, axes, seeds: 2);
        Assert.Equal(4, cells.Count);
        Assert.All(cells, c => Assert.Equal(2, c.Losses.Count));
        Assert.Equal(8, Run.List(Workspace.Open(folder)).Count);
        var again = Sweep.Run(folder, data, TrainerTests.Spec, options, axes, seeds: 2);
        Assert.Equal(8, Run.List(Workspace.Open(folder)).Count);
        Assert.Equal(cells.Select(c => c.Mean), again.Select(c => c.Mean));
        Assert.True(cells.First(c => c.Settings["options.learningRate"] == "5e-3").Mean < cells.First(c => c.Settings["options.learningRate"] == "1e-3").Mean);
    }

    [Fact]
    public void Run_UnknownProperty_TrainsNothing()
    {
        using var data = TrainerTests.Counting();
        Assert.Throws<InvalidInputException>(() => Sweep.Run(folder, data, TrainerTests.Spec, TrainerTests.Options, [SweepAxis.Parse("options.wings=1,2")], 1));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData(1.5, 2e4, 0.3)]
    [InlineData(0.0, 5e5, 0.1)]
    public void Fit_ExactPoints_FindsTheLaw(double floor, double scale, double exponent)
    {
        var points = new[] { 1e5, 3e5, 1e6, 3e6, 1e7 }.Select(x => (x, floor + Math.Pow(scale / x, exponent))).ToArray();
        var law = ScalingLaw.Fit(points);
        Assert.Equal(floor, law.Floor, 0.02);
        Assert.Equal(exponent, law.Exponent, 0.02);
        Assert.InRange(law.Error, 0, 1e-3);
    }
}
