using LlmLab.Data;

namespace LlmLab.Prompts;

/// <summary>Prompts of a folder (files that end with .prompt.md), by name and version.</summary>
public sealed class PromptLibrary
{
    const string Extension = ".prompt.md";

    readonly string where;

    PromptLibrary(string where, IReadOnlyList<PromptTemplate> prompts)
    {
        this.where = where;
        Prompts = [.. prompts.OrderBy(prompt => prompt.Name, StringComparer.Ordinal).ThenBy(prompt => System.Version.Parse(Padded(prompt.Version)))];
        foreach (var (one, next) in Prompts.Zip(Prompts.Skip(1)))
            if (one.Name == next.Name && one.Version == next.Version) throw new InvalidInputException($"{one} and {next} have one name and version: raise the version of the newer one.");
    }

    /// <summary>The prompts that come with LlmLab.</summary>
    public static PromptLibrary Shipped { get; } = new("the shipped prompts",
        [.. ShippedData.List("prompts/").Where(path => path.EndsWith(Extension, StringComparison.Ordinal)).Select(path => PromptTemplate.Parse(ShippedData.ReadText(path), path))]);

    /// <summary>All prompts, by name and then version.</summary>
    public IReadOnlyList<PromptTemplate> Prompts { get; }

    /// <summary>The prompts of a folder.</summary>
    /// <exception cref="InvalidInputException">It does not exist, holds none, or one of them is not a prompt.</exception>
    public static PromptLibrary Open(string folder)
    {
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0 ? new PromptLibrary(folder, [.. files.Select(PromptTemplate.Load)]) : throw new InvalidInputException($"{folder} holds no prompts: their names end with {Extension}.");
    }

    /// <summary>A prompt by name, in its newest version unless another is asked for.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public PromptTemplate Find(string name, string? version = null) =>
        Prompts.LastOrDefault(prompt => prompt.Name == name && (version is null || prompt.Version == version))
        ?? throw new InvalidInputException($"There is no prompt \"{name}\"{(version is null ? "" : $" of version {version}")} in {where}; there are {string.Join(", ", Prompts.Select(prompt => $"{prompt.Name} {prompt.Version}"))}.");

    static string Padded(string version) => version.Contains('.') ? version : version + ".0";
}
