using LlmLab.Data;

namespace LlmLab.Retrieval.Search;

/// <summary>Which passages a search may return. Empty lists and nulls do not narrow it; the clearance always does.</summary>
public sealed record SearchFilter
{
    /// <summary>Only what anybody in the firm may read.</summary>
    public static SearchFilter Default { get; } = new();

    /// <summary>Projects, as the documents name them.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];
    /// <summary>Phases, as the documents name them.</summary>
    public IReadOnlyList<string> Phases { get; init; } = [];
    /// <summary>Kinds of documents.</summary>
    public IReadOnlyList<DocumentKind> Kinds { get; init; } = [];
    /// <summary>Documents of this moment or later; those without a date are left out.</summary>
    public DateTimeOffset? From { get; init; }
    /// <summary>Documents before this moment; those without a date are left out.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>What the person who asks may read.</summary>
    public Clearance Clearance { get; init; } = Clearance.Internal;

    /// <summary>Whether a passage of a document with this metadata may be returned: the plain form of what indexes and stores evaluate.</summary>
    public bool Admits(DocumentMetadata metadata) =>
        Clearance.MayRead(metadata)
        && (Projects.Count == 0 || Projects.Contains(metadata.Project, StringComparer.Ordinal))
        && (Phases.Count == 0 || Phases.Contains(metadata.Phase, StringComparer.Ordinal))
        && (Kinds.Count == 0 || Kinds.Contains(metadata.Kind))
        && (From is null || metadata.Date >= From)
        && (Until is null || metadata.Date < Until);

    /// <summary>The conditions in words, for messages: <c>project "Amber Kettle", from 2024-01-01</c>.</summary>
    public string Describe()
    {
        var parts = new List<string>();
        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0) parts.Add($"{name} {string.Join(" or ", values.Select(value => $"\"{value}\""))}");
        }
        Add("project", Projects);
        Add("phase", Phases);
        Add("kind", [.. Kinds.Select(kind => kind.ToString())]);
        if (From is { } from) parts.Add($"from {from:yyyy-MM-dd}");
        if (Until is { } until) parts.Add($"before {until:yyyy-MM-dd}");
        parts.Add($"clearance {Clearance.Highest.ToString().ToLowerInvariant()}{(Clearance.Roles.Count == 0 ? "" : $" with roles {string.Join(", ", Clearance.Roles)}")}");
        return string.Join(", ", parts);
    }
}
