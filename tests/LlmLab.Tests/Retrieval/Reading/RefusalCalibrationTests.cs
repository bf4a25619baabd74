using LlmLab.Retrieval.Reading;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class RefusalCalibrationTests
{
    static ReadingResult Result(bool answerable, double logOdds) =>
        new(new ReadingQuestion("q", "kind", "?", answerable ? "yes" : null, []), new ReadingAnswer("yes", false, logOdds, 1, null));

    [Fact]
    public void Calibrate_SeparableLogOdds_LiesBetweenThem()
    {
        var found = RefusalCalibration.Calibrate([Result(true, -4), Result(true, -1), Result(false, 2), Result(false, 5)]);
        Assert.Equal((0.5, 1.0, 0.0), (found.Threshold, found.Refused, found.FalselyRefused));
    }

    [Fact]
    public void Calibrate_Overlap_BalancesTheErrorsByWhatIsAllowed()
    {
        // 100 of each; one answerable at +3 and ten unanswerable at −3 are beyond help; one each between.
        ReadingResult[] results = [.. Enumerable.Range(0, 98).Select(_ => Result(true, -5)), Result(true, 3), Result(true, 0.5),
            .. Enumerable.Range(0, 90).Select(_ => Result(false, 5)), .. Enumerable.Range(0, 10).Select(i => Result(false, -0.1 * i))];
        var strict = RefusalCalibration.Calibrate(results, mostAnswered: 0.01, mostRefused: 0.5);
        var lenient = RefusalCalibration.Calibrate(results, mostAnswered: 0.5, mostRefused: 0.001);
        Assert.True(strict.Threshold < -0.9 && strict.Refused == 1);
        Assert.True(lenient.Threshold > 3 && lenient.FalselyRefused == 0);
    }

    [Fact]
    public void Calibrate_WithoutUnanswerableQuestions_SaysSo() =>
        Assert.Throws<InvalidInputException>(() => RefusalCalibration.Calibrate([Result(true, 0)]));
}
