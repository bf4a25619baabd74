namespace LlmLab.Data.Pipeline;

/// <summary>What a step did with a document.</summary>
public enum Decision
{
    /// <summary>Passed on as it was.</summary>
    Kept,
    /// <summary>Passed on with another text or other metadata.</summary>
    Changed,
    /// <summary>Passed on, with a remark for a person to look at.</summary>
    Flagged,
    /// <summary>Not passed on.</summary>
    Dropped,
}

/// <summary>A piece of a document's text that a step found: personal data, a signature, a broken sequence.</summary>
/// <param name="Type">What it is: "email", "iban", "signature".</param>
/// <param name="Start">First UTF-16 unit, in the text as it entered the step.</param>
/// <param name="Length">UTF-16 units.</param>
public sealed record Finding(string Type, int Start, int Length)
{
    /// <summary>First unit after it.</summary>
    public int End => Start + Length;
}

/// <summary>A step's answer for one document.</summary>
/// <param name="Document">The document to pass on (for dropped ones: as it came).</param>
/// <param name="Decision">What was done.</param>
/// <param name="Reason">Why, in a few words; rules are named by their name in the options.</param>
public readonly record struct StepOutcome(Document Document, Decision Decision, string Reason = "")
{
    /// <summary>Id of the document that the reason is about: the original of a duplicate, the newer version.</summary>
    public string? Related { get; init; }
    /// <summary>The pieces that were found.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Passed on as it was.</summary>
    public static StepOutcome Keep(Document document) => new(document, Decision.Kept);

    /// <summary>Passed on changed.</summary>
    public static StepOutcome Change(Document document, string reason, IReadOnlyList<Finding>? findings = null) => new(document, Decision.Changed, reason) { Findings = findings ?? [] };

    /// <summary>Passed on with a remark.</summary>
    public static StepOutcome Flag(Document document, string reason, IReadOnlyList<Finding>? findings = null) => new(document, Decision.Flagged, reason) { Findings = findings ?? [] };

    /// <summary>Not passed on.</summary>
    public static StepOutcome Drop(Document document, string reason, string? related = null) => new(document, Decision.Dropped, reason) { Related = related };
}
