using System.Text.Json;
using LlmLab.Evaluation.Harness.Outputs;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>What a task must have, by what it asks.</summary>
static class TaskChecks
{
    static readonly string[] filterKinds = ["regex", "strip", "lower", "firstLine", "number"];

    public static EvaluationTask Checked(EvaluationTask task, string where)
    {
        if (task.Name.Length == 0 || task.Name.Any(c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')))
            throw new InvalidInputException($"The task file {where} has the name \"{task.Name}\": use lower-case letters, digits and underscores.");
        if (task.Data.Format != DataFormat.Company && task.Data.File.Length == 0) throw new InvalidInputException($"The task file {where} lacks the field \"data.file\".");
        if (FieldsOf(task).FirstOrDefault(field => field.Value is null).Name is { } missing)
            throw new InvalidInputException($"The task file {where} lacks the field \"{missing}\", which a task of the output \"{JsonNamingPolicy.CamelCase.ConvertName(task.Output.ToString())}\" needs.");
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

    static (string Name, object? Value)[] FieldsOf(EvaluationTask task) => task.Output switch
    {
        OutputType.MultipleChoice => [("prompt", task.Prompt), ("choices", task.Choices), ("answer", task.Answer)],
        OutputType.MultipleTrue => [("prompt", task.Prompt), ("choices", task.Choices), ("truths", task.Truths)],
        OutputType.Questionnaire => [("prompt", task.Prompt), ("choices", task.Choices), ("humans", task.Humans)],
        OutputType.PartialScoring => [("prompts", task.Prompts), ("target", task.Target), ("answer", task.Answer)],
        OutputType.MinimalPair => [("good", task.Good), ("bad", task.Bad)],
        OutputType.Cloze => [("prompt", task.Prompt), ("target", task.Target)],
        OutputType.Rolling => [("text", task.Text)],
        _ => [("prompt", task.Prompt), ("answers", task.Answers)],
    };
}
