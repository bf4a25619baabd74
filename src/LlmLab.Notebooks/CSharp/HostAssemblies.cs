using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// The assemblies that this process carries. A type has one identity only if its assembly is loaded once: so cells use the host's
/// copy, and a file that is another build of it is refused instead of being compiled against while the old code runs.
/// </summary>
static class HostAssemblies
{
    static readonly Lazy<Dictionary<string, string>> files = new(() =>
    {
        var list = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        return list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .GroupBy(file => Path.GetFileNameWithoutExtension(file), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
    });

    static readonly Lazy<HashSet<string>> libraryNames = new(() =>
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var pending = new Stack<string>(["LlmLab", "LlmLab.Notebooks"]);
        while (pending.TryPop(out var name))
        {
            if (FileOf(name) is not { } file || IsFramework(file) || !names.Add(name) || AssemblyFile.Read(file) is not { } assembly) continue;
            foreach (var reference in assembly.References) pending.Push(reference.Name!);
        }

        return names;
    });

    /// <summary>When the host's files were built, as seen at its start.</summary>
    static readonly DateTime libraryBuilt = File.GetLastWriteTime(typeof(InvalidInputException).Assembly.Location);

    /// <summary>The host's file of an assembly, or null.</summary>
    public static string? FileOf(string name) => files.Value.GetValueOrDefault(name);

    /// <summary>Whether the library itself or something that it uses has this name: another version of it would split its types.</summary>
    public static bool IsUsedByLibrary(string name) => libraryNames.Value.Contains(name);

    /// <summary>Whether a file belongs to the framework.</summary>
    public static bool IsFramework(string file) => file.StartsWith(Path.GetDirectoryName(typeof(object).Assembly.Location)!, StringComparison.Ordinal);

    /// <summary>Notes when the running library was built; call it early.</summary>
    public static void Remember() => _ = libraryBuilt;

    /// <summary>The host's file to use for an assembly at this or a higher version, or null if it carries none or an older one.</summary>
    public static string? FileFor(AssemblyName wanted)
    {
        if (FileOf(wanted.Name!) is not { } file || AssemblyName.GetAssemblyName(file).Version is not { } carried) return null;
        return wanted.Version is null || carried >= wanted.Version ? file : null;
    }

    /// <summary>Checks that a file is the build that this process runs.</summary>
    /// <exception cref="InvalidInputException">It is another build, or the host's file was rebuilt since it was loaded.</exception>
    public static void RequireSameBuild(AssemblyFile wanted)
    {
        var hostFile = FileOf(wanted.Name.Name!)!;
        var loaded = AssemblyLoadContext.Default.Assemblies.FirstOrDefault(assembly => string.Equals(assembly.GetName().Name, wanted.Name.Name, StringComparison.OrdinalIgnoreCase));
        var onDisk = AssemblyFile.Read(hostFile);
        var running = loaded?.ManifestModule.ModuleVersionId ?? onDisk?.ModuleVersion;
        const string remedy = "run `dotnet build -c Release` and restart the kernel";
        if (running != wanted.ModuleVersion)
            throw new InvalidInputException($"{wanted.Path} (built {Built(File.GetLastWriteTime(wanted.Path))}) is another build than {hostFile} (built {Built(libraryBuilt)}), which this kernel runs: {remedy}.");
        if (onDisk is not null && running != onDisk.ModuleVersion)
            throw new InvalidInputException($"{hostFile} was rebuilt ({Built(File.GetLastWriteTime(hostFile))}) since this kernel loaded it (built {Built(libraryBuilt)}): {remedy}.");
    }

    static string Built(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
