using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Turns a script's types, functions and statements into what stands in a namespace, a static class and a method.</summary>
static class MemberEdits
{
    /// <summary>Makes types and members public (and static), and a <c>return;</c> of the cell a <c>return null;</c>.</summary>
    public static void Add(CellSyntax cell, TextEdits edits)
    {
        foreach (var type in cell.Types) Declare(type, "public ", edits);
        foreach (var member in cell.Members)
        {
            var isConstant = member is FieldDeclarationSyntax;
            Declare(member, isConstant ? "public " : "public static ", edits);
        }

        foreach (var statement in cell.Statements)
        {
            // A script's fields may have modifiers; neither locals nor assignments do.
            foreach (var modifier in (statement as FieldDeclarationSyntax)?.Modifiers ?? default) edits.Delete(modifier.Span);
            foreach (var node in statement.DescendantNodes(CellSyntax.IsOwnCode).OfType<ReturnStatementSyntax>())
            {
                if (node.Expression is null) edits.Close(node.ReturnKeyword.Span.End, " null");
            }
        }
    }

    static void Declare(MemberDeclarationSyntax member, string modifiers, TextEdits edits)
    {
        var start = member.AttributeLists.Count > 0 ? member.AttributeLists[^1].GetLastToken().GetNextToken() : member.GetFirstToken();
        edits.Open(start.SpanStart, modifiers);
        foreach (var modifier in member.Modifiers.Where(modifier => IsDropped(modifier, member is BaseTypeDeclarationSyntax))) edits.Delete(modifier.Span);
    }

    /// <summary>Access is public for all, and members are static already; a static class stays one.</summary>
    static bool IsDropped(SyntaxToken modifier, bool isType) => modifier.Kind() switch
    {
        SyntaxKind.PublicKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword or SyntaxKind.FileKeyword => true,
        SyntaxKind.StaticKeyword => !isType,
        _ => false,
    };
}
