using System.Text;
using System.Text.Json;
using LlmLab.Evaluation.Text;
using LlmLab.Text.Lemmatization;

namespace LlmLab.Tests.Evaluation;

/// <summary>The other text metrics against the results of NLTK 3.8, Google's rouge_score and SQuAD's script.</summary>
public sealed class TextMetricTests
{
    [Fact]
    public void NltkBleu_EveryCase_IsNltksScore() => Check("bleu_nltk", one =>
    {
        var weights = Numbers(one.GetProperty("weights"));
        var smoothing = (NltkSmoothing)one.GetProperty("smoothing").GetInt32();
        var score = one.TryGetProperty("hyp", out var hypothesis)
            ? NltkBleu.Sentence(Strings(hypothesis), Lists(one.GetProperty("refs")), weights, smoothing)
            : NltkBleu.Corpus(Lists(one.GetProperty("hyps")), [.. one.GetProperty("refs_list").EnumerateArray().Select(Lists)], weights, smoothing);
        return [(score, one.GetProperty("score"))];
    });

    [Fact]
    public void Meteor_EveryCase_IsNltksScore()
    {
        // Synonyms are compared in WordNet's own spelling, which only the full distribution has.
        Assert.SkipUnless(File.Exists("/usr/share/wordnet/data.noun"), "/usr/share/wordnet has no data files: install the package wordnet-base.");
        var lemmatizer = new WordNetLemmatizer(WordNetLexicon.Load("/usr/share/wordnet"));
        var meteors = new Dictionary<string, Meteor>();
        Check("meteor_nltk", one =>
        {
            var parameters = one.GetProperty("params");
            if (!meteors.TryGetValue(parameters.GetRawText(), out var meteor))
                meteors.Add(parameters.GetRawText(), meteor = new Meteor(lemmatizer, parameters.EnumerateObject().Any()
                    ? new(parameters.GetProperty("alpha").GetDouble(), parameters.GetProperty("beta").GetDouble(), parameters.GetProperty("gamma").GetDouble())
                    : new()));
            return [(meteor.Sentence(Strings(one.GetProperty("hyp")), Lists(one.GetProperty("refs"))), one.GetProperty("meteor"))];
        });
    }

    [Fact]
    public void Rouge_EveryCase_IsGooglesScore() => Check("rouge_google", one =>
    {
        var rouge = new Rouge(one.GetProperty("use_stemmer").GetBoolean());
        var (target, prediction) = (one.GetProperty("target").GetString()!, one.GetProperty("prediction").GetString()!);
        RougeScore[] scores = [rouge.N(target, prediction, 1), rouge.N(target, prediction, 2), rouge.N(target, prediction, 3), rouge.L(target, prediction), rouge.LSum(target, prediction)];
        string[] names = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"];
        return names.Zip(scores).SelectMany(pair => new (double?, JsonElement)[]
        {
            (pair.Second.Precision, one.GetProperty(pair.First).GetProperty("p")),
            (pair.Second.Recall, one.GetProperty(pair.First).GetProperty("r")),
            (pair.Second.FMeasure, one.GetProperty(pair.First).GetProperty("f")),
        });
    });

    [Fact]
    public void AnswerMatch_EveryCase_IsSquadsScore() => Check("squad_em_f1", one =>
    {
        var (prediction, answers) = (one.GetProperty("prediction").GetString()!, Strings(one.GetProperty("golds")));
        Assert.Equal(one.GetProperty("normalized_prediction").GetString(), AnswerMatch.Normalize(prediction));
        Assert.Equal(Strings(one.GetProperty("normalized_golds")), answers.Select(AnswerMatch.Normalize));
        return [(AnswerMatch.Exact(prediction, answers), one.GetProperty("exact")), (AnswerMatch.F1(prediction, answers), one.GetProperty("f1"))];
    });

    [Fact]
    public void StringMetrics_EveryCase_AreNltksValues() => Check("string_metrics_nltk", one =>
    {
        var (hypothesis, references) = (one.GetProperty("hyp").GetString()!, Strings(one.GetProperty("refs")));
        var (tokens, referenceTokens) = (LlmLab.Text.Whitespace.Split(hypothesis), references.Select(LlmLab.Text.Whitespace.Split).ToArray());
        var (characters, referenceCharacters) = (hypothesis.EnumerateRunes().Take(80).ToArray(), references[0].EnumerateRunes().Take(80).ToArray());
        var (precision, recall, f1) = StringDistance.SetOverlap(referenceTokens[0], tokens);
        return
        [
            (Gleu.Sentence(tokens, referenceTokens), one.GetProperty("gleu")),
            (Nist.Sentence(tokens, referenceTokens), one.GetProperty("nist5")),
            (new Chrf(new() { Beta = 3, EpsilonSmoothing = true }).Sentence(hypothesis, [references[0]]) / 100, one.GetProperty("chrf")),
            (StringDistance.Edit(characters, referenceCharacters), one.GetProperty("edit")),
            (StringDistance.Edit(characters, referenceCharacters, transpositions: true), one.GetProperty("edit_transp")),
            (StringDistance.Edit(characters, referenceCharacters, substitutionCost: 2), one.GetProperty("edit_sub2")),
            (StringDistance.Edit(tokens, referenceTokens[0]), one.GetProperty("word_edit")),
            (StringDistance.Jaccard(tokens, referenceTokens[0]), one.GetProperty("jaccard")),
            (StringDistance.Jaro(characters, referenceCharacters), one.GetProperty("jaro")),
            (StringDistance.JaroWinkler(characters, referenceCharacters), one.GetProperty("jaro_winkler")),
            (precision, one.GetProperty("set_precision")),
            (recall, one.GetProperty("set_recall")),
            (f1, one.GetProperty("set_f")),
        ];
    });

    [Fact]
    public void LongestCommonSubsequence_FastAndPlain_AreEqual()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            int[] Sequence() => [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => random.Next(1 + round % 30))];
            var (first, second) = (Sequence(), Sequence());
            Assert.Equal(LongestCommonSubsequence.Positions(first, second).Count, LongestCommonSubsequence.Length(first, second));
        }
    }

    [Fact]
    public void Diversity_RepeatedAndDifferentTexts_AreTold()
    {
        string[] looping = ["a", "b", "a", "b", "a", "b"];

        Assert.Equal(2.0 / 6, Diversity.Distinct([looping], 1), 12);
        Assert.Equal(2.0 / 5, Diversity.Distinct([looping], 2), 12); // ab, ba of ab ba ab ba ab
        Assert.Equal(0.6, Diversity.Repetition(looping, 2), 12);
        Assert.True(double.IsNaN(Diversity.Distinct([["a"]], 2)));
        Assert.Equal(100, Diversity.SelfBleu(["one and the same text", "one and the same text"]), 6);
        Assert.Equal(0, Diversity.SelfBleu(["red green blue black", "one two three four"]), 6);
        Assert.Throws<InvalidInputException>(() => Diversity.SelfBleu(["alone"]));
    }

    [Fact]
    public void Sentence_NoReference_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => NltkBleu.Sentence(["a"], []));
        Assert.Throws<InvalidInputException>(() => Gleu.Sentence(["a"], []));
        Assert.Throws<InvalidInputException>(() => new Meteor(null).Sentence(["a"], []));
        Assert.Throws<InvalidInputException>(() => new Rouge().N("a", "a", 0));
    }

    /// <summary>Compares every value of every case; null and an error of the peer both mean undefined.</summary>
    internal static void Check(string file, Func<JsonElement, IEnumerable<(double? Found, JsonElement Expected)>> compute)
    {
        var differing = new List<string>();
        foreach (var one in SharedFiles.Cases(file).Skip(1))
        {
            var wrong = compute(one).Where(pair => !Same(pair.Found, pair.Expected)).Select(pair => $"{pair.Found?.ToString("R") ?? "undefined"} for {pair.Expected}").ToArray();
            if (wrong.Length > 0) differing.Add($"{string.Join(", ", wrong)}\n  {one}");
        }
        Differences.None(differing);
    }

    internal static bool Same(double? found, JsonElement expected) => expected.ValueKind == JsonValueKind.Number
        ? found is { } value && Math.Abs(value - expected.GetDouble()) <= 1e-9 * Math.Max(1, Math.Abs(expected.GetDouble()))
        : found is null or double.NaN;

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];

    static string[][] Lists(JsonElement array) => [.. array.EnumerateArray().Select(Strings)];

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetDouble())];
}
