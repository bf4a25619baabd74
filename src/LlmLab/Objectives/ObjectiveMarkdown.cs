using System.Globalization;
using System.Text;

namespace LlmLab.Objectives;

/// <summary>Renders an objective as a page that a person signs.</summary>
public static class ObjectiveMarkdown
{
    /// <summary>The objective, each field beside the decision that it drives, and the recommendation computed from it.</summary>
    public static string ToMarkdown(this Objective objective)
    {
        var page = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        page.Append(culture, $"# Objective: {objective.Name}\n\n{objective.Purpose}\n\nTask: {Names.Of(objective.Task)}. Languages: {string.Join(", ", objective.Languages)}.\n");
        Section(page, "Problems solved", objective.ProblemsSolved);
        page.Append("\n## End users\n\n| who | about how many | roles | requests a day |\n| --- | ---: | --- | ---: |\n");
        foreach (var user in objective.EndUsers)
            page.Append(culture, $"| {Cell(user.Who)} | {user.Count} | {Cell(string.Join(", ", user.Roles))} | {user.QuestionsPerDay} |\n");
        page.Append("\n## Example questions\n\nThey seed the evaluation set.\n\n| question | a good answer |\n| --- | --- |\n");
        foreach (var example in objective.ExampleQuestions)
            page.Append(culture, $"| {Cell(example.Question)} | {Cell(example.Answer ?? "*(refuse)*")} |\n");
        Section(page, "Out of bounds", objective.OutOfBounds);
        Section(page, "Domain rules", [.. objective.DomainRules.Select(rule =>
            $"**{rule.Kind}** ({string.Join(", ", rule.AppliesTo).ToLowerInvariant()}): {rule.Rule}")]);
        page.Append("\n## Data sources\n\nOnly what is permitted goes into each step.\n\n| source | what | size | changes a month | sensitivity | licence | training | retrieval | third party |\n| --- | --- | ---: | ---: | --- | --- | --- | --- | --- |\n");
        foreach (var source in objective.DataSources)
            page.Append(culture, $"| {Cell(source.Name)} | {Cell(source.What)} | {Format.Bytes(source.Bytes)} | {100 * source.ChangedPerMonth:0.#} % | {source.Sensitivity.ToString().ToLowerInvariant()} | {Cell(source.Licence)} | {Yes(source.Permission.Training)} | {Yes(source.Permission.Retrieval)} | {Yes(source.Permission.ThirdParty)} |\n");
        page.Append("\n## Targets\n\n| metric | bound | least n | 95 % interval at the bound |\n| --- | ---: | ---: | ---: |\n");
        foreach (var target in objective.Targets)
            page.Append(culture, $"| {Cell(target.Metric)} | {(target.Comparison == Comparison.AtLeast ? "≥" : "≤")} {target.Bound} | {target.LeastN} | {(target.HalfWidth is { } half ? "± " + half.ToString("0.000", culture) : "")} |\n");
        var budgets = objective.Budgets;
        page.Append(culture, $"\n## Budgets\n\nTraining {budgets.TrainingHours} h, money {budgets.Money} {budgets.Currency}, memory {budgets.MemoryGiB} GiB, 95 of 100 answers within {budgets.P95ResponseSeconds} s, network at run: {Yes(budgets.NetworkAtRun)}.\n");
        if (objective.Choice is { } choice)
        {
            page.Append(culture, $"\n## Choice: {string.Join(" with ", choice.Approaches.Select(a => Names.Of(a).ToLowerInvariant()))}\n\n");
            foreach (var reason in choice.Reasons)
                page.Append(culture, $"- {reason}\n");
        }
        page.Append("\n## What the fields recommend\n\n| approach | possible | points | why |\n| --- | --- | ---: | --- |\n");
        foreach (var assessment in Recommendation.For(objective).Assessments)
            page.Append(culture, $"| {Names.Of(assessment.Approach)} | {Yes(assessment.Possible)} | {assessment.Score:0.0} | {Cell(string.Join(" ", assessment.Reasons.Select(reason => reason.Sentence)))} |\n");
        return page.ToString();
    }

    static void Section(StringBuilder page, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        foreach (var line in lines)
            page.Append(CultureInfo.InvariantCulture, $"- {line}\n");
    }

    static string Yes(bool value) => value ? "yes" : "no";

    static string Cell(string text) => text.Replace("|", "\\|").ReplaceLineEndings(" ");
}
