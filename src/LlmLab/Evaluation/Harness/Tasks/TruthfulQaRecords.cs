namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>
/// TruthfulQA's two published forms, mc_task.json and TruthfulQA.csv, as records with question, mc1_choices and mc1_right (one true answer),
/// mc2_choices and mc2_truths (several). In the files the true answers come first; here they are shuffled by the question's text, so that a
/// model which finds all answers equal is not credited.
/// </summary>
static class TruthfulQaRecords
{
    public static TaskRecord Read(TaskRecord record) => record.Fields.ContainsKey("mc1_targets") ? FromJson(record) : FromCsv(record);

    static TaskRecord FromJson(TaskRecord record) => Of(record, Text(record, "question"), Targets(record, "mc1_targets"), Targets(record, "mc2_targets"));

    static TaskRecord FromCsv(TaskRecord record)
    {
        static IEnumerable<string> Split(string list) => list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wrong = Split(Text(record, "Incorrect Answers")).Select(answer => (answer, false)).ToArray();
        return Of(record, Text(record, "Question"), [(Text(record, "Best Answer").Trim(), true), .. wrong], [.. Split(Text(record, "Correct Answers")).Select(answer => (answer, true)), .. wrong]);
    }

    // The original maps each answer to 0 or 1; Hugging Face's copy has two lists.
    static (string, bool)[] Targets(TaskRecord record, string name)
    {
        if (record.Fields.GetValueOrDefault(name) is not IReadOnlyDictionary<string, object?> targets) throw Missing(record, name);
        if (targets.GetValueOrDefault("choices") is IReadOnlyList<object?> choices && targets.GetValueOrDefault("labels") is IReadOnlyList<object?> labels && choices.Count == labels.Count)
            return [.. choices.Zip(labels, (choice, label) => (TaskTemplate.TextOf(choice), IsTrue(label)))];
        return [.. targets.Select(target => (target.Key, IsTrue(target.Value)))];
    }

    static TaskRecord Of(TaskRecord record, string question, (string Answer, bool IsTrue)[] one, (string Answer, bool IsTrue)[] several)
    {
        var random = new Random(CompanyRecords.HashOf(question));
        random.Shuffle(one);
        random.Shuffle(several);
        return record with
        {
            Fields = new Dictionary<string, object?>
            {
                ["question"] = question,
                ["mc1_choices"] = one.Select(answer => (object?)answer.Answer).ToArray(),
                ["mc1_right"] = (decimal)Array.FindIndex(one, answer => answer.IsTrue),
                ["mc2_choices"] = several.Select(answer => (object?)answer.Answer).ToArray(),
                ["mc2_truths"] = several.Select(answer => (object?)answer.IsTrue).ToArray(),
            },
        };
    }

    static bool IsTrue(object? value) => value is true or 1m;

    static string Text(TaskRecord record, string name) => record.Fields.GetValueOrDefault(name) as string ?? throw Missing(record, name);

    static InvalidInputException Missing(TaskRecord record, string name) => new($"{record.Place} has no \"{name}\": expected TruthfulQA's mc_task.json or TruthfulQA.csv.");
}
