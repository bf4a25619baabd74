using System.Reflection;
using Microsoft.CodeAnalysis;

namespace LlmLab.Notebooks.CSharp;

/// <summary>A cell that was compiled and loaded.</summary>
/// <param name="Order">Its place in the session.</param>
/// <param name="Namespace">Namespace of its types.</param>
/// <param name="Class">Class of its functions and variables, with namespace.</param>
/// <param name="Label">What stack traces call it.</param>
/// <param name="Text">Its text, for stack traces.</param>
/// <param name="Assembly">Its assembly.</param>
/// <param name="Names">What it declares.</param>
/// <param name="Variables">Those of them that are variables.</param>
/// <param name="CapturedNames">Names that its functions, types and lambdas mention.</param>
/// <param name="HasExtensions">Whether it declares extension methods.</param>
/// <param name="SignatureCells">Earlier cells whose types stand in its signatures: whoever references it references them too.</param>
sealed record LoadedCell(int Order, string Namespace, string Class, string Label, string Text, Assembly Assembly, IReadOnlyCollection<string> Names,
    IReadOnlyList<string> Variables, IReadOnlyList<string> CapturedNames, bool HasExtensions, IReadOnlyList<LoadedCell> SignatureCells)
{
    MetadataReference? reference;

    /// <summary>Reference for compilations: reads the metadata that the runtime has in memory anyway.</summary>
    public unsafe MetadataReference Reference
    {
        get
        {
            if (reference is null)
            {
                if (!System.Reflection.Metadata.AssemblyExtensions.TryGetRawMetadata(Assembly, out var metadata, out var length))
                    throw new InvalidOperationException($"{Label} has no metadata.");
                reference = AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata((nint)metadata, length)).GetReference();
            }

            return reference;
        }
    }

    /// <summary>The field of a variable.</summary>
    public FieldInfo Field(string name) => Assembly.GetType(Class)!.GetField(name, BindingFlags.Public | BindingFlags.Static)!;

    /// <inheritdoc/>
    public bool Equals(LoadedCell? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Order;
}

/// <summary>
/// The earlier cells that a cell can see, in levels of nested namespaces. Not a chain of submissions, in which every cell
/// references every earlier one: that grows with the square of their number (2,000 trivial cells took 1,276 MB). Only cells whose names are
/// mentioned are referenced. Where two of them declare the same name, the older stands one level further out, so that the newer shadows it.
/// </summary>
sealed class CellScope
{
    CellScope(IReadOnlyList<IReadOnlyList<LoadedCell>> levels, IReadOnlyList<MetadataReference> references)
    {
        Levels = levels;
        References = references;
    }

    /// <summary>Cells by level, the innermost first.</summary>
    public IReadOnlyList<IReadOnlyList<LoadedCell>> Levels { get; }

    /// <summary>References to them and to the cells in their signatures.</summary>
    public IReadOnlyList<MetadataReference> References { get; }

    /// <summary>Arranges cells.</summary>
    /// <param name="mentioned">Cells that the new one mentions.</param>
    /// <param name="alsoReferenced">Cells that are only referenced.</param>
    /// <param name="ownNames">Names that the new cell declares.</param>
    public static CellScope Create(IEnumerable<LoadedCell> mentioned, IEnumerable<LoadedCell> alsoReferenced, IEnumerable<string> ownNames)
    {
        var levels = new List<List<LoadedCell>> { new() };
        var nextFree = new Dictionary<string, int>();
        foreach (var name in ownNames) nextFree[name] = 1;
        var included = mentioned.Distinct().OrderByDescending(cell => cell.Order).ToList();
        foreach (var cell in included)
        {
            var level = cell.Names.Max(name => (int?)nextFree.GetValueOrDefault(name)) ?? 0;
            while (levels.Count <= level) levels.Add([]);
            levels[level].Add(cell);
            foreach (var name in cell.Names) nextFree[name] = level + 1;
        }

        var referenced = new HashSet<LoadedCell>();
        var pending = new Stack<LoadedCell>(included.Concat(alsoReferenced));
        while (pending.TryPop(out var cell))
        {
            if (!referenced.Add(cell)) continue;
            foreach (var other in cell.SignatureCells) pending.Push(other);
        }

        return new(levels, [.. referenced.OrderBy(cell => cell.Order).Select(cell => cell.Reference)]);
    }
}
