using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(0, 1.0 / 101)]
    [InlineData(99, 100.0 / 101)]
    [InlineData(100, 1.0)]
    [InlineData(1050, 0.55)]
    [InlineData(2000, 0.1)]
    public void Share_NanoGptsCosine_HasItsValues(int step, double expected) =>
        Assert.Equal(expected, Schedule.Share(new TrainingOptions { Steps = 2000, WarmupSteps = 100 }, step), 1e-12);

    [Theory]
    [InlineData(10, 1.0)]
    [InlineData(60, 1.0)]
    [InlineData(80, 0.5)]
    [InlineData(100, 0.0)]
    public void Share_Trapezoid_IsFlatThenStraightDown(int step, double expected) =>
        Assert.Equal(expected, Schedule.Share(new TrainingOptions { Steps = 100, WarmupSteps = 5, Schedule = ScheduleKind.Trapezoid, CooldownShare = 0.4, FinalShare = 0 }, step), 1e-12);
}
