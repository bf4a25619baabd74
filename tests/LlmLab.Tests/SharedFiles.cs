using System.Text.Json;

namespace LlmLab.Tests;

/// <summary>
/// Golden cases of other tools and data sets that are too large for the repository. They lie in the folders that
/// LLMLAB_CASES and LLMLAB_DATA name, else in ../shared/cases and ../shared/data beside the repository.
/// A test that asks for something absent is reported as skipped, with the path that was looked for.
/// </summary>
static class SharedFiles
{
    /// <summary>The folder that holds LlmLab.sln.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    static string CasesFolder => Folder("LLMLAB_CASES", "cases");
    static string DataFolder => Folder("LLMLAB_DATA", "data");

    /// <summary>The cases of a file of JSON lines, such as <c>Cases("stem_nltk")</c>; ".jsonl" is added where there is no extension.</summary>
    public static IReadOnlyList<JsonElement> Cases(string name)
    {
        var path = Case(Path.HasExtension(name) ? name : name + ".jsonl");
        return [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The full path of a file or folder among the cases.</summary>
    public static string Case(string relativePath) => Existing(CasesFolder, relativePath, "LLMLAB_CASES");

    /// <summary>The full path of a file or folder among the data sets.</summary>
    public static string Data(string relativePath) => Existing(DataFolder, relativePath, "LLMLAB_DATA");

    /// <summary>Whether a file or folder is among the data sets; for what a test can do without.</summary>
    public static bool HasData(string relativePath) => Exists(Path.Combine(DataFolder, relativePath));

    static string Existing(string folder, string relativePath, string variable)
    {
        var path = Path.Combine(folder, relativePath);
        Assert.SkipUnless(Exists(path), $"{path} is not on this machine; {variable} names the folder to look in.");
        return path;
    }

    static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    static string Folder(string variable, string name) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named
            ? named
            : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", name));

    static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LlmLab.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No LlmLab.sln above {AppContext.BaseDirectory}: run the tests inside the repository.");
    }
}
