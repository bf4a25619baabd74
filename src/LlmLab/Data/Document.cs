namespace LlmLab.Data;

/// <summary>What sort of text a document is.</summary>
public enum DocumentKind { Other, Email, Planning, Technical, Policy, Reference, Budget, Chat, Wiki }

/// <summary>Who may see a document at all; roles narrow it further.</summary>
public enum Sensitivity { Public, Internal, Confidential, Personal }

/// <summary>
/// What is known of a document beside its text. All of it is carried into every passage made from it: retrieval filters by it,
/// guardrails decide by it, data cards count it.
/// </summary>
public sealed record DocumentMetadata
{
    /// <summary>Where it came from: a path relative to the input, a URL, a query.</summary>
    public string Source { get; init; } = "";
    /// <summary>Title, if the format has one.</summary>
    public string? Title { get; init; }
    /// <summary>What sort of text it is.</summary>
    public DocumentKind Kind { get; init; }
    /// <summary>The project it belongs to.</summary>
    public string? Project { get; init; }
    /// <summary>The project's phase it belongs to: planning, design, implementation …</summary>
    public string? Phase { get; init; }
    /// <summary>When it was written or sent.</summary>
    public DateTimeOffset? Date { get; init; }
    /// <summary>Its version mark, as written.</summary>
    public string? Version { get; init; }
    /// <summary>Id of the document that this one replaces.</summary>
    public string? Supersedes { get; init; }
    /// <summary>ISO 639-1 code of its language.</summary>
    public string? Language { get; init; }
    /// <summary>SPDX identifier, or the licence's words.</summary>
    public string? Licence { get; init; }
    /// <summary>Who may see it at all.</summary>
    public Sensitivity Sensitivity { get; init; } = Sensitivity.Internal;
    /// <summary>Roles that may read it; empty means everyone whom <see cref="Sensitivity"/> admits.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];
    /// <summary>Anything else that the source says, by name.</summary>
    public IReadOnlyDictionary<string, string> Other { get; init; } = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;
}

/// <summary>One text with what is known of it: the unit that readers yield and the pipeline keeps, changes or drops.</summary>
/// <param name="Id">Stable and unique in its corpus.</param>
/// <param name="Text">The text, NFC-normalised by readers only where the pipeline asks for it.</param>
/// <param name="Metadata">What is known of it.</param>
public sealed record Document(string Id, string Text, DocumentMetadata Metadata);
