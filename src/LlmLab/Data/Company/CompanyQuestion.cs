namespace LlmLab.Data.Company;

/// <summary>A fact that the company's documents state.</summary>
/// <param name="Id">Unique in the company.</param>
/// <param name="Kind">Its kind, such as project.lead.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Answer">Its value.</param>
/// <param name="Project">The project it belongs to.</param>
/// <param name="Sensitivity">Who may see it at all.</param>
/// <param name="Roles">The roles that may read it; empty means everyone.</param>
/// <param name="Split">Which part of the data it belongs to.</param>
public sealed record CompanyFact(string Id, string Kind, string Subject, string Answer, string Project, Sensitivity Sensitivity, IReadOnlyList<string> Roles, CompanySplit Split);

/// <summary>A passage that answers a question: a paragraph of a document.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="Start">First character in the document's text.</param>
/// <param name="Text">The paragraph.</param>
public sealed record CompanyPassage(string DocumentId, int Start, string Text);

/// <summary>A question about a fact.</summary>
/// <param name="Id">Unique in the company.</param>
/// <param name="FactId">The fact; all questions about one fact are paraphrases of each other.</param>
/// <param name="Kind">The fact's kind.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer, as it stands in every passage; null where no document answers.</param>
/// <param name="Passages">Every paragraph that answers, the home document's first; empty where none does.</param>
/// <param name="HeldOut">The phrasing is kept for tests: no training question uses it.</param>
/// <param name="SharedWords">Content words, beside the subject's name, that the question has in common with the first passage's sentence that answers; 0 means a full paraphrase.</param>
/// <param name="Split">Which part of the data it belongs to.</param>
/// <param name="Sensitivity">Who may see the answer at all.</param>
/// <param name="Roles">The roles that may read the answer; empty means everyone.</param>
public sealed record CompanyQuestion(string Id, string FactId, string Kind, string Question, string? Answer, IReadOnlyList<CompanyPassage> Passages, bool HeldOut, int SharedWords, CompanySplit Split, Sensitivity Sensitivity, IReadOnlyList<string> Roles);
