using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// Finds the assemblies whose types stand in a cell's declarations (not in its code). Whoever references the cell must reference
/// these too; taking all that its code uses would bring the whole session back through a chain of <c>var b = a + 1;</c> cells.
/// </summary>
sealed class SignatureReferences : SymbolVisitor
{
    readonly IAssemblySymbol own;
    readonly HashSet<IAssemblySymbol> found = new(SymbolEqualityComparer.Default);

    SignatureReferences(IAssemblySymbol own) => this.own = own;

    /// <summary>Names of the assemblies.</summary>
    public static IReadOnlyList<string> Of(CSharpCompilation compilation)
    {
        var visitor = new SignatureReferences(compilation.Assembly);
        visitor.Visit(compilation.Assembly.GlobalNamespace);
        return [.. visitor.found.Select(assembly => assembly.Name)];
    }

    public override void VisitNamespace(INamespaceSymbol symbol)
    {
        foreach (var member in symbol.GetMembers()) Visit(member);
    }

    public override void VisitNamedType(INamedTypeSymbol symbol)
    {
        Add(symbol.BaseType);
        foreach (var type in symbol.Interfaces) Add(type);
        AddConstraints(symbol.TypeParameters);
        foreach (var member in symbol.GetMembers()) Visit(member);
    }

    public override void VisitField(IFieldSymbol symbol) => Add(symbol.Type);

    public override void VisitProperty(IPropertySymbol symbol) => Add(symbol.Type);

    public override void VisitEvent(IEventSymbol symbol) => Add(symbol.Type);

    public override void VisitMethod(IMethodSymbol symbol)
    {
        Add(symbol.ReturnType);
        foreach (var parameter in symbol.Parameters) Add(parameter.Type);
        AddConstraints(symbol.TypeParameters);
    }

    void AddConstraints(IEnumerable<ITypeParameterSymbol> parameters)
    {
        foreach (var parameter in parameters)
            foreach (var type in parameter.ConstraintTypes) Add(type);
    }

    void Add(ITypeSymbol? type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array: Add(array.ElementType); break;
            case IPointerTypeSymbol pointer: Add(pointer.PointedAtType); break;
            case INamedTypeSymbol named:
                if (named.ContainingAssembly is { } assembly && !SymbolEqualityComparer.Default.Equals(assembly, own)) found.Add(assembly);
                Add(named.ContainingType);
                foreach (var argument in named.TypeArguments) Add(argument);
                break;
        }
    }
}
