using System.Text.Json;
using LlmLab.Data;

namespace LlmLab.Objectives;

/// <summary>Something wrong in an objective.</summary>
/// <param name="Path">The JSON path of the place: <c>$.targets[0].bound</c>.</param>
/// <param name="Message">One sentence: what was found, what is expected.</param>
public sealed record ObjectiveFault(string Path, string Message)
{
    /// <summary>The sentence, with its place.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>
/// Reads an objective from JSON and collects every fault, so that a person who writes one by hand mends it in one go. A plain walk over
/// the elements: a serializer would stop at the first fault and speak of .NET types.
/// </summary>
sealed class ObjectiveReader
{
    public List<ObjectiveFault> Faults { get; } = [];

    public Objective? Read(JsonElement root)
    {
        var objective = Object(root, "$", ["name", "purpose", "task", "endUsers", "problemsSolved", "exampleQuestions", "outOfBounds", "domainRules", "dataSources", "languages", "targets", "budgets", "choice"], o => new Objective
        {
            Name = o.Text("name"),
            Purpose = o.Text("purpose"),
            Task = o.Choice<ObjectiveTask>("task"),
            EndUsers = o.List("endUsers", 1, EndUser),
            ProblemsSolved = o.Texts("problemsSolved", 1),
            ExampleQuestions = o.List("exampleQuestions", 1, Question),
            OutOfBounds = o.Texts("outOfBounds", 0),
            DomainRules = o.List("domainRules", 0, Rule),
            DataSources = o.List("dataSources", 1, Source),
            Languages = o.Texts("languages", 1),
            Targets = o.List("targets", 1, Target),
            Budgets = o.Child("budgets", Budgets),
            Choice = o.Has("choice") ? o.Child("choice", Choice) : null,
        });
        if (Faults.Count == 0)
            Check(objective!);
        return Faults.Count == 0 ? objective : null;
    }

    /// <summary>What only the whole can tell.</summary>
    void Check(Objective objective)
    {
        for (var i = 0; i < objective.Languages.Count; i++)
            if (objective.Languages[i] is not { Length: 2 } code || !code.All(char.IsAsciiLetterLower))
                Fault($"$.languages[{i}]", $"expected an ISO 639-1 code of two lower-case letters such as \"en\", found \"{objective.Languages[i]}\"");
        Unique("$.dataSources", "name", [.. objective.DataSources.Select(source => source.Name)]);
        Unique("$.targets", "metric", [.. objective.Targets.Select(target => target.Metric)]);
        if (objective.Budgets.Currency is not { Length: 3 } currency || !currency.All(char.IsAsciiLetterUpper))
            Fault("$.budgets.currency", $"expected an ISO 4217 code of three capitals such as \"EUR\", found \"{objective.Budgets.Currency}\"");
        if (!objective.DataSources.Any(source => source.Permission.Training || source.Permission.Retrieval))
            Fault("$.dataSources", "no source permits training or retrieval, so nothing could be built: at least one permission must allow one of them");
        if (objective.Choice is { } choice)
            CheckChoice(objective, choice);
    }

    void CheckChoice(Objective objective, ApproachChoice choice)
    {
        if (choice.Approaches is [Approach.Retrieval])
            Fault("$.choice.approaches", "retrieval alone writes no answers: add ownModel, fineTuning or hostedModel beside it");
        if (choice.Approaches.Distinct().Count() != choice.Approaches.Count)
            Fault("$.choice.approaches", "an approach is named twice");
        if (choice.Approaches.Contains(Approach.HostedModel) && !objective.Budgets.NetworkAtRun)
            Fault("$.choice.approaches", "a hosted model needs a network, and $.budgets.networkAtRun is false");
    }

    void Unique(string path, string property, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
            if (values.Take(i).Contains(values[i], StringComparer.OrdinalIgnoreCase))
                Fault($"{path}[{i}].{property}", $"\"{values[i]}\" is used twice; each must be unique");
    }

    EndUser EndUser(JsonElement e, string path) => Object(e, path, ["who", "count", "roles", "questionsPerDay"],
        o => new EndUser(o.Text("who"), (int)o.Number("count", 1, int.MaxValue), o.Texts("roles", 0), o.Number("questionsPerDay", 0, 1e9)))!;

    ExampleQuestion Question(JsonElement e, string path) => Object(e, path, ["question", "answer"],
        o => new ExampleQuestion(o.Text("question"), o.Has("answer") ? o.Text("answer") : null))!;

    DomainRule Rule(JsonElement e, string path) => Object(e, path, ["kind", "rule", "appliesTo"],
        o => new DomainRule(o.Choice<RuleKind>("kind"), o.Text("rule"), o.Choices<RuleStage>("appliesTo")))!;

    DataSource Source(JsonElement e, string path) => Object(e, path, ["name", "what", "location", "kind", "sensitivity", "licence", "bytes", "changedPerMonth", "permission"],
        o => new DataSource(o.Text("name"), o.Text("what"), o.Text("location"), o.Choice<DocumentKind>("kind"), o.Choice<Sensitivity>("sensitivity"),
            o.Text("licence"), (long)o.Number("bytes", 0, 1e15), o.Number("changedPerMonth", 0, 1), o.Child("permission", Permission)))!;

    Permission Permission(JsonElement e, string path) => Object(e, path, ["basis", "grantedBy", "training", "retrieval", "thirdParty"],
        o => new Permission(o.Text("basis"), o.Text("grantedBy"), o.Truth("training"), o.Truth("retrieval"), o.Truth("thirdParty")))!;

    Target Target(JsonElement e, string path) => Object(e, path, ["metric", "comparison", "bound", "leastN"],
        o => new Target(o.Text("metric"), o.Choice<Comparison>("comparison"), o.Number("bound", -1e12, 1e12), (int)o.Number("leastN", 1, 1e9)))!;

    Budgets Budgets(JsonElement e, string path) => Object(e, path, ["trainingHours", "money", "currency", "memoryGiB", "p95ResponseSeconds", "networkAtRun"],
        o => new Budgets(o.Number("trainingHours", 0, 1e6), o.Number("money", 0, 1e12), o.Text("currency"), o.Number("memoryGiB", 0.1, 1e6),
            o.Number("p95ResponseSeconds", 0.001, 1e6), o.Truth("networkAtRun")))!;

    ApproachChoice Choice(JsonElement e, string path) => Object(e, path, ["approaches", "reasons"],
        o => new ApproachChoice(o.Choices<Approach>("approaches"), o.Texts("reasons", 1)))!;

    void Fault(string path, string message) => Faults.Add(new ObjectiveFault(path, message + "."));

    T? Object<T>(JsonElement element, string path, string[] known, Func<JsonFields, T> read) where T : class
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault(path, $"expected an object with {string.Join(", ", known)}, found {JsonFields.Describe(element)}");
            return null;
        }
        foreach (var property in element.EnumerateObject())
            if (!known.Contains(property.Name))
                Fault($"{path}.{property.Name}", $"unknown field; known here are {string.Join(", ", known)}");
        return read(new JsonFields(element, path, Fault));
    }
}
