using System.Text.Json;

namespace LlmLab.Data;

/// <summary>A file of a public data set.</summary>
/// <param name="Path">Where it lies under the data folder, with forward slashes.</param>
/// <param name="Url">Where it is downloaded from; null where it comes with an operating system's package.</param>
/// <param name="Sha256">SHA-256 of the file as it lies under <paramref name="Path"/>, lower-case hexadecimal.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="Pack">"bzip2" where the download is packed; null where it is the file itself.</param>
public sealed record CatalogFile(string Path, string? Url, string Sha256, long Bytes, string? Pack = null);

/// <summary>A public data set.</summary>
/// <param name="Name">Short name: <c>llmlab data get NAME</c>.</param>
/// <param name="What">What it is, in a line.</param>
/// <param name="Homepage">Where it is described.</param>
/// <param name="Licence">SPDX identifier, or the licence's words.</param>
/// <param name="Files">Its files.</param>
/// <param name="SystemFolder">A folder in which an operating system's package puts files of the same names.</param>
/// <param name="Note">What else a person should know.</param>
public sealed record CatalogEntry(string Name, string What, string Homepage, string Licence, IReadOnlyList<CatalogFile> Files, string? SystemFolder = null, string? Note = null)
{
    /// <summary>The sum of its files' sizes.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>The public data sets that LlmLab knows (<c>data/catalog.json</c>), each with its source, licence and SHA-256.</summary>
public static class DataCatalog
{
    static readonly JsonSerializerOptions options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true };
    static readonly Lazy<IReadOnlyList<CatalogEntry>> entries = new(() => Parse(ShippedData.ReadText("catalog.json")));

    /// <summary>All entries, in the catalog's order.</summary>
    public static IReadOnlyList<CatalogEntry> Entries => entries.Value;

    /// <summary>The entry of a name.</summary>
    /// <exception cref="InvalidInputException">No entry has that name.</exception>
    public static CatalogEntry Find(string name) => Entries.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidInputException($"The catalog has no data set \"{name}\": `llmlab data list` shows the {Entries.Count} that it has.");

    /// <summary>Reads a catalog.</summary>
    /// <exception cref="InvalidInputException">The text is no catalog.</exception>
    public static IReadOnlyList<CatalogEntry> Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CatalogEntry[]>(json, options) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"The data catalog is malformed: {e.Message}", e);
        }
    }
}
