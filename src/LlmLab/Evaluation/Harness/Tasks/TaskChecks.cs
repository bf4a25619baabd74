using LlmLab.Evaluation.Harness.Outputs;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>What a task must have, by what it asks.</summary>
static class TaskChecks
{
    static readonly string[] filterKinds = ["regex", "strip", "lower", "firstLine", "number"];

    public static EvaluationTask Checked(EvaluationTask task, string where)
    {
        void Need(object? value, string field)
        {
            if (value is null) throw new InvalidInputException($"The task file {where} lacks the field \"{field}\", which a task of the output \"{char.ToLowerInvariant(task.Output.ToString()[0])}{task.Output.ToString()[1..]}\" needs.");
        }
        if (task.Name.Length == 0 || task.Name.Any(c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')))
            throw new InvalidInputException($"The task file {where} has the name \"{task.Name}\": use lower-case letters, digits and underscores.");
        if (task.Data.Format != DataFormat.Company && task.Data.File.Length == 0) throw new InvalidInputException($"The task file {where} lacks the field \"data.file\".");
        switch (task.Output)
        {
            case OutputType.MultipleChoice:
                Need(task.Prompt, "prompt");
                Need(task.Choices, "choices");
                Need(task.Answer, "answer");
                break;
            case OutputType.MultipleTrue:
                Need(task.Prompt, "prompt");
                Need(task.Choices, "choices");
                Need(task.Truths, "truths");
                break;
            case OutputType.Questionnaire:
                Need(task.Prompt, "prompt");
                Need(task.Choices, "choices");
                Need(task.Humans, "humans");
                break;
            case OutputType.PartialScoring:
                Need(task.Prompts, "prompts");
                Need(task.Target, "target");
                Need(task.Answer, "answer");
                break;
            case OutputType.MinimalPair:
                Need(task.Good, "good");
                Need(task.Bad, "bad");
                break;
            case OutputType.Cloze:
                Need(task.Prompt, "prompt");
                Need(task.Target, "target");
                break;
            case OutputType.Rolling:
                Need(task.Text, "text");
                break;
            default:
                Need(task.Prompt, "prompt");
                Need(task.Answers, "answers");
                break;
        }
        foreach (var filter in task.Filters)
            if (!filterKinds.Contains(filter.Kind))
                throw new InvalidInputException($"The task file {where} has a filter \"{filter.Kind}\": known are {string.Join(", ", filterKinds)}.");
        if (task.MaxTokens < 1) throw new InvalidInputException($"The task file {where} has maxTokens {task.MaxTokens}: at least 1 is needed.");
        if (task.FewShot.Count < 0) throw new InvalidInputException($"The task file {where} has fewShot.count {task.FewShot.Count}: at least 0 is needed.");
        if (task.Metrics.Count == 0) throw new InvalidInputException($"The task file {where} names no metric.");
        var known = TaskOutput.MetricsOf(task.Output);
        foreach (string metric in task.Metrics)
            if (!known.ContainsKey(metric))
                throw new InvalidInputException($"The task file {where} names the metric \"{metric}\": a task of this output has {string.Join(", ", known.Keys)}.");
        return task;
    }
}
