using System.Security.Cryptography;
using LlmLab.Runs;

namespace LlmLab.Data;

/// <summary>
/// Where a catalog's files are on this machine: in the cache, or in a folder of data sets that someone keeps (the one that
/// <c>LLMLAB_DATA</c> names, else <c>../shared/data</c> beside the repository). A file counts only if its SHA-256 is the catalog's.
/// </summary>
public sealed class DataFolder
{
    // Hashes of files in the kept folder, each computed once: a look-up by content must not read everything again for each file.
    readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);
    ILookup<long, string>? keptBySize;

    /// <param name="cache">Where downloads go; null means <c>data/</c> in the user's cache folder.</param>
    /// <param name="kept">A folder of data sets that is read only; null means the one that the environment names.</param>
    public DataFolder(string? cache = null, string? kept = null)
    {
        Cache = cache ?? Path.Combine(CacheFolder.Path, "data");
        Kept = kept ?? Environment.GetEnvironmentVariable("LLMLAB_DATA") switch
        {
            { Length: > 0 } named => named,
            _ when Workspace.FindRepository() is { } root => Path.GetFullPath(Path.Combine(root, "..", "shared", "data")),
            _ => null,
        };
    }

    /// <summary>Where downloads go.</summary>
    public string Cache { get; }

    /// <summary>A folder of data sets that is only read; null where there is none.</summary>
    public string? Kept { get; }

    /// <summary>The path of a file that is already on this machine with the right content; null if there is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="systemFolder">A folder in which an operating system's package puts files of the same names.</param>
    public string? Find(CatalogFile file, string? systemFolder = null)
    {
        if (Matching(CachePath(file), file) is { } cached)
            return cached;
        if (Kept is { } kept && Directory.Exists(kept))
        {
            if (Matching(Path.Combine(kept, file.Path), file) is { } byPath)
                return byPath;
            keptBySize ??= Directory.EnumerateFiles(kept, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToLookup(path => new FileInfo(path).Length);
            if (keptBySize[file.Bytes].FirstOrDefault(path => HashOf(path) == file.Sha256) is { } byContent)
                return byContent;
        }
        return systemFolder is null ? null : Matching(Path.Combine(systemFolder, Path.GetFileName(file.Path)), file);
    }

    /// <summary>Where a file lies once it is downloaded.</summary>
    public string CachePath(CatalogFile file) => Path.Combine(Cache, file.Path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    public static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    string? Matching(string path, CatalogFile file) =>
        File.Exists(path) && new FileInfo(path).Length == file.Bytes && HashOf(path) == file.Sha256 ? path : null;

    string HashOf(string path)
    {
        var key = $"{path}|{new FileInfo(path).LastWriteTimeUtc.Ticks}";
        return hashes.TryGetValue(key, out var hash) ? hash : hashes[key] = Sha256(path);
    }
}
