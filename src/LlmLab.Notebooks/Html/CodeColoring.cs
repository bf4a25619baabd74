using System.Net;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.Html;

/// <summary>
/// Colours C# for reading. It works from the syntax alone, so that a cell is coloured without the cells before it: what stands in a
/// type's place counts as a type, what is called counts as a method.
/// </summary>
public static class CodeColoring
{
    static readonly CSharpParseOptions script = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>HTML with <c>span</c>s of the classes k (keyword), s (string), n (number), c (comment), t (type), m (method) and d (directive).</summary>
    public static string CSharpToHtml(string code)
    {
        // Lines that only the notebook understands are hidden from the parser, each by a comment of the same length.
        string parsed = string.Join('\n', code.Split('\n').Select(line => IsMagic(line) ? "//" + line[2..] : line));
        var root = CSharpSyntaxTree.ParseText(parsed, script).GetRoot();
        var html = new StringBuilder(code.Length * 2);
        int at = 0;
        foreach (var token in root.DescendantTokens(descendIntoTrivia: true))
        {
            foreach (var trivia in token.LeadingTrivia) AddTrivia(trivia);
            Add(token.Span, ClassOf(token));
            foreach (var trivia in token.TrailingTrivia) AddTrivia(trivia);
        }
        html.Append(WebUtility.HtmlEncode(code[at..]));
        return html.ToString();

        void AddTrivia(SyntaxTrivia trivia)
        {
            if (trivia.IsDirective) Add(trivia.FullSpan, "d");
            else if (trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
                or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia)
                Add(trivia.FullSpan, IsMagic(code[trivia.SpanStart..trivia.Span.End]) ? "d" : "c");
        }

        void Add(TextSpan span, string kind)
        {
            // What lies inside a directive or comment was written with it.
            if (span.Start < at || span.Length == 0) return;
            html.Append(WebUtility.HtmlEncode(code[at..span.Start]));
            string text = WebUtility.HtmlEncode(code[span.Start..span.End]);
            html.Append(kind.Length == 0 ? text : $"<span class=\"{kind}\">{text}</span>");
            at = span.End;
        }
    }

    static bool IsMagic(string line) => line.StartsWith("#!", StringComparison.Ordinal);

    static string ClassOf(SyntaxToken token) => token.Kind() switch
    {
        SyntaxKind.NumericLiteralToken => "n",
        SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.Utf8StringLiteralToken
            or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            or SyntaxKind.Utf8SingleLineRawStringLiteralToken or SyntaxKind.Utf8MultiLineRawStringLiteralToken
            or SyntaxKind.InterpolatedStringStartToken or SyntaxKind.InterpolatedVerbatimStringStartToken or SyntaxKind.InterpolatedStringEndToken
            or SyntaxKind.InterpolatedSingleLineRawStringStartToken or SyntaxKind.InterpolatedMultiLineRawStringStartToken
            or SyntaxKind.InterpolatedRawStringEndToken or SyntaxKind.InterpolatedStringTextToken => "s",
        _ when token.Parent is DirectiveTriviaSyntax => "d",
        SyntaxKind.IdentifierToken => ClassOfIdentifier(token),
        _ => token.IsKeyword() || token.IsContextualKeyword() ? "k" : "",
    };

    static string ClassOfIdentifier(SyntaxToken token) => token.Parent switch
    {
        BaseTypeDeclarationSyntax or DelegateDeclarationSyntax or TypeParameterSyntax or ConstructorDeclarationSyntax => "t",
        MethodDeclarationSyntax or LocalFunctionStatementSyntax => "m",
        SimpleNameSyntax { Parent: InvocationExpressionSyntax call } name when call.Expression == name => name.ToString() == "nameof" ? "k" : "m",
        SimpleNameSyntax { Parent: MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } member } name
            when member.Name == name && call.Expression == member => "m",
        IdentifierNameSyntax { IsVar: true } => "k",
        SimpleNameSyntax name when IsType(name) => "t",
        _ => "",
    };

    static bool IsType(SimpleNameSyntax name) => name.Parent switch
    {
        ObjectCreationExpressionSyntax or VariableDeclarationSyntax or ParameterSyntax or TypeArgumentListSyntax or ArrayTypeSyntax
            or NullableTypeSyntax or SimpleBaseTypeSyntax or TypeOfExpressionSyntax or CatchDeclarationSyntax
            or DeclarationExpressionSyntax or TupleElementSyntax or PrimaryConstructorBaseTypeSyntax or TypeConstraintSyntax => true,
        CastExpressionSyntax cast => cast.Type == name,
        MethodDeclarationSyntax method => method.ReturnType == name,
        LocalFunctionStatementSyntax function => function.ReturnType == name,
        PropertyDeclarationSyntax property => property.Type == name,
        ForEachStatementSyntax loop => loop.Type == name,
        DeclarationPatternSyntax pattern => pattern.Type == name,
        // `Console.WriteLine`: what a dot follows and a capital begins is a type more often than not.
        MemberAccessExpressionSyntax member => member.Expression == name && char.IsUpper(name.Identifier.ValueText[0]),
        QualifiedNameSyntax qualified => qualified.Right == name && qualified.Parent is not (UsingDirectiveSyntax or QualifiedNameSyntax),
        _ => false,
    };
}
