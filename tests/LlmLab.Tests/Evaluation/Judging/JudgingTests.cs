using LlmLab.Evaluation.Judging;
using LlmLab.Evaluation.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace LlmLab.Tests.Evaluation;

public sealed class JudgingTests
{
    static string Part(IReadOnlyList<ChatMessage> messages, string name) => messages[^1].Text.Split($"[{name}]\n")[1].Split("\n\n[")[0];

    static PairwiseJudge Judge(Func<string, string, string> verdict) => new(new FakeChatClient(messages => verdict(Part(messages, "Answer A"), Part(messages, "Answer B"))));

    [Fact]
    public async Task Compare_JudgeByContent_FindsTheBetterInBothOrders()
    {
        var judge = Judge((a, b) => a.Length > b.Length ? "A says more.\nVerdict: A" : a.Length < b.Length ? "Verdict: B" : "Verdict: tie");

        var first = await judge.CompareAsync("Why?", "because of rain", "rain");
        var second = await judge.CompareAsync("Why?", "rain", "because of rain");

        Assert.Equal((Preference.First, true), (first.Preference, first.IsConsistent));
        Assert.Equal((Preference.Second, true), (second.Preference, second.IsConsistent));
        Assert.Equal(Preference.Tie, (await judge.CompareAsync("Why?", "rain", "wind")).Preference);
    }

    [Fact]
    public async Task Compare_JudgeThatFavoursAPosition_IsATie()
    {
        var verdict = await Judge((_, _) => "I like the first.\nVerdict: A").CompareAsync("Why?", "rain", "wind");

        Assert.Equal((Preference.Tie, false), (verdict.Preference, verdict.IsConsistent));
        Assert.Equal((Preference.First, Preference.Second), (verdict.Forward, verdict.Backward));
    }

    [Theory]
    [InlineData("Verdict: A", Preference.First)]
    [InlineData("**Verdict: B**", Preference.Second)]
    [InlineData("Verdict: [[Tie]].", Preference.Tie)]
    [InlineData("Verdict: A\nNo, wait.\nVerdict: B", Preference.Second)]
    [InlineData("A is better", Preference.Unparsed)]
    [InlineData("Verdict: A or B", Preference.Unparsed)]
    [InlineData("Verdict: Answer", Preference.Unparsed)]
    [InlineData("", Preference.Unparsed)]
    public void Parse_Replies_TakesTheLastVerdictLine(string reply, Preference expected) => Assert.Equal(expected, PairwiseJudge.Parse(reply));

    [Theory]
    [InlineData("Fine.\nScore: 4", 4)]
    [InlineData("**Score:** 5/5", 5)]
    [InlineData("Score: 8/10", null)]
    [InlineData("Score: 6", null)]
    [InlineData("Score: 0", null)]
    [InlineData("It deserves a 4.", null)]
    public void Parse_Replies_TakesTheRubricsGrades(string reply, int? expected) => Assert.Equal(expected, RubricJudge.Parse(reply, 5));

    [Fact]
    public async Task Agreement_OfVerdicts_CountsWhatCannotBeParsed()
    {
        var replies = new Dictionary<string, string> { ["q1"] = "A", ["q2"] = "B", ["q3"] = "A", ["q4"] = "" };
        var judge = new PairwiseJudge(new FakeChatClient(messages =>
        {
            var wish = replies[Part(messages, "Question")];
            return wish.Length == 0 ? "I cannot say." : $"Verdict: {(Part(messages, "Answer A") == "one" == (wish == "A") ? "A" : "B")}";
        }));
        var verdicts = await judge.CompareAsync(["q1", "q2", "q3", "q4"], ["one", "one", "one", "one"], ["two", "two", "two", "two"]);

        var agreement = JudgeAgreement.Of(verdicts, [Preference.First, Preference.Second, Preference.Second, Preference.First]);

        Assert.Equal((0.5, 1, 0.75), (agreement.Accuracy.Value, agreement.Unparsed, agreement.Consistency));
        Assert.Equal((2 / 3.0 - 4 / 9.0) / (1 - 4 / 9.0), agreement.Kappa, 12); // two of three agree, 4/9 by chance
        Assert.Equal(0.5, agreement.Spearman.Statistic, 12);
    }

    [Fact]
    public void Agreement_OfGrades_IsUndefinedWhereOneSideIsConstant()
    {
        RubricGrade[] grades = [new(3, ""), new(3, ""), new(3, "")];
        var agreement = JudgeAgreement.Of(grades, [3, 3, 3]);

        Assert.Equal((1, true, true), (agreement.Accuracy.Value, double.IsNaN(agreement.Kappa), double.IsNaN(agreement.Spearman.Statistic)));
    }

    [Fact]
    public async Task BadInput_IsRefused()
    {
        var judge = Judge((_, _) => "Verdict: A");

        await Assert.ThrowsAsync<InvalidInputException>(() => judge.CompareAsync(" ", "a", "b"));
        await Assert.ThrowsAsync<InvalidInputException>(() => judge.CompareAsync(["q"], ["a", "b"], ["c"]));
        await Assert.ThrowsAsync<InvalidInputException>(() => judge.CompareAsync([], [], []));
        Assert.Throws<InvalidInputException>(() => JudgeAgreement.Of([new RubricGrade(1, "")], [1, 2]));
        Assert.Throws<InvalidInputException>(() => JudgeAgreement.Of([new RubricGrade(1, "")], [0]));
        Assert.Throws<InvalidInputException>(() => JudgeAgreement.Of(Array.Empty<RubricGrade>(), []));
        Assert.Throws<InvalidInputException>(() => new RubricJudge(new FakeChatClient(_ => ""), new("x", "y", ["only"])));
        Assert.Throws<InvalidInputException>(() => new ReferenceContext());
    }

    [Fact]
    public async Task TextMetrics_AsEvaluator_AreTheLibrarys()
    {
        const string Answer = "The review is in March", Reference = "The review takes place in March";
        var result = await new TextMetricEvaluator().EvaluateAsync("When is the review?", Answer, additionalContext: [new ReferenceContext(Reference, "March")]);
        double Value(string name) => result.Get<NumericMetric>(name).Value!.Value;

        Assert.Equal(new Bleu(new() { EffectiveOrder = true }).Sentence(Answer, [Reference, "March"]).Score, Value(TextMetricEvaluator.Bleu), 12);
        Assert.Equal(AnswerMatch.F1(Answer, [Reference, "March"]), Value(TextMetricEvaluator.F1), 12);
        Assert.Equal(new Rouge(true).L(Reference, Answer).FMeasure, Value(TextMetricEvaluator.RougeL), 12);
        Assert.Equal(0, Value(TextMetricEvaluator.ExactMatch));
        Assert.InRange(Value(TextMetricEvaluator.Meteor), 0.5, 1);
        Assert.All(result.Metrics.Values, metric => Assert.Contains(ReferenceContext.ContextName, metric.Context!.Keys));
    }

    [Fact]
    public async Task TextMetrics_WithoutReferences_AreUndefinedWithAnError()
    {
        var result = await new TextMetricEvaluator().EvaluateAsync("When?", "In March.");

        Assert.All(result.Metrics.Values, metric => Assert.Null(((NumericMetric)metric).Value));
        Assert.True(result.ContainsDiagnostics(one => one.Severity == EvaluationDiagnosticSeverity.Error));
    }

    [Fact]
    public async Task TextMetrics_EmptyResponse_IsZeroWithAWarning()
    {
        var result = await new TextMetricEvaluator().EvaluateAsync("When?", "", additionalContext: [new ReferenceContext("In March.")]);

        Assert.All(result.Metrics.Values, metric => Assert.Equal(0, ((NumericMetric)metric).Value));
        Assert.True(result.ContainsDiagnostics(one => one.Severity == EvaluationDiagnosticSeverity.Warning));
    }

    [Fact]
    public async Task Evaluators_Together_PlugIntoTheTooling()
    {
        var judge = new FakeChatClient(messages => Part(messages, "Reference") == "In March." ? "Right.\nScore: 5" : "Score: none");
        var evaluator = new CompositeEvaluator(new TextMetricEvaluator(), new RubricEvaluator(Rubric.Correctness));
        var result = await evaluator.EvaluateAsync("When?", "In March.", new ChatConfiguration(judge), [new ReferenceContext("In March.")]);
        var grade = result.Get<NumericMetric>("correctness");

        Assert.Equal((5, EvaluationRating.Exceptional, false), (grade.Value, grade.Interpretation!.Rating, grade.Interpretation.Failed));
        Assert.Equal(100, result.Get<NumericMetric>(TextMetricEvaluator.Bleu).Value!.Value, 9);
    }

    [Fact]
    public async Task RubricEvaluator_NoJudgeOrNoScore_IsUndefinedWithAnError()
    {
        var evaluator = new RubricEvaluator(Rubric.Correctness);
        EvaluationResult[] results =
        [
            await evaluator.EvaluateAsync("When?", "In March."),
            await evaluator.EvaluateAsync("When?", "In March.", new ChatConfiguration(new FakeChatClient(_ => "Nice."))),
            await evaluator.EvaluateAsync([], new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")), new ChatConfiguration(new FakeChatClient(_ => "Score: 1"))),
        ];

        Assert.All(results, result =>
        {
            Assert.Null(result.Get<NumericMetric>("correctness").Value);
            Assert.True(result.ContainsDiagnostics(one => one.Severity == EvaluationDiagnosticSeverity.Error));
        });
    }
}
