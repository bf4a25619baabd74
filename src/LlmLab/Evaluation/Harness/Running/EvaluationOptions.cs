namespace LlmLab.Evaluation.Harness.Running;

/// <summary>How much of each task is asked, and with what before it.</summary>
public sealed record EvaluationOptions
{
    /// <summary>At most so many items of a task (of a subject, where its files are by subject), drawn by the seed; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Limits of tasks that have one of their own, by name.</summary>
    public IReadOnlyDictionary<string, int> TaskLimits { get; init; } = new Dictionary<string, int>();

    /// <summary>Solved examples before each question; null: as many as the task says.</summary>
    public int? FewShot { get; init; }

    /// <summary>Seed of the items and the examples that are drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Projects of the example company that its tasks are made of; a tenth of them is validation, a fifth test.</summary>
    public int CompanyProjects { get; init; } = 40;

    /// <summary>Seed of the example company.</summary>
    public ulong CompanySeed { get; init; } = 1;

    /// <summary>Keep answers under the model's fingerprint, and use kept ones.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>Where they are kept; null: <c>evaluation/</c> in the user's cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Returns the options if all lie in their ranges.</summary>
    /// <exception cref="InvalidInputException">One does not.</exception>
    public EvaluationOptions Checked()
    {
        if (Limit < 1) throw new InvalidInputException($"The limit must be at least 1 item a task, found {Limit}.");
        foreach (var (task, limit) in TaskLimits)
            if (limit < 1) throw new InvalidInputException($"The limit of {task} must be at least 1 item, found {limit}.");
        if (FewShot < 0) throw new InvalidInputException($"The number of solved examples must be at least 0, found {FewShot}.");
        if (CompanyProjects < 1) throw new InvalidInputException($"The example company needs at least 1 project, found {CompanyProjects}.");
        return this;
    }
}
