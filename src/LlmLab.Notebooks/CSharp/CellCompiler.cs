using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>An error in a cell's text.</summary>
/// <param name="Span">Where in the cell.</param>
/// <param name="Id">CS0103 and so on.</param>
/// <param name="Message">The compiler's message.</param>
sealed record CellDiagnostic(TextSpan Span, string Id, string Message);

/// <summary>A compiled cell, or why it isn't.</summary>
sealed record CompiledCell(IReadOnlyList<CellDiagnostic> Errors, byte[] Assembly, byte[] Symbols, IReadOnlyList<HoistedVariable> Variables,
    IReadOnlyList<string> ReferencedBySignatures, bool IsAsync);

/// <summary>
/// Compiles a cell to an assembly of its own. At most three compilations: with variables as locals, for their types; with
/// variables as fields, for what its lambdas are; with the checks woven in. Cells without variables or lambdas skip those.
/// </summary>
static class CellCompiler
{
    /// <summary>How generated text is parsed.</summary>
    public static readonly CSharpParseOptions RegularOptions = new(LanguageVersion.Latest, DocumentationMode.None);

    /// <summary>How cells are compiled.</summary>
    public static readonly CSharpCompilationOptions Options = new(OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, warningLevel: 0, concurrentBuild: false,
        nullableContextOptions: NullableContextOptions.Annotations, assemblyIdentityComparer: DesktopAssemblyIdentityComparer.Default);

    static readonly SyntaxTree checks = CSharpSyntaxTree.ParseText(SourceText.From(WovenChecks.Source, Encoding.UTF8), RegularOptions);

    /// <summary>Compiles.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="structure">Edits that make it members: anonymous types and modifiers.</param>
    /// <param name="references">All references.</param>
    /// <param name="withChecks">Whether the assembly shall hold the session's checks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static CompiledCell Compile(CellSyntax cell, CellLayout layout, TextEdits structure, ImmutableArray<MetadataReference> references, bool withChecks, CancellationToken cancellationToken)
    {
        var errors = cell.Tree.GetDiagnostics(cancellationToken).Where(IsError).ToList();
        if (errors.Count > 0) return Failed(errors.Select(error => new CellDiagnostic(error.Location.SourceSpan, error.Id, error.GetMessage())));

        var edits = new TextEdits();
        edits.AddRange(structure);
        IReadOnlyList<HoistedVariable> variables = [];
        var showsValue = cell.Trailing is not null;
        if (cell.VariableNames().Any() || MayBeVoid(cell.Trailing))
        {
            var probe = CellText.Write(cell, layout, structure, [], showsValue: false, out var endOfRun);
            var (tree, model) = Model(probe);
            variables = VariableHoisting.Hoist(cell, model, probe, endOfRun, edits);
            if (cell.Trailing is { } trailing && ExpressionAt(tree, probe, trailing) is { } expression)
                showsValue = model.GetTypeInfo(expression).Type?.SpecialType != SpecialType.System_Void;
        }

        var lambdas = (Func<int, LambdaBody>)(_ => LambdaBody.Tree);
        if (LambdaBodies.AreNeeded(cell))
        {
            var unwoven = CellText.Write(cell, layout, edits, variables, showsValue, out _);
            lambdas = new LambdaBodies(Model(unwoven).Model, unwoven).At;
        }

        var weaver = new InterruptWeaver(edits, lambdas);
        foreach (var member in cell.Root.Members) weaver.Visit(member);

        var text = CellText.Write(cell, layout, edits, variables, showsValue, out _);
        var compilation = Create(text, out _);
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb), cancellationToken: cancellationToken);
        if (!result.Success) return Failed(result.Diagnostics.Where(IsError).Select(error => Map(error, text, layout)));
        return new([], assembly.ToArray(), symbols.ToArray(), variables, SignatureReferences.Of(compilation), cell.HasAwait);

        (SyntaxTree Tree, SemanticModel Model) Model(MappedText text)
        {
            var compilation = Create(text, out var tree);
            return (tree, compilation.GetSemanticModel(tree));
        }

        CSharpCompilation Create(MappedText text, out SyntaxTree tree)
        {
            tree = CSharpSyntaxTree.ParseText(SourceText.From(text.ToString(), Encoding.UTF8), RegularOptions, layout.Label, cancellationToken);
            return CSharpCompilation.Create(layout.Name, withChecks ? [tree, checks] : [tree], references, Options);
        }

        CompiledCell Failed(IEnumerable<CellDiagnostic> found) =>
            new([.. found.OrderBy(error => error.Span.Start).DistinctBy(error => (error.Span, error.Id, error.Message))], [], [], [], [], false);
    }

    /// <summary>Compiles a cell for nothing, so that the session's own is quick.</summary>
    public static void Warm(string code)
    {
        var cell = CellSyntax.Parse(code);
        var layout = new CellLayout("Warm", "Warm", ["using System;", "using System.Linq;"], CellScope.Create([], [], []), []);
        Compile(cell, layout, new TextEdits(), FrameworkReferences.All, withChecks: true, CancellationToken.None);
    }

    static CellDiagnostic Map(Diagnostic error, MappedText text, CellLayout layout)
    {
        var span = error.Location.SourceSpan;
        var start = text.ToOriginal(span.Start);
        var end = Math.Max(start, text.ToOriginal(span.End));
        var message = error.GetMessage().Replace(layout.Class + ".", "", StringComparison.Ordinal).Replace(layout.Namespace + ".", "", StringComparison.Ordinal);
        return new(TextSpan.FromBounds(start, end), error.Id, message);
    }

    /// <summary>Whether an expression may have no value to show; cells without calls need no compilation to know.</summary>
    static bool MayBeVoid(ExpressionSyntax? expression) =>
        expression is not null && expression.DescendantNodesAndSelf().Any(node => node is InvocationExpressionSyntax or AwaitExpressionSyntax);

    static ExpressionSyntax? ExpressionAt(SyntaxTree tree, MappedText text, ExpressionSyntax original)
    {
        var start = text.ToGenerated(original.SpanStart);
        return start < 0 ? null : tree.GetRoot().FindToken(start).Parent?.AncestorsAndSelf().OfType<ExpressionStatementSyntax>().FirstOrDefault()?.Expression;
    }

    static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;
}
