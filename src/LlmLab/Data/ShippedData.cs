using System.Text;

namespace LlmLab.Data;

/// <summary>
/// The files under <c>data/</c> of the repository, embedded in LlmLab.dll so that they are found from any folder, in any host.
/// </summary>
public static class ShippedData
{
    static readonly Dictionary<string, string> resources = typeof(ShippedData).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("data/", StringComparison.Ordinal) || name.StartsWith("data\\", StringComparison.Ordinal))
        .ToDictionary(name => name["data/".Length..].Replace('\\', '/'), StringComparer.Ordinal);

    /// <summary>Relative paths with forward slashes, in ordinal order, of the files under a folder; "" means all.</summary>
    public static IReadOnlyList<string> List(string folder = "") =>
        [.. resources.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Opens a shipped file.</summary>
    /// <param name="path">Relative to <c>data/</c>, with forward slashes: "objectives/support-chat.json".</param>
    /// <exception cref="InvalidInputException">No such file is shipped.</exception>
    public static Stream Open(string path) => resources.TryGetValue(path, out var name)
        ? typeof(ShippedData).Assembly.GetManifestResourceStream(name)!
        : throw new InvalidInputException($"No data file \"{path}\" is shipped with LlmLab; the folder data/ of the repository shows what is.");

    /// <summary>Reads a shipped text file.</summary>
    /// <inheritdoc cref="Open(string)"/>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(Open(path), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
