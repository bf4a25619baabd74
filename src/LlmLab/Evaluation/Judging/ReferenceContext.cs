using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace LlmLab.Evaluation.Judging;

/// <summary>The right answers that a response is compared with, as the context of an <see cref="IEvaluator"/>.</summary>
public sealed class ReferenceContext : EvaluationContext
{
    /// <summary>The context's name in reports.</summary>
    public const string ContextName = "References";

    /// <summary>Carries references to evaluators.</summary>
    /// <param name="references">One right answer or more; an empty text stands for "there is no answer".</param>
    /// <exception cref="InvalidInputException">There are none.</exception>
    public ReferenceContext(params IReadOnlyList<string> references)
        : base(ContextName, references.Select(text => (AIContent)new TextContent(text))) =>
        References = references.Count > 0 ? references : throw new InvalidInputException("An evaluation context was made without references; give at least one.");

    /// <summary>The right answers.</summary>
    public IReadOnlyList<string> References { get; }
}
