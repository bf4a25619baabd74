using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// The framework as cells see it: the SDK's reference assemblies, which carry the documentation; on a machine that has only the
/// runtime, the runtime's own assemblies. Metadata is read from memory-mapped files when first needed, and shared by all sessions.
/// </summary>
static class FrameworkReferences
{
    static readonly Lazy<ImmutableArray<string>> files = new(() => [.. Files()]);
    static readonly Lazy<ImmutableArray<MetadataReference>> all = new(() => [.. files.Value.Select(Reference)]);
    static readonly Lazy<HashSet<string>> names = new(() => files.Value.Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>The framework's assemblies.</summary>
    public static ImmutableArray<MetadataReference> All => all.Value;

    /// <summary>Whether the framework has an assembly under one of these names.</summary>
    public static bool Has(params ReadOnlySpan<string> candidates)
    {
        foreach (var name in candidates) if (names.Value.Contains(name)) return true;
        return false;
    }

    /// <summary>A reference to a file, with the documentation that lies beside it.</summary>
    public static MetadataReference Reference(string file)
    {
        var documentation = Path.ChangeExtension(file, ".xml");
        return MetadataReference.CreateFromFile(file, documentation: File.Exists(documentation) ? XmlDocumentationProvider.CreateFromFile(documentation) : null);
    }

    static IEnumerable<string> Files()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var pack = Path.Combine(runtime, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref");
        var version = Environment.Version;
        if (Directory.Exists(pack))
        {
            var folder = Directory.GetDirectories(pack, $"{version.Major}.{version.Minor}.*").Order(StringComparer.Ordinal)
                .Select(found => Path.Combine(Path.GetFullPath(found), "ref", $"net{version.Major}.{version.Minor}")).LastOrDefault(Directory.Exists);
            if (folder is not null) return Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal);
        }

        // The runtime's folder also holds native libraries.
        return Directory.GetFiles(runtime, "*.dll").Where(AssemblyFile.IsManaged).Order(StringComparer.Ordinal);
    }
}
