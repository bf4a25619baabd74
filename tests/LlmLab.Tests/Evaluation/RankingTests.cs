using System.Globalization;
using System.Text.Json;
using LlmLab.Evaluation.Ranking;

namespace LlmLab.Tests.Evaluation;

/// <summary>Ranking measures against trec_eval's results, which are printed with four decimals, and scikit-learn's.</summary>
public sealed class RankingTests
{
    const double Printed = 5.001e-5;

    [Theory]
    [InlineData("expected", 1)]
    [InlineData("expected_rel_level2", 2)]
    public void Measures_EveryCase_AreTrecEvals(string field, int level)
    {
        var cases = SharedFiles.Cases("ir_trec_eval").Skip(1).ToArray();
        var queries = cases.Where(one => one.TryGetProperty("run", out _)).ToArray();
        var judgments = new RelevanceJudgments(queries.ToDictionary(Id, one => (IReadOnlyDictionary<string, int>)one.GetProperty("qrels").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetInt32())));
        var run = new RankedRun(queries.ToDictionary(Id, one => (IReadOnlyDictionary<string, double>)one.GetProperty("run").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetDouble())));
        var evaluation = RankingEvaluation.Of(judgments, run, new(level));
        var differing = queries.SelectMany(one => Compare(Id(one), evaluation.ByQuery[Id(one)], one.GetProperty(field))).ToList();

        Differences.None(differing);
    }

    [Theory]
    [InlineData("out.test.aq", "qrels.test", "results.test", 1, false, int.MaxValue)]
    [InlineData("out.test.aqc", "qrels.test", "results.trunc", 1, true, int.MaxValue)]
    [InlineData("out.test.aqcM", "qrels.test", "results.trunc", 1, true, 100)]
    [InlineData("out.test.aql", "qrels.rel_level", "results.test", 2, false, int.MaxValue)]
    public void Of_TrecEvalsOwnTests_PrintsItsResults(string output, string qrels, string results, int level, bool complete, int most)
    {
        string Path(string name) => SharedFiles.Data("trec/trec_eval/" + name);
        var evaluation = RankingEvaluation.Of(RelevanceJudgments.Load(Path(qrels)), RankedRun.Load(Path(results)), new(level, complete, most));
        var (compared, differing) = (0, new List<string>());
        foreach (var fields in File.ReadLines(Path(output)).Select(line => line.Split('\t', StringSplitOptions.TrimEntries)))
        {
            var measures = fields[1] == "all" ? evaluation.All : evaluation.ByQuery[fields[1]];
            if (!measures.TryGetValue(fields[0], out var found)) continue;
            compared++;
            if (Math.Abs(found - double.Parse(fields[2], CultureInfo.InvariantCulture)) > Printed) differing.Add($"{fields[1]} {fields[0]}: {found}, trec_eval {fields[2]}");
        }

        Differences.None(differing);
        Assert.True(compared > 200, $"only {compared} values compared");
    }

    [Fact]
    public void ScoredRelevance_EveryCase_IsScikitLearns() => TextMetricTests.Check("ir_sklearn", one =>
    {
        var (relevance, scores, cutoff) = (Numbers(one.GetProperty("relevance")), Numbers(one.GetProperty("scores")), one.GetProperty("k").GetInt32());
        bool[] binary = [.. one.GetProperty("binary").EnumerateArray().Select(value => value.GetInt32() > 0)];
        var values = new List<(double?, JsonElement)>
        {
            (ScoredRelevance.NormalizedGain(relevance, scores), one.GetProperty("ndcg")),
            (ScoredRelevance.NormalizedGain(relevance, scores, cutoff), one.GetProperty("ndcg_k")),
            (ScoredRelevance.DiscountedGain(relevance, scores), one.GetProperty("dcg")),
            (ScoredRelevance.DiscountedGain(relevance, scores, cutoff), one.GetProperty("dcg_k")),
        };
        // Without ties both of scikit-learn's ways are one; with ties, its other way depends on the order that its sort happens to leave.
        if (scores.Distinct().Count() == scores.Length) values.Add((ScoredRelevance.NormalizedGain(relevance, scores), one.GetProperty("ndcg_ignore_ties")));
        if (!one.TryGetProperty("roc_auc", out var area)) return values;
        values.Add((ScoredRelevance.AreaUnderRoc(binary, scores), area));
        values.Add((ScoredRelevance.AveragePrecision(binary, scores), one.GetProperty("average_precision")));
        values.Add((ScoredRelevance.LabelRankingAveragePrecision(binary, scores), one.GetProperty("mrr_lrap")));
        return values;
    });

    [Fact]
    public void Save_Run_LoadsAgain()
    {
        var path = Path.GetTempFileName();
        try
        {
            new RankedRun(new Dictionary<string, IReadOnlyDictionary<string, double>> { ["q"] = new Dictionary<string, double> { ["a"] = 0.1, ["b"] = 1.0 / 3 } }).Save(path, "test");
            Assert.Equal(1.0 / 3, RankedRun.Load(path).ByQuery["q"]["b"]);
            Assert.StartsWith("q Q0 b 1 0.333", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("q 0 d", "line 1: 3 fields")]
    [InlineData("# comment\nq 0 d x", "line 2: the grade")]
    [InlineData("q 0 d 1\nq 0 d 0", "a second time")]
    public void Load_BrokenQrels_NamesTheLine(string text, string message)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            Assert.Contains(message, Assert.Throws<InvalidInputException>(() => RelevanceJudgments.Load(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static IEnumerable<string> Compare(string query, IReadOnlyDictionary<string, double> measures, JsonElement expected) =>
        from item in expected.EnumerateObject()
        where Math.Abs(measures[item.Name] - item.Value.GetDouble()) > Printed
        select $"{query} {item.Name}: {measures[item.Name]}, trec_eval {item.Value}";

    static string Id(JsonElement one) => one.GetProperty("qid").GetString()!;

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetDouble())];
}
