using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace LlmLab.Evaluation.Judging;

/// <summary>
/// <see cref="RubricJudge"/> as an evaluator of Microsoft.Extensions.AI.Evaluation. The judge is the chat client of the configuration; the question
/// is the last message of the user; references come from a <see cref="ReferenceContext"/>, if there is one.
/// </summary>
/// <param name="rubric">What to grade; its name is the metric's.</param>
public sealed class RubricEvaluator(Rubric rubric) : IEvaluator
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> EvaluationMetricNames { get; } = [rubric.Name];

    /// <summary>
    /// The grade of one response. Undefined (null) with an error where there is no judge, no question, or the judge's reply has no score.
    /// </summary>
    public async ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages, ChatResponse modelResponse, ChatConfiguration? chatConfiguration = null, IEnumerable<EvaluationContext>? additionalContext = null, CancellationToken cancellationToken = default)
    {
        var metric = new NumericMetric(rubric.Name);
        var result = new EvaluationResult(metric);
        if (chatConfiguration is null)
        {
            metric.AddDiagnostics(EvaluationDiagnostic.Error("There is no judge: pass a ChatConfiguration with the chat client that grades."));
            return result;
        }
        if (messages.LastOrDefault(message => message.Role == ChatRole.User)?.Text is not { Length: > 0 } question)
        {
            metric.AddDiagnostics(EvaluationDiagnostic.Error("There is no message of the user that the response answers."));
            return result;
        }
        var context = additionalContext?.OfType<ReferenceContext>().FirstOrDefault();
        using var operation = Operation.Enter(cancellationToken);
        var grade = await new RubricJudge(chatConfiguration.ChatClient, rubric).GradeAsync(question, modelResponse.Text, context is null ? null : string.Join("\n", context.References)).ConfigureAwait(false);
        (metric.Value, metric.Reason) = (grade.Score, grade.Reason);
        if (context is not null) metric.AddOrUpdateContext(context);
        if (grade.Score is not { } score)
            metric.AddDiagnostics(EvaluationDiagnostic.Error("The judge's reply has no score."));
        else
            metric.Interpretation = Interpret((score - 1.0) / (rubric.Grades.Count - 1), rubric.Grades[score - 1]);
        return result;
    }

    // The scale's lower half fails, as in the evaluators that come with the package.
    static EvaluationMetricInterpretation Interpret(double share, string meaning) => new(
        share switch { >= 1 => EvaluationRating.Exceptional, >= 0.75 => EvaluationRating.Good, >= 0.5 => EvaluationRating.Average, >= 0.25 => EvaluationRating.Poor, _ => EvaluationRating.Unacceptable },
        failed: share <= 0.5, meaning);
}
