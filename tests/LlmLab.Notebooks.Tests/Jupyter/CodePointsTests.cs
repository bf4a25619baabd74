using System.Text;
using LlmLab.Notebooks.Jupyter;

namespace LlmLab.Notebooks.Tests.Jupyter;

public sealed class CodePointsTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("a😀b👩‍💻c")]
    [InlineData("\ud83d alone")]
    public void ToUtf16_EveryPosition_IsInverseOfFromUtf16(string text)
    {
        int count = CodePoints.FromUtf16(text, text.Length);
        Assert.Equal(text.EnumerateRunes().Count(), count);
        for (int i = 0; i <= count; i++) Assert.Equal(i, CodePoints.FromUtf16(text, CodePoints.ToUtf16(text, i)));
    }

    [Fact]
    public void ToUtf16_OutsideText_GoesToItsEnds() => Assert.Equal((0, 3), (CodePoints.ToUtf16("a😀", -1), CodePoints.ToUtf16("a😀", 99)));
}
