using System.Text.Json;
using LlmLab.Evaluation.Text;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Tests.Evaluation;

/// <summary>BLEU, chrF and TER against sacreBLEU's results. Signatures are compared up to the version, which is the tool's own.</summary>
public sealed class SacreBleuTests
{
    [Theory]
    [InlineData("bleu_sacrebleu_sentence")]
    [InlineData("bleu_sacrebleu_corpus")]
    public void Bleu_EveryCase_IsSacreBleusScore(string file)
    {
        var differing = new List<string>();
        foreach (var one in SharedFiles.Cases(file).Skip(1))
        {
            var (hypotheses, references) = Segments(one);
            var bleu = new Bleu(BleuOptionsOf(one.GetProperty("config")));
            var score = bleu.Corpus(hypotheses, references);
            var same = Close(score.Score, one.GetProperty("score")) && Close(score.BrevityPenalty, one.GetProperty("bp"))
                && score.HypothesisLength == one.GetProperty("sys_len").GetInt32() && score.ReferenceLength == one.GetProperty("ref_len").GetInt32()
                && AllClose(score.Matches, one.GetProperty("counts")) && AllClose(score.Totals, one.GetProperty("totals")) && AllClose(score.Precisions, one.GetProperty("precisions"))
                && SameSignature(bleu.Signature(references), one);
            if (!same) differing.Add($"{score} {bleu.Signature(references)}\n  {one}");
        }
        Differences.None(differing);
    }

    [Fact]
    public void Chrf_EveryCase_IsSacreBleusScore()
    {
        var differing = new List<string>();
        foreach (var one in SharedFiles.Cases("chrf_sacrebleu").Skip(1))
        {
            var (hypotheses, references) = Segments(one);
            var config = one.GetProperty("config");
            var chrf = new Chrf(new()
            {
                WordOrder = Number(config, "word_order", 0),
                CharacterOrder = Number(config, "char_order", 6),
                Beta = Number(config, "beta", 2),
                Lowercase = Flag(config, "lowercase"),
                Whitespace = Flag(config, "whitespace"),
                EpsilonSmoothing = Flag(config, "eps_smoothing"),
            });
            var score = chrf.Corpus(hypotheses, references);
            if (!Close(score, one.GetProperty("score")) || !SameSignature(chrf.Signature(references), one)) differing.Add($"{score} {chrf.Signature(references)}\n  {one}");
        }
        Differences.None(differing);
    }

    [Fact]
    public void TranslationEditRate_EveryCase_IsSacreBleusScore()
    {
        var differing = new List<string>();
        foreach (var one in SharedFiles.Cases("ter_sacrebleu").Skip(1))
        {
            var (hypotheses, references) = Segments(one);
            var config = one.GetProperty("config");
            var rate = new TranslationEditRate(new()
            {
                Normalize = Flag(config, "normalized"),
                RemovePunctuation = Flag(config, "no_punct"),
                AsianSupport = Flag(config, "asian_support"),
                CaseSensitive = Flag(config, "case_sensitive"),
            });
            var score = rate.Corpus(hypotheses, references);
            if (!Close(score.Score, one.GetProperty("score")) || !Close(score.Edits, one.GetProperty("num_edits")) || !Close(score.ReferenceLength, one.GetProperty("ref_length"))
                || !SameSignature(rate.Signature(references), one)) differing.Add($"{score} {rate.Signature(references)}\n  {one}");
        }
        Differences.None(differing);
    }

    [Fact]
    public void Corpus_UnequalCounts_IsRefused()
    {
        Assert.Contains("2 hypotheses", Assert.Throws<InvalidInputException>(() => new Bleu().Corpus(["a", "b"], [["a"]])).Message);
        Assert.Contains("no hypotheses", Assert.Throws<InvalidInputException>(() => new Chrf().Corpus([], [])).Message);
        Assert.Contains("hypothesis 1", Assert.Throws<InvalidInputException>(() => new TranslationEditRate().Sentence("a", [])).Message);
        Assert.Throws<InvalidInputException>(() => new Bleu(new() { MaximumOrder = 0 }));
    }

    internal static BleuOptions BleuOptionsOf(JsonElement config) => new()
    {
        EffectiveOrder = Flag(config, "effective_order"),
        Lowercase = Flag(config, "lowercase"),
        MaximumOrder = Number(config, "max_ngram_order", 4),
        Tokenizer = SacreBleuTokenizer.Named(config.TryGetProperty("tokenize", out var name) ? name.GetString()! : "13a"),
        SmoothingValue = config.TryGetProperty("smooth_value", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null,
        Smoothing = (config.TryGetProperty("smooth_method", out var method) ? method.GetString() : "exp") switch
        {
            "floor" => BleuSmoothing.Floor,
            "add-k" => BleuSmoothing.AddK,
            "none" => BleuSmoothing.None,
            _ => BleuSmoothing.Exponential,
        },
    };

    static (string[] Hypotheses, string[][] References) Segments(JsonElement one)
    {
        if (one.TryGetProperty("hyp", out var hypothesis)) return ([hypothesis.GetString()!], [Strings(one.GetProperty("refs"))]);
        var streams = one.GetProperty("ref_streams").EnumerateArray().Select(Strings).ToArray();
        var hypotheses = Strings(one.GetProperty("hyps"));
        return (hypotheses, [.. hypotheses.Select((_, i) => streams.Select(stream => stream[i]).ToArray())]);
    }

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];

    static bool Flag(JsonElement config, string name) => config.TryGetProperty(name, out var value) && value.GetBoolean();

    static int Number(JsonElement config, string name, int otherwise) => config.TryGetProperty(name, out var value) ? value.GetInt32() : otherwise;

    static bool Close(double found, JsonElement expected) => Math.Abs(found - expected.GetDouble()) <= 1e-9 * Math.Max(1, Math.Abs(expected.GetDouble()));

    static bool AllClose(IReadOnlyList<double> found, JsonElement expected) => found.Zip(expected.EnumerateArray(), Close).All(same => same);

    static bool SameSignature(string signature, JsonElement one)
    {
        var version = signature.IndexOf("|version:", StringComparison.Ordinal);
        return one.GetProperty("signature").GetString()!.StartsWith(signature[..version] + "|version:", StringComparison.Ordinal);
    }
}
