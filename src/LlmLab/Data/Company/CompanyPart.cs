using System.Text;

namespace LlmLab.Data.Company;

/// <summary>What is generated for one project. Questions, dialogues and instructions are made at first use: who wants text alone does not wait for them.</summary>
public sealed class CompanyPart
{
    readonly Lazy<IReadOnlyList<CompanyQuestion>> questions;
    readonly Lazy<IReadOnlyList<CompanyDialogue>> dialogues;
    readonly Lazy<IReadOnlyList<CompanyInstruction>> instructions;

    internal CompanyPart(Project project, IReadOnlyList<Draft> drafts, IReadOnlyList<Document> documents, IReadOnlyList<KnownFault> faults)
    {
        Number = project.Number;
        Project = project.Name;
        Split = project.Split;
        Documents = documents;
        Faults = faults;
        Facts = [.. project.Facts.Select(fact => new CompanyFact(fact.Id, fact.Kind.Name, fact.Subject, fact.Answer, project.Name, fact.Kind.Sensitivity, fact.Kind.Roles, project.Split))];
        Bytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text));
        // Each speaks with a voice of its own, so that what is asked for first changes nothing.
        Speaker Voice(ulong purpose) => new(project.Language.Grammar, project.Domain, project.Seed + (purpose << 32), (ulong)project.Number);
        questions = new(() => new QuestionWriter(project, Voice(1)).Write(drafts, documents));
        dialogues = new(() => new DialogueWriter(project, Voice(2)).Write(Questions, documents));
        instructions = new(() => new InstructionWriter(project, Voice(3)).Write(drafts, documents, faults));
    }

    /// <summary>The project's number, from 0.</summary>
    public int Number { get; }
    /// <summary>The project's name.</summary>
    public string Project { get; }
    /// <summary>Which part of the data it belongs to: all of it goes the same way.</summary>
    public CompanySplit Split { get; }
    /// <summary>Its documents, the faulty ones among them.</summary>
    public IReadOnlyList<Document> Documents { get; }
    /// <summary>Faults planted in them.</summary>
    public IReadOnlyList<KnownFault> Faults { get; }
    /// <summary>What its documents state.</summary>
    public IReadOnlyList<CompanyFact> Facts { get; }
    /// <summary>UTF-8 bytes of the documents' texts.</summary>
    public long Bytes { get; }
    /// <summary>Questions, answerable or not.</summary>
    public IReadOnlyList<CompanyQuestion> Questions => questions.Value;
    /// <summary>Conversations about its facts.</summary>
    public IReadOnlyList<CompanyDialogue> Dialogues => dialogues.Value;
    /// <summary>Small tasks on its documents.</summary>
    public IReadOnlyList<CompanyInstruction> Instructions => instructions.Value;
}
