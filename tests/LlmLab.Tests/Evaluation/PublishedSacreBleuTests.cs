using System.Globalization;
using System.Text.Json;
using LlmLab.Evaluation.Text;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Tests.Evaluation;

/// <summary>The tables of sacreBLEU's own test suite (test/*.py).</summary>
public sealed class PublishedSacreBleuTests
{
    // The suite's raw tests: text that is tokenized already, scores from 0 to 1.
    static readonly BleuOptions raw = new() { Tokenizer = SacreBleuTokenizer.None, Smoothing = BleuSmoothing.None };

    [Fact]
    public void Bleu_RawCases_HaveThePublishedScores()
    {
        foreach (var one in Table("test_bleu", "test_raw_bleu_cases"))
            Assert.Equal(one[2].GetDouble(), new Bleu(raw with { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.01 }).Corpus(Strings(one[0]), Each(one[0], one[1])).Score / 100, 8);
        foreach (var one in Table("test_bleu", "test_case_offset"))
            Assert.Equal(one[2].GetDouble(), new Bleu(raw with { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.1 }).Corpus(Strings(one[0]), Each(one[0], one[1])).Score / 100, 8);
        foreach (var one in Table("test_bleu", "test_case_effective_order"))
            Assert.Equal(one[2].GetDouble(), new Bleu(raw with { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.01, EffectiveOrder = true }).Corpus(Strings(one[0]), Each(one[0], one[1])).Score / 100, 8);
    }

    [Fact]
    public void Bleu_CorpusCases_HaveThePublishedScores()
    {
        foreach (var one in Table("test_bleu", "test_corpus_bleu_cases"))
            Assert.Equal(one[3].GetDouble(), new Bleu(SacreBleuTests.BleuOptionsOf(one[2])).Corpus(Strings(one[0]), Each(one[0], one[1])).Score, 6);
        foreach (var one in Table("test_bleu", "test_bleu_max_order"))
            Assert.Equal(one[3].GetString(), new Bleu(new() { MaximumOrder = one[0].GetInt32() }).Corpus(Strings(one[1]), Each(one[1], one[2])).Score.ToString("F2", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Bleu_Statistics_AreThePublishedOnes()
    {
        foreach (var one in Table("test_bleu", "test_case_statistics"))
        {
            var score = new Bleu(raw).Corpus(Strings(one[0]), Each(one[0], one[1]));
            Assert.Equal(Numbers(one[2][0]), score.Matches);
            Assert.Equal(Numbers(one[2][1]), score.Totals);
        }
        foreach (var one in Table("test_bleu", "test_case_scoring"))
            Assert.Equal(one[1].GetDouble(), Compute(raw, one[0]), 8);
        foreach (var one in Table("test_bleu", "test_case_degenerate_stats"))
            Assert.Equal(one[2].GetDouble(), Compute(raw with { Smoothing = BleuSmoothing.Floor, SmoothingValue = one[1].GetDouble() }, one[0]), 8);
    }

    [Fact]
    public void Bleu_SentenceCases_HaveThePublishedScores()
    {
        var suite = Suite("test_sentence_bleu");
        void Check(string table, string system, string reference)
        {
            foreach (var one in suite.GetProperty(table).EnumerateArray())
            {
                var config = JsonSerializer.SerializeToElement(new { smooth_method = one[0], smooth_value = one[1], lowercase = one[2], tokenize = one[3] });
                var score = new Bleu(SacreBleuTests.BleuOptionsOf(config) with { EffectiveOrder = true }).Sentence(suite.GetProperty(system).GetString()!, [suite.GetProperty(reference).GetString()!]);
                Assert.Equal(one[4].GetDouble(), score.Score, 0.001);
            }
        }
        Check("test_cases", "SYS", "REF");
        Check("test_cases_zero_bleu", "SYS_0", "REF_0");
    }

    [Fact]
    public void Chrf_Cases_HaveThePublishedScores()
    {
        foreach (var one in Table("test_chrf", "test_sentence_level_chrf"))
            Assert.Equal(one[2].GetDouble(), new Chrf(new() { EpsilonSmoothing = true }).Sentence(one[0].GetString()!, Strings(one[1])), 0.0001);
        void Check(string table, ChrfOptions options)
        {
            foreach (var one in Table("test_chrf", table))
                Assert.Equal(one[2].GetDouble(), new Chrf(options).Corpus(Strings(one[0]), [.. Strings(one[1]).Select(reference => new[] { reference })]), 0.0001);
        }
        Check("test_cases", new() { EpsilonSmoothing = true, Beta = 3 });
        Check("test_cases_effective_order", new() { Beta = 3 });
        Check("test_cases_keep_whitespace", new() { Beta = 3, Whitespace = true });
    }

    [Fact]
    public void TranslationEditRate_Cases_HaveThePublishedScores()
    {
        foreach (var one in Table("test_ter", "test_cases"))
            Assert.Equal(one[2].GetDouble(), new TranslationEditRate().Corpus(Strings(one[0]), [.. Strings(one[1]).Select(reference => new[] { reference })]).Score / 100, 0.001);
        void Check(string table, TranslationEditRateOptions options)
        {
            foreach (var one in Table("test_tokenizer_ter", table)) Assert.Equal(one[1].GetString(), new TercomTokenizer(options).Rewrite(one[0].GetString()!));
        }
        Check("test_cases_default", new());
        Check("test_cases_no_punct", new() { RemovePunctuation = true });
        Check("test_cases_norm", new() { Normalize = true });
        Check("test_cases_asian", new() { Normalize = true, AsianSupport = true });
    }

    static double Compute(BleuOptions options, JsonElement statistics) =>
        new Bleu(options).Compute([statistics[1].GetDouble(), statistics[2].GetDouble(), .. Numbers(statistics[0][0]), .. Numbers(statistics[0][1])]).Score / 100;

    static JsonElement Suite(string name) => JsonDocument.Parse(File.ReadAllText(SharedFiles.Case("published_sacrebleu_tests.json"))).RootElement.GetProperty(name);

    static IEnumerable<JsonElement> Table(string suite, string table) => Suite(suite).GetProperty(table).EnumerateArray();

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetDouble())];

    /// <summary>sacreBLEU's lists of references, turned into the references of each hypothesis.</summary>
    static string[][] Each(JsonElement hypotheses, JsonElement streams) =>
        [.. Enumerable.Range(0, hypotheses.GetArrayLength()).Select(i => streams.EnumerateArray().Select(stream => stream[i].GetString()!).ToArray())];
}
