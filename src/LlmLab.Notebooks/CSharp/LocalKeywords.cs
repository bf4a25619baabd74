using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// The script parser takes variables of the outermost scope for fields, so it knows no <c>using var</c>, <c>await using var</c>,
/// <c>ref</c> and <c>scoped</c> there. A program's top-level statements may have them: found by that parser, these words are
/// blanked for the script parser, and put back when the cell's text is written.
/// </summary>
static class LocalKeywords
{
    static readonly CSharpParseOptions programOptions = new(LanguageVersion.Latest, DocumentationMode.None);

    /// <summary>Blanks the words.</summary>
    /// <returns>The text to parse as a script, and the words by the position of what follows them.</returns>
    public static (string Text, IReadOnlyDictionary<int, string> Prefixes) Hide(string text, CancellationToken cancellationToken)
    {
        var prefixes = new Dictionary<int, string>();
        if (!text.Contains("using", StringComparison.Ordinal) && !text.Contains("ref", StringComparison.Ordinal) && !text.Contains("scoped", StringComparison.Ordinal))
            return (text, prefixes);

        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, programOptions, cancellationToken: cancellationToken).GetRoot(cancellationToken);
        var hidden = new List<TextSpan>();
        foreach (var statement in root.Members.OfType<GlobalStatementSyntax>().Select(member => member.Statement).OfType<LocalDeclarationStatementSyntax>())
        {
            var type = statement.Declaration.Type;
            while (type is RefTypeSyntax or ScopedTypeSyntax) type = type is RefTypeSyntax reference ? reference.Type : ((ScopedTypeSyntax)type).Type;
            var start = statement.GetFirstToken().SpanStart;
            if (type.SpanStart == start || statement.UsingKeyword == default && type == statement.Declaration.Type) continue;
            hidden.Add(TextSpan.FromBounds(start, type.SpanStart));
            prefixes[type.SpanStart] = text[start..type.SpanStart].ReplaceLineEndings(" ");
            hidden.AddRange(statement.Declaration.Variables.Select(variable => variable.Initializer?.Value).OfType<RefExpressionSyntax>().Select(value => value.RefKeyword.Span));
        }

        if (hidden.Count == 0) return (text, prefixes);
        var characters = text.ToCharArray();
        foreach (var span in hidden)
            for (var i = span.Start; i < span.End; i++)
                if (characters[i] is not ('\r' or '\n')) characters[i] = ' ';
        return (new string(characters), prefixes);
    }
}
