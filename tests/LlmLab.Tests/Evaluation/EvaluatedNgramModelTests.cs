using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.LanguageModels;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Evaluation;

public sealed class EvaluatedNgramModelTests
{
    static readonly string[] texts = [.. Enumerable.Range(0, 60).Select(i => $"The valve {i % 7} was closed. The pump {i % 5} was opened by the {(i % 2 == 0 ? "clerk" : "driver")}.")];
    static readonly VocabularyTokenizer tokenizer = BpeTrainer.Train(texts, new BpeTrainingOptions { VocabularySize = 315 });
    static readonly EvaluatedNgramModel model = EvaluatedNgramModel.Train(3, texts, tokenizer);

    [Fact]
    public void LogLikelihoods_OfContextAndRest_AddUpToTheWhole()
    {
        const string Context = "The valve 3 was", Rest = " closed. The pump 3 was opened";
        var whole = model.RollingLogLikelihoods([Context + Rest])[0];
        var (first, second) = (model.RollingLogLikelihoods([Context])[0], model.LogLikelihoods([new(Context, Rest)])[0]);

        Assert.Equal(whole.Nats, first.Nats + second.Nats, 9);
        Assert.Equal(whole.TokenCount, first.TokenCount + second.TokenCount);
    }

    [Fact]
    public void Probabilities_OverTheVocabulary_SumToOne()
    {
        var counted = new KneserNeyModel(3, texts.Select(text => EvaluatedNgramModel.Words(tokenizer, text)), 0.75);
        var context = EvaluatedNgramModel.Words(tokenizer, "The valve");
        var sum = Enumerable.Range(0, tokenizer.VocabularySize).Select(id => counted.Probability($"{id}", context)).Sum() + counted.Probability("</s>", context) + counted.Probability("<s>", context);

        Assert.Equal(1, sum, 6);
    }

    [Fact]
    public void Scores_OfTextNeverSeen_AreFiniteAndLower()
    {
        var scores = model.RollingLogLikelihoods(["The valve 2 was closed.", "Zebra ßµ 日本 quixotic"]);

        Assert.All(scores, score => Assert.True(double.IsFinite(score.Nats)));
        Assert.True(scores[0].Nats / scores[0].TokenCount > scores[1].Nats / scores[1].TokenCount);
    }

    [Fact]
    public void GenerateUntil_LikeliestTokens_AreGreedyAndStop()
    {
        var answer = model.GenerateUntil([new("The pump 1 was", ["."], 30)])[0];

        Assert.StartsWith(" opened by the ", answer);
        Assert.DoesNotContain(".", answer);
        Assert.True(model.LogLikelihoods([new("The pump 1 was", " opened by the")])[0].IsGreedy);
        Assert.False(model.LogLikelihoods([new("The pump 1 was", " closed by the")])[0].IsGreedy);
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => EvaluatedNgramModel.Train(1, texts, tokenizer));
        Assert.Throws<InvalidInputException>(() => EvaluatedNgramModel.Train(3, [], tokenizer));
        Assert.Throws<InvalidInputException>(() => new EvaluatedNgramModel(new LidstoneModel(1, [["1"]]), tokenizer, "x", 0));
    }
}
