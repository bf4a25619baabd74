using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Runs;

/// <summary>
/// What the workspace is working on at present: paths relative to the workspace's folder (absolute where they lie elsewhere), each
/// null until some step has made one. Every step of the guide reads what it needs here and writes what it made.
/// </summary>
public sealed record WorkspaceState
{
    /// <summary>The objective: a JSON file.</summary>
    public string? Objective { get; init; }
    /// <summary>The data version: its folder.</summary>
    public string? Data { get; init; }
    /// <summary>The tokenizer: its file.</summary>
    public string? Tokenizer { get; init; }
    /// <summary>The model: the folder of the run that trained it.</summary>
    public string? Model { get; init; }
    /// <summary>The retrieval index: its folder.</summary>
    public string? Index { get; init; }
    /// <summary>The evaluation: its report file or folder.</summary>
    public string? Evaluation { get; init; }
}

/// <summary>
/// The folder that all output goes to, whatever the current folder is: the one that <c>LLMLAB_WORKSPACE</c> names, else <c>runs/</c>
/// in the repository (the nearest folder above the library or the program that holds LlmLab.sln, then above the current folder),
/// else <c>runs/</c> under the current folder. Its <c>workspace.json</c> says what is current.
/// </summary>
public sealed class Workspace
{
    static readonly JsonSerializerOptions json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    Workspace(string folder) => Folder = Path.GetFullPath(folder);

    /// <summary>The absolute path of the folder. It may not exist yet: it is made by the first write.</summary>
    public string Folder { get; }

    /// <summary>The file that names what is current.</summary>
    public string StateFile => Path.Combine(Folder, "workspace.json");

    /// <summary>Opens the workspace in <paramref name="folder"/>; null: the one that the environment and the place of the program decide.</summary>
    public static Workspace Open(string? folder = null)
    {
        if (folder is { Length: > 0 }) return new Workspace(folder);
        if (Environment.GetEnvironmentVariable("LLMLAB_WORKSPACE") is { Length: > 0 } named) return new Workspace(named);
        return new Workspace(Path.Combine(FindRepository() ?? Directory.GetCurrentDirectory(), "runs"));
    }

    /// <summary>The root of the repository that the library, else the program, else the current folder lies in; null outside one.</summary>
    public static string? FindRepository()
    {
        string?[] starts = [Path.GetDirectoryName(typeof(Workspace).Assembly.Location), AppContext.BaseDirectory, Directory.GetCurrentDirectory()];
        foreach (string? start in starts)
            for (var folder = string.IsNullOrEmpty(start) ? null : new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "LlmLab.sln"))) return folder.FullName;
        return null;
    }

    /// <summary>What is current, read afresh from the file; everything null where there is no file yet.</summary>
    /// <exception cref="InvalidInputException">The file is not the JSON that it should be.</exception>
    public WorkspaceState State
    {
        get
        {
            if (!File.Exists(StateFile)) return new WorkspaceState();
            try
            {
                return JsonSerializer.Deserialize<WorkspaceState>(File.ReadAllText(StateFile), json) ?? new WorkspaceState();
            }
            catch (JsonException e)
            {
                throw new InvalidInputException($"{StateFile} is not valid JSON ({e.Message.Split(". ")[0]}): mend or delete it.", e);
            }
        }
    }

    /// <summary>
    /// Changes what is current: <c>workspace.Update(s =&gt; s with { Model = workspace.Relative(run.Folder) })</c>. Two processes that do so
    /// at once do not lose each other's change.
    /// </summary>
    public WorkspaceState Update(Func<WorkspaceState, WorkspaceState> change)
    {
        Directory.CreateDirectory(Folder);
        using var turn = TakeTurn();
        var state = change(State);
        AtomicFile.WriteText(StateFile, JsonSerializer.Serialize(state, json) + "\n");
        return state;
    }

    /// <summary>The path as <see cref="WorkspaceState"/> holds it: relative to the workspace, with forward slashes, if it lies inside.</summary>
    public string Relative(string path)
    {
        string full = Path.GetFullPath(path), relative = Path.GetRelativePath(Folder, full);
        return relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? full
            : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>The absolute path of one that <see cref="WorkspaceState"/> holds; null stays null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(path))]
    public string? Absolute(string? path) => path is null ? null : Path.GetFullPath(Path.Combine(Folder, path));

    /// <summary>
    /// Makes a new folder in the workspace, named <paramref name="name"/>-001, -002 …: the next free number, so that names sort by time
    /// and nothing is ever overwritten.
    /// </summary>
    public string NewFolder(string name)
    {
        if (name.Length == 0 || name.IndexOfAny([.. Path.GetInvalidFileNameChars(), '/', '\\']) >= 0 || name.StartsWith('.'))
            throw new InvalidInputException($"\"{name}\" cannot name a folder: use letters, digits, '-' and '_'.");
        Directory.CreateDirectory(Folder);
        using var turn = TakeTurn();
        int last = Directory.EnumerateDirectories(Folder, name + "-*")
            .Select(d => int.TryParse(Path.GetFileName(d).AsSpan(name.Length + 1), out int number) ? number : 0)
            .DefaultIfEmpty(0).Max();
        string folder = Path.Combine(Folder, $"{name}-{last + 1:000}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    // An open file that nobody else may open is a lock between processes on every operating system.
    FileStream TakeTurn()
    {
        string file = Path.Combine(Folder, ".turn");
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 400)
            {
                Operation.Current.CancellationToken.WaitHandle.WaitOne(25);
                Operation.Current.ThrowIfCancelled();
            }
            catch (IOException e)
            {
                throw new InvalidInputException($"{file} has been held by another process for 10 s: end that process, or name another workspace in LLMLAB_WORKSPACE.", e);
            }
        }
    }
}
