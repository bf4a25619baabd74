using System.Collections.Immutable;
using System.Globalization;

namespace LlmLab.Data.Readers;

/// <summary>
/// Turns named fields (front matter, columns, JSON properties, mail headers) into <see cref="DocumentMetadata"/>: the names that
/// people use for each property are known, everything else is kept under <see cref="DocumentMetadata.Other"/>.
/// </summary>
public static class MetadataFields
{
    static readonly Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["title"] = "title",
        ["subject"] = "title",
        ["headline"] = "title",
        ["kind"] = "kind",
        ["type"] = "kind",
        ["category"] = "kind",
        ["document_type"] = "kind",
        ["documentkind"] = "kind",
        ["project"] = "project",
        ["project_name"] = "project",
        ["phase"] = "phase",
        ["project_phase"] = "phase",
        ["stage"] = "phase",
        ["date"] = "date",
        ["created"] = "date",
        ["created_at"] = "date",
        ["last_reviewed_on"] = "date",
        ["updated"] = "date",
        ["last_updated"] = "date",
        ["modified"] = "date",
        ["published"] = "date",
        ["sent"] = "date",
        ["version"] = "version",
        ["revision"] = "version",
        ["supersedes"] = "supersedes",
        ["replaces"] = "supersedes",
        ["language"] = "language",
        ["lang"] = "language",
        ["locale"] = "language",
        ["licence"] = "licence",
        ["license"] = "licence",
        ["spdx"] = "licence",
        ["rights"] = "licence",
        ["sensitivity"] = "sensitivity",
        ["classification"] = "sensitivity",
        ["confidentiality"] = "sensitivity",
        ["roles"] = "roles",
        ["readers"] = "roles",
        ["allowed_roles"] = "roles",
        ["source"] = "source",
        ["url"] = "source",
        ["path"] = "source",
    };

    /// <summary>Adds fields to what is known already; a value that cannot be understood is kept under Other.</summary>
    public static DocumentMetadata Apply(DocumentMetadata metadata, IEnumerable<KeyValuePair<string, string>> fields)
    {
        var other = metadata.Other.ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            string text = value.Trim();
            if (text.Length == 0) continue;
            var changed = names.TryGetValue(name, out string? property) ? Set(metadata, property, text) : null;
            if (changed is null) other = other.SetItem(name, text);
            else metadata = changed;
        }
        return other.Count == 0 ? metadata : metadata with { Other = other };
    }

    static DocumentMetadata? Set(DocumentMetadata metadata, string property, string value) => property switch
    {
        "title" => metadata with { Title = value },
        "kind" => ParseKind(value) is { } kind ? metadata with { Kind = kind } : null,
        "project" => metadata with { Project = value },
        "phase" => metadata with { Phase = value.ToLowerInvariant() },
        "date" => ParseDate(value) is { } date ? metadata with { Date = date } : null,
        "version" => metadata with { Version = value },
        "supersedes" => metadata with { Supersedes = value },
        "language" => metadata with { Language = value.Split('-', '_')[0].ToLowerInvariant() },
        "licence" => metadata with { Licence = value },
        "sensitivity" => Enum.TryParse<Sensitivity>(value, ignoreCase: true, out var sensitivity) ? metadata with { Sensitivity = sensitivity } : null,
        "roles" => metadata with { Roles = value.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
        "source" => metadata with { Source = value },
        _ => null,
    };

    static DocumentKind? ParseKind(string value) => value.ToLowerInvariant() switch
    {
        "email" or "e-mail" or "mail" => DocumentKind.Email,
        "planning" or "plan" or "roadmap" => DocumentKind.Planning,
        "technical" or "tech" or "engineering" => DocumentKind.Technical,
        "policy" or "hr" or "policy/hr" => DocumentKind.Policy,
        "reference" => DocumentKind.Reference,
        "budget" or "finance" => DocumentKind.Budget,
        "chat" => DocumentKind.Chat,
        "wiki" => DocumentKind.Wiki,
        "other" => DocumentKind.Other,
        _ => null,
    };

    /// <summary>Parses a date without regard to the machine's culture or time zone; dates without an offset are UTC. Null if it is none.</summary>
    public static DateTimeOffset? ParseDate(string text) =>
        text.Length is >= 8 and < 64 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var date) ? date : null;
}
