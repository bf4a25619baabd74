using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class StepGuardTests
{
    static StepGuard Filled(double deviations = 6, int steps = 100)
    {
        var guard = new StepGuard(deviations);
        // Alternating 1.9 and 2.1: mean 2, deviation 0.1.
        for (int i = 0; i < steps; i++) Assert.Null(guard.WhySkip(i % 2 == 0 ? 1.9 : 2.1, 1));
        return guard;
    }

    [Theory]
    [InlineData(2.55, false)]
    [InlineData(2.70, true)]
    public void WhySkip_Loss_IsASpikeFromSixDeviationsOn(double loss, bool skipped) =>
        Assert.Equal(skipped, Filled().WhySkip(loss, 1) is not null);

    [Fact]
    public void WhySkip_GradientSpike_IsNamed() => Assert.Contains("gradient", Filled().WhySkip(2, 50));

    [Fact]
    public void WhySkip_TooFewSteps_SkipsNothing() => Assert.Null(Filled(steps: 60).WhySkip(100, 100));

    [Fact]
    public void WhySkip_GuardOff_SkipsOnlyWhatIsNotFinite()
    {
        var guard = Filled(deviations: 0);
        Assert.Null(guard.WhySkip(1e6, 1e6));
        Assert.NotNull(guard.WhySkip(double.NaN, 1));
        Assert.NotNull(guard.WhySkip(1, double.PositiveInfinity));
    }

    [Fact]
    public void WhySkip_LevelThatStays_BecomesNormal()
    {
        var guard = Filled();
        int skipped = Enumerable.Range(0, 50).Count(_ => guard.WhySkip(5, 1) is not null);
        Assert.InRange(skipped, 1, 10);
    }

    [Fact]
    public void IsHopeless_TenNumbersThatAreNone_IsTrueAndOneGoodOneForgives()
    {
        var guard = new StepGuard(6);
        for (int i = 0; i < 9; i++) guard.WhySkip(double.NaN, 1);
        Assert.False(guard.IsHopeless);
        guard.WhySkip(double.NaN, 1);
        Assert.True(guard.IsHopeless);
        guard.WhySkip(1, 1);
        Assert.False(guard.IsHopeless);
    }

    [Fact]
    public void State_TakenOver_DecidesTheSame()
    {
        var (one, two) = (Filled(), new StepGuard(6));
        two.State = one.State;
        Assert.Equal(one.WhySkip(2.62, 1), two.WhySkip(2.62, 1));
        Assert.NotNull(two.WhySkip(9, 1));
    }

    [Fact]
    public void After_NoBetterLossForTheWholePatience_Stops()
    {
        var stopping = new EarlyStopping();
        foreach (var (loss, step) in (ReadOnlySpan<(double, int)>)[(2.0, 10), (1.5, 20), (1.6, 30), (1.495, 40), (1.7, 50)]) stopping = stopping.After(loss, step, patience: 3, smallest: 0.01);
        // 1.495 is better than 1.5 by less than 0.01: no improvement.
        Assert.Equal((1.5, 20, true), (stopping.BestLoss!.Value, stopping.BestStep, stopping.Stopped));
    }
}
