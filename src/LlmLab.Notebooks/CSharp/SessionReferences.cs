using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;

namespace LlmLab.Notebooks.CSharp;

/// <summary>The libraries that a session's cells reference: the framework, the engine, and what they asked for.</summary>
sealed class SessionReferences
{
    /// <summary>Shared by all sessions, so that the compiler's symbols are too.</summary>
    static readonly ConcurrentDictionary<(string File, DateTime Written), MetadataReference> cache = new();

    readonly SessionAssemblies assemblies;
    readonly Dictionary<string, MetadataReference> byName = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, AssemblyFile> own = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Starts with the framework and the engine.</summary>
    public SessionReferences(SessionAssemblies assemblies)
    {
        this.assemblies = assemblies;
        HostAssemblies.Remember();
        AddFile(typeof(InvalidInputException).Assembly.Location);
        AddFile(typeof(SessionReferences).Assembly.Location);
    }

    /// <summary>All of them, the framework's included.</summary>
    public IEnumerable<MetadataReference> All => FrameworkReferences.All.Concat(byName.Values);

    /// <summary>References a file and what it uses that lies beside it.</summary>
    /// <exception cref="InvalidInputException">The file is missing, no assembly, or another build of one that is loaded.</exception>
    public void AddLibrary(string path)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            if (Path.GetFileName(path) == path && FrameworkReferences.Has(Path.GetFileNameWithoutExtension(path), path)) return;
            throw new InvalidInputException($"#r \"{path}\": there is no file {file}; the path is taken from the notebook's folder, {Directory.GetCurrentDirectory()}. If it is a project's output, run `dotnet build -c Release` first.");
        }

        var library = AssemblyFile.Read(file) ?? throw new InvalidInputException($"#r \"{path}\": {file} is no .NET assembly.");
        Add(library, isAskedFor: true);
        AddNativeFolders(Path.GetDirectoryName(file)!);
        var folder = Path.GetDirectoryName(file)!;
        var pending = new Stack<AssemblyName>(library.References);
        while (pending.TryPop(out var name))
        {
            if (byName.ContainsKey(name.Name!) || FrameworkReferences.Has(name.Name!)) continue;
            var beside = Path.Combine(folder, name.Name + ".dll");
            var found = HostAssemblies.FileFor(name) ?? (File.Exists(beside) ? beside : null);
            if (found is null || HostAssemblies.IsFramework(found) || AssemblyFile.Read(found) is not { } dependency) continue;
            Add(dependency, isAskedFor: false);
            foreach (var reference in dependency.References) pending.Push(reference);
        }
    }

    /// <summary>References one assembly: the host's, if it carries it, else the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isAskedFor">Whether a cell named it; a dependency takes the host's copy without a word.</param>
    /// <param name="compileFile">A reference assembly to compile against.</param>
    public void Add(AssemblyFile file, bool isAskedFor, string? compileFile = null)
    {
        var name = file.Name.Name!;
        if (FrameworkReferences.Has(name)) return;
        if (HostAssemblies.FileOf(name) is { } hostFile)
        {
            if (isAskedFor && name.StartsWith("LlmLab", StringComparison.OrdinalIgnoreCase)) HostAssemblies.RequireSameBuild(file);
            if (HostAssemblies.FileFor(file.Name) is not null)
            {
                AddFile(hostFile);
                return;
            }

            if (HostAssemblies.IsUsedByLibrary(name))
                throw new InvalidInputException($"{name} {file.Name.Version} cannot be used here: the library carries version {AssemblyName.GetAssemblyName(hostFile).Version}, and two versions of it would not work together; ask for that version or an older one.");
        }

        if (own.TryGetValue(name, out var earlier))
        {
            if (earlier.ModuleVersion == file.ModuleVersion) return;
            throw new InvalidInputException($"{file.Path} is another build of {name} than {earlier.Path} as this session loaded it: restart the kernel to use it.");
        }

        own[name] = file;
        assemblies.Add(name, file.Path);
        byName[name] = Reference(compileFile ?? file.Path);
    }

    /// <summary>References the assembly of a type that a variable brings in.</summary>
    public void AddLoaded(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.Location.Length == 0 || FrameworkReferences.Has(assembly.GetName().Name!)) return;
        if (!byName.ContainsKey(assembly.GetName().Name!) && !HostAssemblies.IsFramework(assembly.Location)) AddFile(assembly.Location);
    }

    /// <summary>Where natives of a library may lie beside it.</summary>
    public void AddNativeFolders(string folder)
    {
        assemblies.AddNativeFolder(folder);
        var native = Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        if (Directory.Exists(native)) assemblies.AddNativeFolder(native);
    }

    void AddFile(string file) => byName[Path.GetFileNameWithoutExtension(file)] = Reference(file);

    static MetadataReference Reference(string file) => cache.GetOrAdd((file, File.GetLastWriteTimeUtc(file)), key => FrameworkReferences.Reference(key.File));
}
