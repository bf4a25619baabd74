namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>A question of a task, ready to be asked; which parts it has depends on the task's output.</summary>
public sealed record TaskItem
{
    /// <summary>Where it stands: file and record.</summary>
    public required string Place { get; init; }
    /// <summary>Its subject, or null.</summary>
    public string? Subject { get; init; }
    /// <summary>What stands once before everything.</summary>
    public string Instruction { get; init; } = "";
    /// <summary>The question.</summary>
    public string Prompt { get; init; } = "";
    /// <summary>The continuations to choose from; of partial scoring, the contexts.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
    /// <summary>Index of the right choice.</summary>
    public int Answer { get; init; }
    /// <summary>Which choices are true.</summary>
    public IReadOnlyList<bool> Truths { get; init; } = [];
    /// <summary>People's shares of the choices; they sum to 1.</summary>
    public IReadOnlyList<double> Humans { get; init; } = [];
    /// <summary>What is scored after the prompt, and what a solved example shows.</summary>
    public string Target { get; init; } = "";
    /// <summary>Of a minimal pair the good and the bad sentence, or one text to score whole.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];
    /// <summary>The right answers, in the data's own words; empty where the question has none.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];
    /// <summary>The question alone, or null.</summary>
    public string? Question { get; init; }
    /// <summary>What an answer must stand in to be grounded.</summary>
    public string Evidence { get; init; } = "";
    /// <summary>All values of the same kind in the knowledge graph.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
