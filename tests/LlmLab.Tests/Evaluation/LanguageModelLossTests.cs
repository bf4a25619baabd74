using System.Text.Json;
using LlmLab.Evaluation.LanguageModels;

namespace LlmLab.Tests.Evaluation;

public sealed class LanguageModelLossTests
{
    [Fact]
    public void TokenLoss_EveryCase_IsTheFormulasValue() => TextMetricTests.Check("lm_loss_scipy", one =>
    {
        double[][] logits = Rows(one.GetProperty("logits")), other = Rows(one.GetProperty("logits_q"));
        int[] targets = [.. one.GetProperty("targets").EnumerateArray().Select(value => value.GetInt32())];
        bool[] ignore = [.. one.GetProperty("ignore").EnumerateArray().Select(value => value.GetBoolean())];
        var loss = TokenLoss.CrossEntropy(logits, targets, ignore);
        var perplexity = TokenLoss.Perplexity(loss);
        var values = new List<(double?, JsonElement)>
        {
            (loss, one.GetProperty("cross_entropy")), (TokenLoss.Bits(loss), one.GetProperty("bits_per_token")),
            (loss > 700 ? double.NaN : perplexity, one.GetProperty("perplexity")), // the peer leaves out what is above e⁷⁰⁰
            (TokenLoss.SmoothedCrossEntropy(logits, targets, 0.1, ignore), one.GetProperty("label_smoothing_0_1")),
        };
        for (var i = 0; i < targets.Length; i++)
        {
            values.Add((TokenLoss.NegativeLogLikelihood(logits[i], targets[i]), one.GetProperty("nll")[i]));
            values.Add((TokenLoss.Entropy(logits[i]), one.GetProperty("entropy")[i]));
            values.Add((TokenLoss.Divergence(logits[i], other[i]), one.GetProperty("kl_p_q")[i]));
            var logarithms = TokenLoss.LogSoftmax(logits[i]);
            values.Add((Array.IndexOf(logarithms, logarithms.Max()), one.GetProperty("argmax")[i]));
            for (var j = 0; j < logarithms.Length; j++) values.Add((Math.Exp(logarithms[j]), one.GetProperty("softmax")[i][j]));
        }
        return values;
    });

    [Fact]
    public void NgramModels_EveryCase_HaveNltksPerplexity()
    {
        var sentences = SharedFiles.Cases("perplexity_nltk_lm")[0].GetProperty("_meta").GetProperty("train").EnumerateArray().Select(Strings).ToArray();
        var models = new Dictionary<(int, string), NgramModel>();
        TextMetricTests.Check("perplexity_nltk_lm", one =>
        {
            var (order, name) = (one.GetProperty("order").GetInt32(), one.GetProperty("model").GetString()!);
            if (!models.TryGetValue((order, name), out var model))
                models.Add((order, name), model = name switch
                {
                    "MLE" => new MaximumLikelihoodModel(order, sentences),
                    "Laplace" => new LidstoneModel(order, sentences),
                    "Lidstone0.1" => new LidstoneModel(order, sentences, 0.1),
                    "WittenBell" => new WittenBellModel(order, sentences),
                    "KneserNey0.1" => new KneserNeyModel(order, sentences, 0.1),
                    _ => throw new ArgumentException(name),
                });
            var sentence = Strings(one.GetProperty("sentence"));
            if (one.TryGetProperty("error", out var error)) return [(model.Perplexity(sentence), error)];
            // JSON has no infinity: the peer's file has null for it.
            static double? Finite(double? value) => value is double.PositiveInfinity ? null : value;
            return
            [
                (Finite(model.Perplexity(sentence)), one.GetProperty("perplexity")),
                (Finite(model.Entropy(sentence)), one.GetProperty("entropy")),
                (model.VocabularySize, one.GetProperty("vocab")),
            ];
        });
    }

    [Fact]
    public void Probability_OfAllWords_SumsToOne()
    {
        string[][] sentences = [["the", "cat", "sat"], ["the", "cat", "ran"], ["a", "dog", "sat"]];
        string[] vocabulary = ["the", "cat", "sat", "ran", "a", "dog", "<s>", "</s>", "<UNK>"];
        foreach (var model in (NgramModel[])[new LidstoneModel(2, sentences), new WittenBellModel(3, sentences), new KneserNeyModel(3, sentences)])
            Assert.Equal(1, vocabulary.Sum(word => model.Probability(word, ["the", "cat"])), 12);
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => TokenLoss.NegativeLogLikelihood([0, 0], 2));
        Assert.Throws<InvalidInputException>(() => TokenLoss.CrossEntropy([[0.0]], []));
        Assert.Throws<InvalidInputException>(() => TokenLoss.BitsPerByte(1, 0));
        Assert.Throws<InvalidInputException>(() => new LidstoneModel(0, [["a"]]));
        Assert.Throws<InvalidInputException>(() => new LidstoneModel(2, []));
    }

    static double[][] Rows(JsonElement array) => [.. array.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];
}
