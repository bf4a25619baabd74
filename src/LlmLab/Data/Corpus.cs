namespace LlmLab.Data;

/// <summary>
/// A sequence of documents that can be read again and again without holding it in memory, with its provenance.
/// </summary>
/// <param name="Name">Short name, used in files and tables.</param>
/// <param name="Provenance">Where it comes from and under which licence, in one line.</param>
/// <param name="Read">Opens the sequence from its start.</param>
public sealed record Corpus(string Name, string Provenance, Func<IEnumerable<Document>> Read)
{
    /// <summary>Where it is read from files: what was read and what had to be left out, in the last enumeration.</summary>
    public Readers.ReadReport? Report { get; init; }

    /// <summary>The documents, read afresh.</summary>
    public IEnumerable<Document> Documents => Read();

    /// <summary>A corpus that holds one text.</summary>
    public static Corpus FromText(string name, string text, string provenance = "given as text") =>
        new(name, provenance, () => [new Document(name, text, new DocumentMetadata { Source = name })]);

    /// <summary>A corpus of documents that are in memory.</summary>
    public static Corpus FromDocuments(string name, IReadOnlyList<Document> documents, string provenance = "given as documents") =>
        new(name, provenance, () => documents);
}
