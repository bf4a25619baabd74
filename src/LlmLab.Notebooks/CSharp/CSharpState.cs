using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmLab.Notebooks.CSharp;

/// <summary>What a C# session knows: its loaded cells by the names that they declare, its references and its using directives.</summary>
sealed class CSharpState
{
    static readonly string[] defaultNamespaces =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading", "System.Threading.Tasks", "LlmLab.Notebooks.Display"];

    /// <summary>How many cells' names are proposed; older ones once they are typed.</summary>
    const int MaximumForTools = 300;

    readonly Dictionary<string, LoadedCell> latest = [];
    readonly Dictionary<Assembly, LoadedCell> byAssembly = [];
    readonly Dictionary<string, LoadedCell> byName = [];
    readonly List<LoadedCell> withExtensions = [];
    readonly Dictionary<string, int> captured = [];
    readonly List<string> usings = [.. defaultNamespaces.Select(name => $"using {name};")];
    int count;
    LoadedCell? first;

    public CSharpState()
    {
        Assemblies = new SessionAssemblies();
        References = new SessionReferences(Assemblies);
        foreach (var type in typeof(CSharpState).Assembly.GetExportedTypes().Where(type => type.Name == "CellFunctions"))
        {
            usings.Add($"using static {type.FullName};");
        }
    }

    /// <summary>Where cells are loaded.</summary>
    public SessionAssemblies Assemblies { get; }

    /// <summary>References that every cell has; those to earlier cells come by its scope.</summary>
    public SessionReferences References { get; }

    /// <summary>Anonymous types declared so far.</summary>
    public AnonymousTypes Shapes { get; } = new();

    /// <summary>The checks that are woven into the cells.</summary>
    public WovenChecks Checks { get; } = new();

    /// <summary>Whether the interrupt flag's class is still to be made.</summary>
    public bool NeedsChecks => first is null;

    /// <summary>Lays out a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="label">What stack traces call it.</param>
    /// <param name="structure">Takes the edits of its anonymous types and members.</param>
    public CellLayout Layout(CellSyntax cell, string label, TextEdits structure)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"Cell{++count}");
        var mentioned = cell.Identifiers.Select(identifier => latest.GetValueOrDefault(identifier)).OfType<LoadedCell>().Concat(withExtensions).ToList();
        // The namespace of new anonymous types depends on how many levels the scope has, so that comes first.
        var withoutShapes = CellScope.Create(mentioned, [], cell.DeclaredNames());
        var layout = new CellLayout(name, label, CurrentUsings(cell), withoutShapes, []);
        var shapes = Shapes.Rewrite(cell, layout.Namespace, structure);
        MemberEdits.Add(cell, structure);
        var shapeCells = shapes.Where(shape => !shape.IsNew).Select(shape => byName[shape.Namespace.Split('.')[0]]);
        return layout with
        {
            Scope = CellScope.Create(mentioned, first is null ? shapeCells : shapeCells.Prepend(first), cell.DeclaredNames()),
            Shapes = [.. shapes.Where(shape => shape.IsNew).Select(shape => shape.Shape)],
        };
    }

    /// <summary>Lays out a cell that is being written: all that it could mention is in its scope, the most recent cells first.</summary>
    public CellLayout LayoutForTools(CellSyntax cell)
    {
        var live = latest.Values.Concat(withExtensions).Distinct().OrderByDescending(earlier => earlier.Order).Take(MaximumForTools);
        var mentioned = cell.Identifiers.Select(identifier => latest.GetValueOrDefault(identifier)).OfType<LoadedCell>();
        return new("Unfinished", "Unfinished", CurrentUsings(cell), CellScope.Create(live.Concat(mentioned), [], cell.DeclaredNames()), []);
    }

    /// <summary>Takes a compiled cell in: its names are known from here on.</summary>
    public LoadedCell Load(CellSyntax cell, CellLayout layout, CompiledCell compiled)
    {
        var assembly = Assemblies.LoadCell(compiled.Assembly, compiled.Symbols);
        var variables = compiled.Variables.Select(variable => variable.Name).ToList();
        var names = cell.Types.Concat(cell.Members).SelectMany(CellSyntax.NamesOf).Concat(variables).ToHashSet();
        var signatures = compiled.ReferencedBySignatures.Select(name => byName.GetValueOrDefault(name)).OfType<LoadedCell>().ToList();
        var loaded = new LoadedCell(count, layout.Namespace, layout.Class, layout.Label, cell.Text, assembly, names, variables, [.. cell.CapturedNames()], cell.HasExtensions, signatures);
        if (first is null)
        {
            first = loaded;
            Checks.Attach(assembly);
        }

        foreach (var name in names) latest[name] = loaded;
        byAssembly[assembly] = loaded;
        byName[layout.Name] = loaded;
        if (loaded.HasExtensions) withExtensions.Add(loaded);
        Shapes.Declare(layout.Shapes, layout.Namespace);
        AddUsings(cell);
        return loaded;
    }

    /// <summary>The cell that an assembly is.</summary>
    public LoadedCell? CellOf(Assembly assembly) => byAssembly.GetValueOrDefault(assembly);

    /// <summary>The cell that declared a name last.</summary>
    public LoadedCell? CellOf(string name) => latest.GetValueOrDefault(name);

    /// <summary>Names of the session and the cells that declared them.</summary>
    public IReadOnlyDictionary<string, LoadedCell> Names => latest;

    /// <summary>Using directives in force.</summary>
    public IReadOnlyList<string> Usings => usings;

    /// <summary>After a cell failed: variables that it never assigned do not hide earlier ones of their name.</summary>
    public void Restore(LoadedCell failed, IReadOnlyDictionary<string, LoadedCell> before)
    {
        foreach (var name in failed.Variables)
        {
            if (!before.TryGetValue(name, out var earlier) || latest[name] != failed) continue;
            var field = failed.Field(name);
            if (Equals(field.GetValue(null), field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null)) latest[name] = earlier;
        }

        NoteCaptures(failed);
    }

    /// <summary>
    /// After a cell ended well: lets go of values whose variable it declared anew, so that rerunning a cell that makes a model does not
    /// keep every one of them. Variables that a function, a type or a lambda mentions are kept: that code may still run.
    /// </summary>
    public void Release(LoadedCell loaded, IReadOnlyDictionary<string, LoadedCell> before)
    {
        foreach (var (name, earlier) in before)
        {
            if (latest[name] != loaded || !earlier.Variables.Contains(name) || captured.GetValueOrDefault(name) >= earlier.Order) continue;
            var field = earlier.Field(name);
            if (!field.FieldType.IsPrimitive) field.SetValue(null, null);
        }

        NoteCaptures(loaded);
    }

    void NoteCaptures(LoadedCell loaded)
    {
        foreach (var name in loaded.CapturedNames) captured[name] = loaded.Order;
    }

    /// <summary>The usings in force, less those that the cell repeats.</summary>
    List<string> CurrentUsings(CellSyntax cell)
    {
        var own = cell.Root.Usings.Select(Normalized).ToHashSet();
        var aliases = cell.Root.Usings.Select(directive => directive.Alias?.Name.Identifier.ValueText).OfType<string>().ToHashSet();
        return [.. usings.Where(line => !own.Contains(line) && !(AliasOf(line) is { } alias && aliases.Contains(alias)))];
    }

    void AddUsings(CellSyntax cell)
    {
        var kept = CurrentUsings(cell);
        usings.Clear();
        usings.AddRange(kept.Concat(cell.Root.Usings.Select(Normalized)).Distinct());
    }

    static string Normalized(UsingDirectiveSyntax directive) => directive.WithoutTrivia().NormalizeWhitespace().ToFullString();

    static string? AliasOf(string line) => line.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var end ? line["using ".Length..end].Trim() : null;
}
