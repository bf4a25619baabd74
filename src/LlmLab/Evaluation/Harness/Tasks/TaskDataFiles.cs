using LlmLab.Data;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>A data file.</summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Open">Opens it.</param>
/// <param name="Subject">What "*" in the task's path stood for, or null.</param>
sealed record TaskDataFile(string Name, Func<Stream> Open, string? Subject);

/// <summary>Where a task's files are: shipped, in the catalog (wherever its files lie on this machine), or under the data folder.</summary>
/// <param name="folder">Where data sets are looked for.</param>
sealed class TaskDataFiles(DataFolder folder)
{
    const string Shipped = "shipped:";

    /// <summary>The files that a task's path stands for, each with what "*" stood for; null where they are not on this machine.</summary>
    /// <param name="task">The task.</param>
    /// <param name="file">The path.</param>
    /// <param name="missing">The sentence that says what is missing and how to get it.</param>
    public IReadOnlyList<TaskDataFile>? Find(EvaluationTask task, string file, out string missing)
    {
        missing = "";
        if (file.StartsWith(Shipped, StringComparison.Ordinal)) return [new(file[Shipped.Length..], () => ShippedData.Open(file[Shipped.Length..]), null)];
        if (Path.IsPathRooted(file)) return [new(Path.GetFileName(file), () => File.OpenRead(file), null)];
        int star = file.IndexOf('*');
        var (before, after) = star < 0 ? (file, "") : (file[..star], file[(star + 1)..]);
        bool Fits(string path) => star < 0 ? path == file : path.Length > file.Length - 1 && path.StartsWith(before, StringComparison.Ordinal) && path.EndsWith(after, StringComparison.Ordinal);
        string? Subject(string path) => star < 0 ? null : path[before.Length..^after.Length];
        var entry = DataCatalog.Entries.FirstOrDefault(entry => entry.Files.Any(f => Fits(f.Path)));
        var found = entry?.Files.Where(f => Fits(f.Path)).Select(f => (f.Path, Place: folder.Find(f))).ToArray()
            ?? Kept().Where(path => Fits(path)).Select(path => (Path: path, Place: (string?)Path.Combine(folder.Kept!, path))).ToArray();
        if (found.Length > 0 && found.All(f => f.Place is not null))
            return [.. found.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => new TaskDataFile(f.Path, () => File.OpenRead(f.Place!), Subject(f.Path)))];
        missing = entry is not null
            ? $"The task {task.Name} needs {file}, which is not on this machine: `llmlab data get {entry.Name}` fetches it, or LLMLAB_DATA names a folder that has it."
            : $"The task {task.Name} needs {file}, which is not shipped: take it from {task.Source} ({task.Licence}) and put it there in the folder that LLMLAB_DATA names.";
        return null;
    }

    IEnumerable<string> Kept() => folder.Kept is { } kept && Directory.Exists(kept)
        ? Directory.EnumerateFiles(kept, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(kept, path).Replace(Path.DirectorySeparatorChar, '/'))
        : [];
}
