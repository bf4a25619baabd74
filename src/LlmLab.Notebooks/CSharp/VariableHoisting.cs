using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>A variable of the session: a public static field of the cell that declared it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, fully qualified, as C# text.</param>
sealed record HoistedVariable(string Name, string Type)
{
    /// <summary>The name as it must be written.</summary>
    public string Code => SyntaxFacts.GetKeywordKind(Name) == SyntaxKind.None ? Name : "@" + Name;
}

/// <summary>
/// Turns declarations of the cell's outermost scope into assignments to static fields. Their types come from a first compilation
/// in which they are locals; what cannot be a field (ref structs, ref locals, pointers, <c>using</c> declarations) stays a local.
/// </summary>
static class VariableHoisting
{
    static readonly SymbolDisplayFormat typeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>Suffix of the local that a pattern binds, before its value goes to the field.</summary>
    const string PatternSuffix = "__p";

    /// <summary>Finds the variables, and adds the edits that make them assignments.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="model">The first compilation's model.</param>
    /// <param name="text">Its text.</param>
    /// <param name="endOfRun">A position at the end of its method, where every variable of the outermost scope is seen.</param>
    /// <param name="edits">Takes the edits.</param>
    public static IReadOnlyList<HoistedVariable> Hoist(CellSyntax cell, SemanticModel model, MappedText text, int endOfRun, TextEdits edits)
    {
        var locals = new Dictionary<int, ILocalSymbol>();
        // What is declared twice stays local, so that the compiler says so.
        foreach (var name in cell.VariableNames().Except(cell.RepeatedNames()))
        {
            if (model.LookupSymbols(endOfRun, name: name).OfType<ILocalSymbol>().FirstOrDefault() is not { } local || !CanBeField(local)) continue;
            locals[text.ToOriginal(local.Locations[0].SourceSpan.Start)] = local;
        }

        var variables = new List<HoistedVariable>();
        var patterns = new Dictionary<IsPatternExpressionSyntax, List<HoistedVariable>>();
        foreach (var statement in cell.Statements)
        {
            if (statement is FieldDeclarationSyntax field) HoistDeclaration(field);
            foreach (var node in statement.DescendantNodes(CellSyntax.IsOwnCode)) HoistDesignation(node);
        }

        foreach (var (expression, bound) in patterns) KeepPattern(expression, bound, edits);
        return variables;

        HoistedVariable Take(ILocalSymbol local)
        {
            var variable = new HoistedVariable(local.Name, local.Type.ToDisplayString(typeFormat));
            variables.Add(variable);
            return variable;
        }

        void HoistDeclaration(FieldDeclarationSyntax field)
        {
            var declarators = field.Declaration.Variables;
            if (declarators.Any(declarator => !locals.ContainsKey(declarator.Identifier.SpanStart))) return;
            edits.Delete(TextSpan.FromBounds(field.Declaration.Type.SpanStart, declarators[0].SpanStart));
            foreach (var separator in declarators.GetSeparators()) edits.Replace(separator.Span, ";");
            foreach (var declarator in declarators)
            {
                var variable = Take(locals[declarator.Identifier.SpanStart]);
                if (declarator.Initializer is null) edits.Close(declarator.Span.End, " = default!");
                else if (declarator.Initializer.Value is InitializerExpressionSyntax array) edits.Open(array.SpanStart, $"new {variable.Type.TrimEnd('?')} ");
            }
        }

        void HoistDesignation(SyntaxNode node)
        {
            switch (node)
            {
                case DeclarationExpressionSyntax { Designation: SingleVariableDesignationSyntax single } declaration when locals.TryGetValue(single.SpanStart, out var local):
                    edits.Delete(TextSpan.FromBounds(declaration.SpanStart, single.SpanStart));
                    Take(local);
                    break;
                case DeclarationExpressionSyntax { Designation: ParenthesizedVariableDesignationSyntax many } declaration:
                    var leaves = many.DescendantNodes().OfType<SingleVariableDesignationSyntax>().ToList();
                    if (leaves.Count == 0 || leaves.Any(leaf => !locals.ContainsKey(leaf.SpanStart))) break;
                    edits.Delete(TextSpan.FromBounds(declaration.SpanStart, many.SpanStart));
                    foreach (var leaf in leaves) Take(locals[leaf.SpanStart]);
                    break;
                case SingleVariableDesignationSyntax bound when locals.TryGetValue(bound.SpanStart, out var local)
                    && !bound.Ancestors().TakeWhile(outer => outer is not StatementSyntax).Any(outer => outer is DeclarationExpressionSyntax)
                    && bound.FirstAncestorOrSelf<IsPatternExpressionSyntax>() is { } pattern:
                    if (!patterns.TryGetValue(pattern, out var list)) patterns[pattern] = list = [];
                    list.Add(Take(local));
                    break;
            }
        }
    }

    /// <summary>
    /// A pattern must bind locals: <c>x is T a</c> becomes <c>(x is T a__p &amp;&amp; Keep(a = a__p))</c>, and <c>x is not T a</c>
    /// becomes <c>(x is not T a__p || !Keep(a = a__p))</c>.
    /// </summary>
    static void KeepPattern(IsPatternExpressionSyntax expression, List<HoistedVariable> bound, TextEdits edits)
    {
        var isNegated = expression.Pattern is UnaryPatternSyntax;
        var keep = bound.Select(variable => (isNegated ? " || !" : " && ") + $"{CellText.Checks}.Keep({variable.Code} = {variable.Code + PatternSuffix})");
        edits.Open(expression.SpanStart, "(");
        edits.Close(expression.Span.End, string.Concat(keep) + ")");
        foreach (var designation in expression.Pattern.DescendantNodes().OfType<SingleVariableDesignationSyntax>())
        {
            if (bound.Any(variable => variable.Name == designation.Identifier.ValueText)) edits.Close(designation.Span.End, PatternSuffix);
        }
    }

    static bool CanBeField(ILocalSymbol local) =>
        local is { IsUsing: false, IsRef: false, IsConst: false, IsFixed: false, IsForEach: false, HasUnsupportedMetadata: false } && CanBeNamed(local.Type);

    static bool CanBeNamed(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol or IPointerTypeSymbol or IFunctionPointerTypeSymbol or { IsRefLikeType: true } => false,
        IArrayTypeSymbol array => array.ElementType is IPointerTypeSymbol or IFunctionPointerTypeSymbol ? false : CanBeNamed(array.ElementType),
        IDynamicTypeSymbol => true,
        INamedTypeSymbol named => (named.CanBeReferencedByName || named.IsTupleType) && !named.IsAnonymousType && named.TypeArguments.All(CanBeNamed)
            && (named.ContainingType is null || CanBeNamed(named.ContainingType)),
        _ => false,
    };
}
