using LlmLab.Data;

namespace LlmLab.Retrieval.Search;

/// <summary>What the person who asks may read. A search never returns anything else, whatever the question says.</summary>
/// <param name="Highest">The highest sensitivity that they may see.</param>
/// <param name="Roles">Their roles.</param>
public sealed record Clearance(Sensitivity Highest, params IReadOnlyList<string> Roles)
{
    const char Mark = '\u001F'; // Unicode's unit separator: no role's name contains it

    /// <summary>What anybody in the firm may read: the default everywhere.</summary>
    public static Clearance Internal { get; } = new(Sensitivity.Internal);

    /// <summary>Whether a document with this metadata may be shown: its sensitivity is not above theirs, and they have one of its roles if it names any.</summary>
    public bool MayRead(DocumentMetadata metadata) => MayRead(metadata.Sensitivity, metadata.Roles);

    bool MayRead(Sensitivity sensitivity, IReadOnlyList<string> roles) =>
        sensitivity <= Highest && (roles.Count == 0 || roles.Any(role => Roles.Contains(role, StringComparer.OrdinalIgnoreCase)));

    /// <summary>The class of documents that the same people may read, as one word that indexes and stores can filter by.</summary>
    public static string ClassOf(DocumentMetadata metadata) =>
        string.Join(Mark, [metadata.Sensitivity.ToString(), .. metadata.Roles.Order(StringComparer.Ordinal)]);

    /// <summary>Whether documents of a class may be shown.</summary>
    /// <param name="accessClass">What <see cref="ClassOf"/> returned.</param>
    public bool MayReadClass(string accessClass)
    {
        string[] parts = accessClass.Split(Mark);
        return Enum.TryParse<Sensitivity>(parts[0], out var sensitivity) && MayRead(sensitivity, parts[1..]);
    }
}
