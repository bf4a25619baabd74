using System.Text;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Text;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>How well whole texts are predicted, by word and by byte, which do not depend on the tokenizer (lm-evaluation-harness's definitions).</summary>
sealed class RollingOutput(EvaluationTask task) : TaskOutput(task)
{
    public static readonly Metric[] Known =
    [
        new("word_perplexity", "e^(nats / words), words being separated by white space", false, Aggregation.ExponentialRatio),
        new("byte_perplexity", "e^(nats / UTF-8 bytes)", false, Aggregation.ExponentialRatio),
        new("bits_per_byte", "nats / ln 2 / UTF-8 bytes", false, Aggregation.BitsRatio),
    ];

    public override ItemRequests Requests(TaskItem item, string before) => new() { Rolling = item.Texts };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers)
    {
        double nats = -answers.Rolling[0].Nats, bytes = Encoding.UTF8.GetByteCount(item.Texts[0]);
        return new Dictionary<string, ItemScore>
        {
            ["word_perplexity"] = new(nats, Math.Max(1, Whitespace.Split(item.Texts[0]).Count)),
            ["byte_perplexity"] = new(nats, bytes),
            ["bits_per_byte"] = new(nats, bytes),
        };
    }

    // 256 equally likely bytes.
    public override IReadOnlyDictionary<string, ItemScore> Chance(TaskItem item)
    {
        double bytes = Encoding.UTF8.GetByteCount(item.Texts[0]), nats = bytes * Math.Log(256);
        return new Dictionary<string, ItemScore> { ["byte_perplexity"] = new(nats, bytes), ["bits_per_byte"] = new(nats, bytes) };
    }
}
