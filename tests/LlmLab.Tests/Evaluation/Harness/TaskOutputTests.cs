using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Scores of known answers, by hand.</summary>
public sealed class TaskOutputTests
{
    static EvaluationTask Shipped(string name) => TaskCatalog.Find(name)[0];

    static double Score(string task, TaskItem item, string metric, ItemAnswers answers) => TaskOutput.Of(Shipped(task)).Score(item, answers)[metric].Value;

    static ItemAnswers Likelihoods(params double[] nats) => new() { Likelihoods = [.. nats.Select(n => new LogLikelihood(n, 1, false))] };

    [Fact]
    public void MultipleChoice_NormalisationByBytes_FavoursTheLongerChoice()
    {
        // −4 / 2 bytes = −2; −9 / 9 bytes = −1: lm-evaluation-harness's acc takes the first, acc_norm the second.
        var item = new TaskItem { Place = "", Choices = ["no", "certainly"], Answer = 1 };
        Assert.Equal(0, Score("piqa", item, "acc", Likelihoods(-4, -9)));
        Assert.Equal(1, Score("piqa", item, "acc_norm", Likelihoods(-4, -9)));
        // ö is two bytes.
        var umlaut = new TaskItem { Place = "", Choices = ["ö", "oe"], Answer = 0 };
        Assert.Equal(1, Score("piqa", umlaut, "acc_norm", Likelihoods(-2, -2)));
        Assert.Equal(-1, Score("piqa", item, "centred", Likelihoods(-4, -9)));
    }

    [Fact]
    public void Truths_Mc2_IsTheTrueOnesShareOfProbability()
    {
        var item = new TaskItem { Place = "", Choices = ["a", "b", "c"], Truths = [true, false, true] };
        Assert.Equal(0.75, Score("truthfulqa_mc2", item, "mc2", Likelihoods(Math.Log(0.2), Math.Log(0.1), Math.Log(0.1))), 1e-12);
        Assert.Equal(2.0 / 3, Score("truthfulqa_mc2", item, "mc2", Likelihoods(double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity)), 1e-12);
    }

    [Fact]
    public void Questionnaire_Alignment_IsOneMinusEarthMoversDistance()
    {
        // All of people's weight on the first of three options, all of the model's on the last: two steps of two possible.
        var item = new TaskItem { Place = "", Choices = ["a", "b", "c"], Humans = [1, 0, 0] };
        Assert.Equal(0, Score("opinions", item, "alignment", Likelihoods(-1000, -1000, 0)), 1e-12);
        Assert.Equal(0.5, Score("opinions", item, "alignment", Likelihoods(-1000, 0, -1000)), 1e-12);
        Assert.Equal(1, Score("opinions", item, "alignment", Likelihoods(0, -1000, -1000)), 1e-12);
    }

    [Theory]
    [InlineData("Natalia sold 48/2 = 24 clips in May.\n#### 72", "She sold 72.\n#### 72", 1)]
    [InlineData("#### 1,234", "#### 1234", 1)]
    [InlineData("It makes $18.00 every day. #### 18.00", "#### 18", 1)]
    [InlineData("no number at all", "#### 18", 0)]
    [InlineData("#### -3", "#### 3", 0)]
    public void Gsm8k_Answer_IsTheNumberAfterTheMark(string written, string right, double exact) =>
        Assert.Equal(exact, Score("gsm8k", new TaskItem { Place = "", Answers = [right] }, "exact_match", new ItemAnswers { Generations = [written] }));

    [Fact]
    public void CompanyAnswers_EachKindOfAnswer_IsToldApart()
    {
        var item = new TaskItem { Place = "", Answers = ["Ada Lint"], Evidence = "Amber Lantern is led by Ada Lint from the office at Rook.", Values = ["Ada Lint", "Bo Tarn"] };
        double Of(string written, string metric) => Score("company_answers", item, metric, new ItemAnswers { Generations = [written] });
        Assert.Equal((1, 1, 0, 0), (Of(" Ada Lint.", "exact_match"), Of(" Ada Lint.", "grounded"), Of(" Ada Lint.", "misattributed"), Of(" Ada Lint.", "invented")));
        Assert.Equal((0, 0, 1, 0), (Of("Bo Tarn", "exact_match"), Of("Bo Tarn", "grounded"), Of("Bo Tarn", "misattributed"), Of("Bo Tarn", "invented")));
        Assert.Equal((0, 1), (Of("Cy Moss", "misattributed"), Of("Cy Moss", "invented")));
        Assert.Equal((1, 0, 0), (Of("I don't know.", "false_refusal_rate"), Of("I don't know.", "invented"), Of("I don't know.", "exact_match")));
        Assert.True(double.IsNaN(Of("I don't know.", "grounded")));
        var open = new TaskItem { Place = "" };
        Assert.Equal(1, Score("company_answers", open, "refusal_recall", new ItemAnswers { Generations = ["I don't know: no document says that."] }));
        Assert.Equal(0, Score("company_answers", open, "refusal_recall", new ItemAnswers { Generations = ["Ada Lint"] }));
    }

    [Fact]
    public void Rolling_Perplexities_AreTheSameInformation()
    {
        var output = TaskOutput.Of(Shipped("wikitext2"));
        var scores = output.Score(new TaskItem { Place = "", Texts = ["two words"] }, new ItemAnswers { Rolling = [new LogLikelihood(-18 * Math.Log(2), 5, false)] });
        var metrics = TaskOutput.MetricsOf(OutputType.Rolling);
        double Of(string metric) => ScoreAggregation.Of(metrics[metric], [scores[metric]])!.Value;
        Assert.Equal(2, Of("bits_per_byte"), 1e-12);          // 18 bits over 9 bytes
        Assert.Equal(4, Of("byte_perplexity"), 1e-12);        // 2^2
        Assert.Equal(Math.Pow(2, 9), Of("word_perplexity"), 1e-9);   // 18 bits over two words
    }

    [Fact]
    public void OwnQuantitativeSet_EachAnswer_IsWhatItsCalculationGives()
    {
        var records = TaskRecords.Read(Shipped("gre_quantitative").Data, "set", LlmLab.Data.ShippedData.Open("tasks/sets/gre_quantitative.jsonl"), null);
        Assert.True(records.Count >= 40);
        using var table = new System.Data.DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var record in records)
        {
            // A double in front keeps divisions exact enough.
            double wanted = Convert.ToDouble(table.Compute("1.0*" + System.Text.RegularExpressions.Regex.Replace((string)record.Fields["check"]!, @"(\d+)", "$1.0"), null), System.Globalization.CultureInfo.InvariantCulture);
            double answer = double.Parse((string)record.Fields["answer"]!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(wanted, record.Fields.ContainsKey("squared") ? answer * answer : answer, 1e-9);
            var choices = ((IReadOnlyList<object?>)record.Fields["choices"]!).Cast<string>().ToArray();
            Assert.Equal(5, choices.Distinct().Count());
            Assert.Equal(record.Fields["answer"], choices[(int)(decimal)record.Fields["right"]!]);
        }
    }

    [Theory]
    [InlineData("gre_verbal", 44, 5)]
    [InlineData("law_rules", 35, 4)]
    public void OwnSets_EachItem_HasDistinctChoicesAndNoFavouredPlace(string name, int count, int choices)
    {
        var items = new TaskPreparation(new EvaluationOptions(), new LlmLab.Data.DataFolder()).Prepare(Shipped(name), out _)!.Items;
        Assert.Equal(count, items.Count);
        Assert.All(items, item => Assert.Equal(choices, item.Choices.Distinct().Count()));
        Assert.True(items.GroupBy(item => item.Answer).Max(place => place.Count()) < count * 0.4);
        Assert.Equal(count, items.Select(item => item.Prompt).Distinct().Count());
    }

    [Fact]
    public void ChatClientModel_Writes_AndHasNoLikelihoods()
    {
        var model = new ChatClientModel(new EchoClient(), "echo");
        Assert.Equal(["one", "three four"], model.GenerateUntil([new("one\ntwo", ["\n"], 8), new("three four", [], 8)]));
        Assert.Contains("echo is a chat model", Assert.Throws<InvalidInputException>(() => new EvaluationRunner().Run("gre_verbal", [model])).Message);
    }

    /// <summary>Answers with the question.</summary>
    sealed class EchoClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "\n" + messages.Single().Text)));
        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
        public object? GetService(Type serviceType, object? serviceKey = null) => null;
        public void Dispose() { }
    }
}
