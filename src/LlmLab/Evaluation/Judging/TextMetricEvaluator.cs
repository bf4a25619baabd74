using LlmLab.Evaluation.Text;
using LlmLab.Text.Lemmatization;
using LlmLab.Text.WordTokenization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace LlmLab.Evaluation.Judging;

/// <summary>
/// The text metrics as an evaluator of Microsoft.Extensions.AI.Evaluation: a response is compared with the references of a
/// <see cref="ReferenceContext"/>. It asks no model. BLEU and chrF are 0 to 100 as sacreBLEU gives them, the others 0 to 1.
/// <code>
/// var result = await new TextMetricEvaluator().EvaluateAsync(messages, response, additionalContext: [new ReferenceContext("In March.")]);
/// var f1 = result.Get&lt;NumericMetric&gt;(TextMetricEvaluator.F1).Value;
/// </code>
/// </summary>
/// <param name="lemmatizer">WordNet for METEOR's synonyms; null: words and stems only.</param>
public sealed class TextMetricEvaluator(WordNetLemmatizer? lemmatizer = null) : IEvaluator
{
    /// <summary>Name of sentence BLEU, 0 to 100.</summary>
    public const string Bleu = "BLEU";
    /// <summary>Name of chrF, 0 to 100.</summary>
    public const string Chrf = "chrF2";
    /// <summary>Name of ROUGE-1's F-measure, 0 to 1.</summary>
    public const string Rouge1 = "ROUGE-1";
    /// <summary>Name of ROUGE-L's F-measure, 0 to 1.</summary>
    public const string RougeL = "ROUGE-L";
    /// <summary>Name of METEOR, 0 to 1.</summary>
    public const string Meteor = "METEOR";
    /// <summary>Name of SQuAD's exact match, 0 or 1.</summary>
    public const string ExactMatch = "Exact match";
    /// <summary>Name of SQuAD's F1, 0 to 1.</summary>
    public const string F1 = "F1";

    static readonly TreebankTokenizer words = TreebankTokenizer.Extended();

    readonly Bleu bleu = new(new() { EffectiveOrder = true });
    readonly Chrf chrf = new();
    readonly Rouge rouge = new(useStemmer: true);
    readonly Meteor meteor = new(lemmatizer);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> EvaluationMetricNames { get; } = [Bleu, Chrf, Rouge1, RougeL, Meteor, ExactMatch, F1];

    /// <summary>
    /// The metrics of one response. Without references every metric is undefined (its value null) and carries an error, as this tooling expects;
    /// an empty response is scored like any other and carries a warning.
    /// </summary>
    public ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages, ChatResponse modelResponse, ChatConfiguration? chatConfiguration = null, IEnumerable<EvaluationContext>? additionalContext = null, CancellationToken cancellationToken = default)
    {
        var context = additionalContext?.OfType<ReferenceContext>().FirstOrDefault();
        var result = new EvaluationResult(EvaluationMetricNames.Select(name => new NumericMetric(name, context is null ? null : Score(name, modelResponse.Text, context.References))));
        if (context is null) result.AddDiagnosticsToAllMetrics(EvaluationDiagnostic.Error($"There are no references to compare with: pass a {nameof(ReferenceContext)} as additional context."));
        else
        {
            result.AddOrUpdateContextInAllMetrics([context]);
            if (string.IsNullOrWhiteSpace(modelResponse.Text)) result.AddDiagnosticsToAllMetrics(EvaluationDiagnostic.Warning("The response is empty."));
        }
        return new(result);
    }

    double Score(string metric, string response, IReadOnlyList<string> references) => metric switch
    {
        Bleu => bleu.Sentence(response, references).Score,
        Chrf => chrf.Sentence(response, references),
        Rouge1 => references.Max(reference => rouge.N(reference, response, 1).FMeasure),
        RougeL => references.Max(reference => rouge.L(reference, response).FMeasure),
        Meteor => meteor.Sentence(words.Tokenize(response), [.. references.Select(words.Tokenize)]),
        ExactMatch => AnswerMatch.Exact(response, references),
        _ => AnswerMatch.F1(response, references),
    };
}
