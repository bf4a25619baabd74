namespace LlmLab.Data.Company;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Text">What is said.</param>
public sealed record CompanyTurn(string Role, string Text);

/// <summary>A conversation with an assistant that answers from the company's documents.</summary>
/// <param name="Id">Unique in the company.</param>
/// <param name="Split">Which part of the data it belongs to.</param>
/// <param name="AskerRoles">Roles of the person who asks; they decide what may be shown.</param>
/// <param name="Turns">The turns.</param>
/// <param name="Passages">The passages that the answers rest on.</param>
public sealed record CompanyDialogue(string Id, CompanySplit Split, IReadOnlyList<string> AskerRoles, IReadOnlyList<CompanyTurn> Turns, IReadOnlyList<CompanyPassage> Passages);

/// <summary>A small task with its solution, computed from the knowledge graph.</summary>
/// <param name="Id">Unique in the company.</param>
/// <param name="Split">Which part of the data it belongs to.</param>
/// <param name="Task">The sort of task: statement, subject, kind, json, order, sum, actions, redact.</param>
/// <param name="Instruction">What to do.</param>
/// <param name="Input">What to do it on.</param>
/// <param name="Output">The solution.</param>
public sealed record CompanyInstruction(string Id, CompanySplit Split, string Task, string Instruction, string Input, string Output);
