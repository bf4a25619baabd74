using System.Reflection;
using System.Runtime.Loader;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Where a session's cells and the libraries that they reference are loaded; what the host carries comes from the host.</summary>
sealed class SessionAssemblies() : AssemblyLoadContext("C# cells")
{
    readonly Dictionary<string, Assembly> cells = [];
    readonly Dictionary<string, string> managed = new(StringComparer.OrdinalIgnoreCase);
    readonly List<string> nativeFolders = [];

    /// <summary>Loads a cell.</summary>
    public Assembly LoadCell(byte[] assembly, byte[] symbols)
    {
        using var code = new MemoryStream(assembly);
        using var lines = new MemoryStream(symbols);
        var loaded = LoadFromStream(code, lines);
        lock (cells) cells[loaded.GetName().Name!] = loaded;
        return loaded;
    }

    /// <summary>Says where an assembly is found when it is first needed.</summary>
    public void Add(string name, string file)
    {
        lock (cells) managed[name] = file;
    }

    /// <summary>The file that stands for an assembly, if one was given.</summary>
    public string? FileOf(string name)
    {
        lock (cells) return managed.GetValueOrDefault(name);
    }

    /// <summary>Adds a folder with native libraries.</summary>
    public void AddNativeFolder(string folder)
    {
        lock (cells) if (!nativeFolders.Contains(folder)) nativeFolders.Add(folder);
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        lock (cells)
        {
            if (cells.TryGetValue(assemblyName.Name!, out var cell)) return cell;
            return managed.TryGetValue(assemblyName.Name!, out var file) ? LoadFromAssemblyPath(file) : null;
        }
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string[] folders;
        lock (cells) folders = [.. nativeFolders];
        string[] names = OperatingSystem.IsWindows() ? [unmanagedDllName, unmanagedDllName + ".dll"]
            : OperatingSystem.IsMacOS() ? [unmanagedDllName, $"lib{unmanagedDllName}.dylib", unmanagedDllName + ".dylib", "lib" + unmanagedDllName]
            : [unmanagedDllName, $"lib{unmanagedDllName}.so", unmanagedDllName + ".so", "lib" + unmanagedDllName];
        foreach (var folder in folders)
            foreach (var name in names)
            {
                var file = Path.Combine(folder, name);
                if (File.Exists(file)) return LoadUnmanagedDllFromPath(file);
            }

        return 0;
    }
}
