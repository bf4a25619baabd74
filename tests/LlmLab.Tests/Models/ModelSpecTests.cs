using LlmLab.Models;

namespace LlmLab.Tests.Models;

public sealed class ModelSpecTests
{
    static readonly ModelSpec valid = new() { VocabularySize = 65 };

    [Fact]
    public void Checked_HeadsDoNotDivideWidth_NamesBothAndAWayOut()
    {
        string message = Assert.Throws<InvalidInputException>(() => (valid with { Width = 100, HeadCount = 3 }).Checked()).Message;
        Assert.Contains("100", message);
        Assert.Contains("3 heads", message);
        Assert.Contains("102", message);
    }

    [Fact]
    public void Checked_KeyValueHeadsDoNotDivideHeads_IsRefused() =>
        Assert.Throws<InvalidInputException>(() => (valid with { KeyValueHeadCount = 3 }).Checked());

    [Fact]
    public void Checked_RotaryWithOddHead_IsRefused() =>
        Assert.Throws<InvalidInputException>(() => (valid with { HeadWidth = 7, Positions = PositionKind.Rotary }).Checked());

    [Fact]
    public void CheckVocabulary_TokenizerKnowsMore_NamesBothSizes()
    {
        string message = Assert.Throws<InvalidInputException>(() => valid.CheckVocabulary(90, "tokenizer.json")).Message;
        Assert.Contains("90", message);
        Assert.Contains("65", message);
    }

    [Fact]
    public void FromJson_WhatToJsonWrote_IsEqual()
    {
        var spec = valid with { Positions = PositionKind.Rotary, RotaryScaling = new(8, 1, 4, 32), LogitSoftCap = 15, SlidingWindow = 3, WeightDeviation = null };
        Assert.Equal(spec with { WeightDeviation = 0.02 }, ModelSpec.FromJson((spec with { WeightDeviation = 0.02 }).ToJson()));
        Assert.Equal(spec, ModelSpec.FromJson(spec.ToJson()));
    }

    [Fact]
    public void FromJson_UnknownSwitch_IsNamed() =>
        Assert.Contains("wings", Assert.Throws<InvalidInputException>(() => ModelSpec.FromJson("""{ "vocabularySize": 5, "wings": 2 }""")).Message);
}
