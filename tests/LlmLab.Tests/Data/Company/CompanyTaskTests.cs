using System.Globalization;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Tests.Data.Company;

public sealed class CompanyTaskTests
{
    static readonly Lazy<CompanyPart[]> parts = new(() => [.. CompanyGenerator.Generate(4, 700_000)]);

    static IEnumerable<CompanyInstruction> Tasks(string task) => parts.Value.SelectMany(part => part.Instructions).Where(instruction => instruction.Task == task);

    [Fact]
    public void Dialogues_Answers_StandInTheirPassagesOrRefuse()
    {
        var dialogues = parts.Value.SelectMany(part => part.Dialogues).ToArray();
        Assert.NotEmpty(dialogues);
        foreach (var dialogue in dialogues)
        {
            Assert.Equal("assistant", dialogue.Turns[^1].Role);
            if (!dialogue.AskerRoles.Contains("finance"))
                Assert.All(dialogue.Passages, passage => Assert.DoesNotContain("/restricted/", passage.DocumentId));
        }
        Assert.Contains(dialogues, dialogue => dialogue.Turns.Any(turn => turn.Text.StartsWith("I don't know", StringComparison.Ordinal)));
    }

    [Fact]
    public void Instructions_Sum_IsTheSumOfTheLines() => Assert.All(Tasks("sum"), task =>
    {
        static int Amount(string text) => int.Parse(text.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.Equal(task.Input.Split('\n').Sum(line => Amount(line.Split(": ")[1])), Amount(task.Output));
    });

    [Fact]
    public void Instructions_Json_HoldsAValueOfTheText() => Assert.All(Tasks("json"), task =>
        Assert.Contains(JsonDocument.Parse(task.Output).RootElement.GetProperty("value").GetString()!, task.Input, StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Instructions_Order_KeepsTheLinesAndSortsTheirDates() => Assert.All(Tasks("order"), task =>
    {
        Assert.Equal(task.Input.Split('\n').Order(), task.Output.Split('\n').Order());
        var dates = task.Output.Split('\n').Select(line => DateOnly.Parse(line.Split(": ")[1], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(dates.Order(), dates);
    });

    [Fact]
    public void Instructions_Redact_LeavesNothingPlanted()
    {
        var planted = parts.Value.SelectMany(part => part.Faults).Where(fault => fault.Kind == FaultKind.PersonalData).Select(fault => fault.Value!).ToArray();
        Assert.NotEmpty(Tasks("redact"));
        Assert.All(Tasks("redact"), task =>
        {
            Assert.Contains(planted, value => task.Input.Contains(value, StringComparison.Ordinal));
            Assert.DoesNotContain(planted, value => task.Output.Contains(value, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Tasks_AskedForInAnyOrder_AreTheSame()
    {
        var first = CompanyGenerator.GeneratePart(4, 3);
        var second = CompanyGenerator.GeneratePart(4, 3);
        _ = second.Instructions;
        Assert.Equal(first.Questions.Select(question => question.Question), second.Questions.Select(question => question.Question));
        Assert.Equal(first.Dialogues.SelectMany(dialogue => dialogue.Turns), second.Dialogues.SelectMany(dialogue => dialogue.Turns));
    }
}
