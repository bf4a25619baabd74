using System.Globalization;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>Makes questions of records by a task's templates, and checks them.</summary>
sealed class ItemReader
{
    readonly EvaluationTask task;
    readonly TaskTemplate? instruction, prompt, target, good, bad, text, evidence, question, choiceList, answer, truths, humans, prompts, answers, values;
    readonly TaskTemplate[] choiceTemplates;

    public ItemReader(EvaluationTask task)
    {
        this.task = task;
        TaskTemplate? Text(string? source, string field) => source is null ? null : TaskTemplate.Text(source, $"Task {task.Name}, {field}");
        TaskTemplate? Expression(string? source, string field) => source is null ? null : TaskTemplate.Expression(source, $"Task {task.Name}, {field}");
        (instruction, prompt, target) = (Text(task.Instruction, "instruction"), Text(task.Prompt, "prompt"), Text(task.Target, "target"));
        (good, bad, text) = (Text(task.Good, "good"), Text(task.Bad, "bad"), Text(task.Text, "text"));
        (evidence, question) = (Text(task.Evidence, "evidence"), Text(task.Question, "question"));
        (choiceList, answer, truths) = (Expression(task.Choices?.Expression, "choices"), Expression(task.Answer, "answer"), Expression(task.Truths, "truths"));
        (humans, prompts, answers, values) = (Expression(task.Humans, "humans"), Expression(task.Prompts, "prompts"), Expression(task.Answers, "answers"), Expression(task.Values, "values"));
        choiceTemplates = [.. (task.Choices?.Templates ?? []).Select(choice => Text(choice, "choices")!)];
    }

    /// <summary>The question of a record.</summary>
    /// <exception cref="InvalidInputException">A field is missing, or the answer is none of the choices.</exception>
    public TaskItem Read(TaskRecord record)
    {
        string[] choices = choiceList is not null ? Texts(choiceList, record) : prompts is not null ? Texts(prompts, record) : [.. choiceTemplates.Select(choice => choice.Render(record))];
        var item = new TaskItem
        {
            Place = record.Place,
            Subject = record.Subject,
            Instruction = instruction?.Render(record) ?? "",
            Prompt = prompt?.Render(record) ?? "",
            Choices = choices,
            Target = target?.Render(record) ?? "",
            Texts = good is not null ? [good.Render(record), bad!.Render(record)] : text is not null ? [text.Render(record)] : [],
            Answers = answers is null ? [] : Texts(answers, record),
            Evidence = evidence?.Render(record) ?? "",
            Question = question?.Render(record),
            Values = values is null ? [] : Texts(values, record),
        };
        return task.Output switch
        {
            OutputType.MultipleChoice => WithAnswer(item, record) is var chosen ? chosen with { Target = chosen.Choices[chosen.Answer] } : item,
            OutputType.PartialScoring => WithAnswer(item, record),
            OutputType.MultipleTrue => item with { Truths = [.. Same(item, truths!.List(record), "truths").Select(IsTrue)] },
            OutputType.Questionnaire => item with { Humans = Shares(item, [.. Same(item, humans!.List(record), "humans").Select(Number)]) },
            OutputType.Generation when target is null => item with { Target = item.Answers.FirstOrDefault() ?? "" },
            OutputType.Cloze when item.Target.Length == 0 => throw Fault(item, "has nothing to be scored: its target is empty"),
            OutputType.Rolling when item.Texts[0].Length == 0 => throw Fault(item, "holds no text"),
            _ => item,
        };
    }

    TaskItem WithAnswer(TaskItem item, TaskRecord record)
    {
        if (item.Choices.Count < 2) throw Fault(item, $"has {item.Choices.Count} choice(s); at least two are needed");
        if (item.Choices.Any(choice => choice.Length == 0)) throw Fault(item, "has an empty choice");
        object? value = answer!.Value(record);
        string said = TaskTemplate.TextOf(value).Trim();
        int index = task.Labels is { } labels ? labels.ToList().IndexOf(said) : -1;
        if (index < 0 && value is bool truth) index = truth ? 1 : 0;
        if (index < 0 && int.TryParse(said, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)) index = number - task.FirstNumber;
        else if (index < 0) index = item.Choices.ToList().IndexOf(said);
        return index >= 0 && index < item.Choices.Count
            ? item with { Answer = index }
            : throw Fault(item, $"has the answer \"{said}\", which is none of its {item.Choices.Count} choices{(task.Labels is null ? $" (numbered from {task.FirstNumber})" : "")}");
    }

    IReadOnlyList<object?> Same(TaskItem item, IReadOnlyList<object?> list, string field) => item.Choices.Count == list.Count && list.Count > 0
        ? list
        : throw Fault(item, $"has {item.Choices.Count} choices but {list.Count} {field}");

    double[] Shares(TaskItem item, double[] counts)
    {
        double sum = counts.Sum();
        return counts.All(count => count >= 0) && sum > 0 ? [.. counts.Select(count => count / sum)] : throw Fault(item, "has people's shares that are negative or sum to nothing");
    }

    InvalidInputException Fault(TaskItem item, string what) => new($"Task {task.Name}: {item.Place} {what}.");

    static string[] Texts(TaskTemplate expression, TaskRecord record) => [.. expression.List(record).Select(TaskTemplate.TextOf)];

    static bool IsTrue(object? value) => value is true || TaskTemplate.TextOf(value).Trim().ToLowerInvariant() is "1" or "true";

    double Number(object? value) => double.TryParse(TaskTemplate.TextOf(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? number
        : throw new InvalidInputException($"Task {task.Name}: \"{TaskTemplate.TextOf(value)}\" is no number.");
}
