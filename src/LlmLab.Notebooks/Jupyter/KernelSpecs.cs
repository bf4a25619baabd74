using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>A registered kernel.</summary>
/// <param name="Name">The kernelspec's name, which notebooks store.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="Arguments">What Jupyter starts.</param>
public sealed record KernelSpec(string Name, string Folder, IReadOnlyList<string> Arguments);

/// <summary>
/// Registers this build as a <see href="https://jupyter-client.readthedocs.io/en/latest/kernels.html#kernel-specs">Jupyter kernel</see>.
/// </summary>
public static partial class KernelSpecs
{
    /// <summary>The name under which the guide's notebooks ask for the kernel.</summary>
    public const string DefaultName = "llmlab";

    /// <summary>What front ends show.</summary>
    public const string DisplayName = "LlmLab (C#)";

    static readonly JsonSerializerOptions indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a kernelspec, replacing one of the same name.</summary>
    /// <param name="arguments">Program and arguments that start the kernel; "{connection_file}" stands for the connection file.</param>
    /// <param name="prefix">Folder whose share/jupyter it goes to, such as a virtual environment; null for the user's own folder.</param>
    /// <param name="name">Name of the kernelspec; ".net-csharp" lets it stand in for .NET Interactive.</param>
    /// <exception cref="InvalidInputException">Jupyter allows no such name, or the folder can't be written.</exception>
    public static KernelSpec Install(IReadOnlyList<string> arguments, string? prefix = null, string name = DefaultName)
    {
        string folder = FolderOf(prefix, name), fresh = folder + ".new";
        var spec = new JsonObject
        {
            ["argv"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
            ["display_name"] = DisplayName,
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject { ["debugger"] = false, ["llmlab"] = new JsonObject { ["version"] = typeof(KernelSpecs).Assembly.GetName().Version!.ToString(3) } },
        };
        try
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            Directory.CreateDirectory(fresh);
            File.WriteAllText(Path.Combine(fresh, "kernel.json"), spec.ToJsonString(indented) + "\n");
            foreach (int size in (int[])[32, 64]) File.WriteAllBytes(Path.Combine(fresh, $"logo-{size}x{size}.png"), KernelLogo.Draw(size));
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.Move(fresh, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"The kernel can't be installed in \"{folder}\": {e.Message}", e);
        }
        return new KernelSpec(name, folder, arguments);
    }

    /// <summary>Removes a kernelspec that <see cref="Install"/> wrote.</summary>
    /// <returns>The folder that was removed.</returns>
    /// <exception cref="InvalidInputException">There is none of that name, or it belongs to another program.</exception>
    public static string Uninstall(string? prefix = null, string name = DefaultName)
    {
        string folder = FolderOf(prefix, name);
        if (!File.Exists(Path.Combine(folder, "kernel.json")))
            throw new InvalidInputException($"No kernel \"{name}\" is installed in \"{Path.GetDirectoryName(folder)}\": `llmlab kernel list` shows the installed ones.");
        if (Read(folder) is null) throw new InvalidInputException($"The kernel \"{name}\" in \"{folder}\" was not installed by LlmLab: remove it with the program that did.");
        Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>The kernelspecs of LlmLab that Jupyter finds, first the one that it prefers.</summary>
    public static IReadOnlyList<KernelSpec> List(string? prefix = null) =>
    [
        .. (prefix is null ? DataFolders() : [Path.Combine(prefix, "share", "jupyter")])
            .Select(folder => Path.Combine(folder, "kernels"))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            .Select(Read)
            .OfType<KernelSpec>(),
    ];

    /// <summary>Program and arguments that start this very build.</summary>
    /// <param name="entry">Path of the command line's assembly.</param>
    public static IReadOnlyList<string> ArgumentsFor(string entry) =>
        [DotnetHost.Path, entry, "kernel", "run", "--connection-file", "{connection_file}"];

    /// <summary>Jupyter's data folder of this user: JUPYTER_DATA_DIR, else the platform's.</summary>
    public static string UserDataFolder()
    {
        if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } named) return named;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Jupyter");
        if (OperatingSystem.IsWindows()) return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter");
        return Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? data : Path.Combine(home, ".local", "share"), "jupyter");
    }

    static IEnumerable<string> DataFolders() =>
        (Environment.GetEnvironmentVariable("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(UserDataFolder())
            .Concat(OperatingSystem.IsWindows()
                ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "jupyter")]
                : ["/usr/local/share/jupyter", "/usr/share/jupyter"])
            .Distinct();

    static string FolderOf(string? prefix, string name)
    {
        if (!ValidName().IsMatch(name))
            throw new InvalidInputException($"\"{name}\" can't be a kernel's name: Jupyter allows letters, digits, '.', '-' and '_'.");
        string data = prefix is null ? UserDataFolder() : Path.Combine(Path.GetFullPath(prefix), "share", "jupyter");
        return Path.Combine(data, "kernels", name);
    }

    // Null for another program's kernelspec, or one that can't be read.
    static KernelSpec? Read(string folder)
    {
        try
        {
            var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "kernel.json")));
            if (spec?["metadata"]?["llmlab"] is null || spec["argv"] is not JsonArray arguments) return null;
            return new KernelSpec(Path.GetFileName(folder), folder, [.. arguments.Select(argument => argument!.ToString())]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Names of only dots would leave the folder.
    [GeneratedRegex(@"^(?!\.+$)[A-Za-z0-9._\-]+$")]
    private static partial Regex ValidName();
}
