using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LlmLab.Notebooks.CSharp;

/// <summary>What an assembly's file says of itself, read without loading it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">Its identity.</param>
/// <param name="ModuleVersion">Differs between any two builds whose code differs.</param>
/// <param name="References">Assemblies that it uses.</param>
sealed record AssemblyFile(string Path, AssemblyName Name, Guid ModuleVersion, IReadOnlyList<AssemblyName> References)
{
    /// <summary>Reads a file.</summary>
    /// <returns>Null if it is no managed assembly.</returns>
    public static AssemblyFile? Read(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            if (!file.HasMetadata) return null;
            var metadata = file.GetMetadataReader();
            if (!metadata.IsAssembly) return null;
            return new(path, metadata.GetAssemblyDefinition().GetAssemblyName(), metadata.GetGuid(metadata.GetModuleDefinition().Mvid),
                [.. metadata.AssemblyReferences.Select(reference => metadata.GetAssemblyReference(reference).GetAssemblyName())]);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Whether a file is a managed assembly.</summary>
    public static bool IsManaged(string path) => Read(path) is not null;
}
