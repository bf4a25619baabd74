namespace LlmLab.Data;

/// <summary>What is wrong with a document: one member for each sort of fault that a pipeline step is there to find.</summary>
public enum FaultKind
{
    /// <summary>The text is another document's, character for character (case and white space aside).</summary>
    ExactDuplicate,
    /// <summary>The text is another document's with small edits.</summary>
    NearDuplicate,
    /// <summary>A newer document replaces it, or its time has passed.</summary>
    Outdated,
    /// <summary>It holds a piece of personal data or a secret: one fault a piece, the piece in <see cref="KnownFault.Value"/>.</summary>
    PersonalData,
    /// <summary>Its characters are broken (mojibake, replacement characters, unusual forms).</summary>
    BrokenEncoding,
    /// <summary>It carries a signature, quoted reply, banner or disclaimer: one fault a piece, the piece in <see cref="KnownFault.Value"/>.</summary>
    Boilerplate,
    /// <summary>It may not be used: its licence or copyright notice forbids that.</summary>
    Licence,
    /// <summary>It is not worth learning from: too short, repeated, symbols, placeholder text.</summary>
    LowQuality,
    /// <summary>It is in a language that was not asked for.</summary>
    ForeignLanguage,
    /// <summary>It insults or threatens.</summary>
    Toxic,
    /// <summary>It holds text of an evaluation set.</summary>
    Contamination,
}

/// <summary>
/// One fault that is known to be in a corpus, because a generator planted it or a person marked it. The pipeline never sees these
/// while it works; afterwards each step's precision and recall are computed from them.
/// </summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="DocumentId">The faulty document.</param>
/// <param name="Value">The exact piece of text for faults inside a document, or null where the whole document is meant.</param>
/// <param name="Related">Id of the original (duplicates) or of the newer document (outdated), or null.</param>
/// <param name="Detail">A finer name: "phone", "iban", "person", "secret" for personal data; "signature", "quote" for boilerplate.</param>
public sealed record KnownFault(FaultKind Kind, string DocumentId, string? Value = null, string? Related = null, string? Detail = null);
