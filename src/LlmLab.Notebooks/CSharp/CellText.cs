using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>How a cell's generated compilation unit is laid out.</summary>
/// <param name="Name">Name of its assembly and outermost namespace.</param>
/// <param name="Label">What stack traces call it: "Cell 3", or a file.</param>
/// <param name="Usings">Using directives of earlier cells and the engine's own.</param>
/// <param name="Scope">Earlier cells that it may mention.</param>
/// <param name="Shapes">Anonymous types that it declares.</param>
sealed record CellLayout(string Name, string Label, IReadOnlyList<string> Usings, CellScope Scope, IReadOnlyList<AnonymousTypes.Shape> Shapes)
{
    /// <summary>The namespace of the cell's types.</summary>
    public string Namespace => NamespaceAt(0);

    /// <summary>The class of its functions and variables.</summary>
    public string Class => $"{Namespace}.{CellText.ClassName}";

    /// <summary>Usings of older cells whose names newer ones redeclare stand further out, where lookup comes later.</summary>
    public string NamespaceAt(int level) => Name + string.Concat(Enumerable.Repeat(".Inner", Scope.Levels.Count - 1 - level));
}

/// <summary>Writes a cell's compilation unit.</summary>
static class CellText
{
    /// <summary>Class of a cell's functions and variables.</summary>
    public const string ClassName = "__Cell";

    /// <summary>Method of its statements.</summary>
    public const string RunName = "__Run";

    /// <summary>Class of a session with its interrupt flag, as cells write it; the first cell's assembly holds it.</summary>
    public const string Checks = "global::" + WovenChecks.ClassName;

    /// <summary>Writes the unit.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="edits">Edits of its text.</param>
    /// <param name="variables">Its variables that are fields.</param>
    /// <param name="showsValue">Whether the expression at the end has a value to return.</param>
    /// <param name="endOfRun">A position at the end of the method of its statements.</param>
    public static MappedText Write(CellSyntax cell, CellLayout layout, TextEdits edits, IReadOnlyList<HoistedVariable> variables, bool showsValue, out int endOfRun)
    {
        var text = new MappedText(cell.Text);
        foreach (var line in layout.Usings) text.Add(line).Add("\n");
        foreach (var directive in cell.Root.Usings) CopyNode(directive);
        text.Add("\n");

        OpenNamespaces(text, layout);
        foreach (var shape in layout.Shapes) text.Add(AnonymousTypes.Declaration(shape));
        foreach (var type in cell.Types) CopyNode(type);
        text.Add($"\npublic static class {ClassName} {{\n");
        foreach (var variable in variables) text.Add($"public static {variable.Type} {variable.Code};\n");
        foreach (var member in cell.Members) CopyNode(member);
        text.Add(cell.HasAwait ? $"\npublic static async global::System.Threading.Tasks.Task<object> {RunName}() {{\n" : $"\npublic static object {RunName}() {{\n");
        foreach (var statement in cell.Statements) CopyStatement(statement);
        text.Add("\n#line hidden\n;");
        endOfRun = text.Length;
        text.Add("return null;\n}\n}\n").Add(new string('}', layout.Scope.Levels.Count)).Add("\n");
        return text;

        void CopyNode(SyntaxNode node) => Line(node.SpanStart).Copy(node.Span, edits).Add("\n");

        void CopyStatement(MemberDeclarationSyntax member)
        {
            if (showsValue && cell.Trailing is { } trailing && member.Span.Contains(trailing.Span) && member is GlobalStatementSyntax)
            {
                Line(trailing.SpanStart).Add("return ").Copy(trailing.Span, edits).Add(";\n");
            }
            else if (member is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } })
            {
                Line(member.SpanStart).Copy(member.Span, edits).Add(";\n");
            }
            else
            {
                Line(member.SpanStart).Add(cell.Prefixes.GetValueOrDefault(member.SpanStart, "")).Copy(member.Span, edits).Add("\n");
            }
        }

        MappedText Line(int position)
        {
            var line = cell.Tree.GetText().Lines.IndexOf(position) + 1;
            return text.Add(string.Create(CultureInfo.InvariantCulture, $"\n#line {line} \"{layout.Label}\"\n"));
        }
    }

    /// <summary>
    /// Writes a unit for completion and inspection: nothing is rewritten or left out, so that each position of the cell has its place,
    /// and variables are locals, and fields besides for the functions of the cell.
    /// </summary>
    /// <param name="cell">The cell, however unfinished.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="variables">Its variables, as far as their types are known.</param>
    public static MappedText WriteForTools(CellSyntax cell, CellLayout layout, IReadOnlyList<HoistedVariable> variables)
    {
        var text = new MappedText(cell.Text);
        var edits = new TextEdits();
        MemberEdits.Add(cell, edits);
        foreach (var line in layout.Usings) text.Add(line).Add("\n");
        foreach (var directive in cell.Root.Usings) text.Copy(directive.FullSpan, edits).Add("\n");
        OpenNamespaces(text, layout);
        foreach (var type in cell.Types) text.Copy(type.FullSpan, edits).Add("\n");
        text.Add($"public static class {ClassName} {{\n");
        foreach (var variable in variables) text.Add($"public static {variable.Type} {variable.Code};\n");
        foreach (var member in cell.Members) text.Copy(member.FullSpan, edits).Add("\n");
        text.Add($"public static async global::System.Threading.Tasks.Task<object> {RunName}() {{\n");
        foreach (var statement in cell.Statements)
        {
            var isOpen = statement is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } };
            text.Add(cell.Prefixes.GetValueOrDefault(statement.SpanStart, "")).Copy(statement.FullSpan, edits).Add(isOpen ? "\n;\n" : "\n");
        }

        text.Copy(cell.Root.EndOfFileToken.FullSpan, edits).Add("\nreturn null;\n}\n}\n").Add(new string('}', layout.Scope.Levels.Count));
        return text;
    }

    static void OpenNamespaces(MappedText text, CellLayout layout)
    {
        for (var level = layout.Scope.Levels.Count - 1; level >= 0; level--)
        {
            text.Add("namespace ").Add(level == layout.Scope.Levels.Count - 1 ? layout.Name : "Inner").Add(" {\n");
            foreach (var earlier in layout.Scope.Levels[level])
            {
                text.Add($"using global::{earlier.Namespace}; using static global::{earlier.Class};\n");
            }
        }

        text.Add($"using static global::{layout.Class};\n");
    }
}
