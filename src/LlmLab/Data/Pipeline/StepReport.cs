namespace LlmLab.Data.Pipeline;

/// <summary>One thing that a step did, to look at.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="Decision">What was done.</param>
/// <param name="Reason">Why.</param>
/// <param name="Before">The place in the text before; personal data is masked.</param>
/// <param name="After">The same place after, or empty.</param>
public sealed record StepExample(string DocumentId, Decision Decision, string Reason, string Before, string After);

/// <summary>What a step did in a run, and how well where that is known.</summary>
public sealed record StepReport
{
    /// <summary>The step's name.</summary>
    public required string Name { get; init; }
    /// <summary>Its options as JSON.</summary>
    public required string Options { get; init; }
    /// <summary>Documents that reached it.</summary>
    public long DocumentsIn { get; init; }
    /// <summary>Documents that it passed on.</summary>
    public long DocumentsOut { get; init; }
    /// <summary>Documents passed on with another text or other metadata.</summary>
    public long Changed { get; init; }
    /// <summary>Documents passed on with a remark.</summary>
    public long Flagged { get; init; }
    /// <summary>UTF-8 bytes of text that reached it.</summary>
    public long BytesIn { get; init; }
    /// <summary>UTF-8 bytes that it passed on.</summary>
    public long BytesOut { get; init; }
    /// <summary>Seconds of processor time, over all threads.</summary>
    public double Seconds { get; init; }
    /// <summary>How often each reason was given, the most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Reasons { get; init; } = [];
    /// <summary>The first examples.</summary>
    public IReadOnlyList<StepExample> Examples { get; init; } = [];
    /// <summary>What else there is to know, such as the accuracy of a classifier that it trained.</summary>
    public string? Remark { get; init; }
    /// <summary>How well it found the known faults, or null where none are known.</summary>
    public FaultScore? Score { get; init; }

    /// <summary>Documents that it did not pass on.</summary>
    public long Dropped => DocumentsIn - DocumentsOut;
}

/// <summary>How well something found known faults.</summary>
/// <param name="Name">A step's name, or a fault kind and its detail.</param>
/// <param name="Expected">Known faults that were there to be found.</param>
/// <param name="Found">Those of them that were found.</param>
/// <param name="Predicted">Findings.</param>
/// <param name="Correct">Those of them that are known faults.</param>
public sealed record FaultScore(string Name, long Expected, long Found, long Predicted, long Correct)
{
    /// <summary>Found / Expected; NaN where nothing was there to be found.</summary>
    public double Recall => Expected == 0 ? double.NaN : (double)Found / Expected;
    /// <summary>Correct / Predicted; NaN where nothing was found.</summary>
    public double Precision => Predicted == 0 ? double.NaN : (double)Correct / Predicted;
}
