using LlmLab.Retrieval.Stores;

namespace LlmLab.Retrieval.Search;

/// <summary>What an update of an index did.</summary>
/// <param name="Documents">Documents of the corpus.</param>
/// <param name="Added">Of these, new ones.</param>
/// <param name="Changed">Of these, those whose text or metadata is another than in the index.</param>
/// <param name="Removed">Documents of the index that the corpus has no more.</param>
/// <param name="Passages">Passages that the index holds now.</param>
/// <param name="Embedded">Passages whose embedding was computed.</param>
/// <param name="Reused">Passages of changed documents whose embedding was there already.</param>
/// <param name="Elapsed">The time it took.</param>
public sealed record IndexUpdate(int Documents, int Added, int Changed, int Removed, int Passages, int Embedded, int Reused, TimeSpan Elapsed)
{
    /// <summary>How well the store finds the nearest passages after its search was tuned to the grown index; null where that was not due, or the store compares all vectors.</summary>
    public RecallReport? Tuned { get; init; }
}
