using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmLab.Notebooks.CSharp;

/// <summary>A cell's text, parsed as a script and sorted by what becomes of each part.</summary>
sealed class CellSyntax
{
    /// <summary>Cells are scripts: top-level statements, await and an expression without semicolon at the end.</summary>
    public static readonly CSharpParseOptions ScriptOptions = new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    CellSyntax(string text, SyntaxTree tree, IReadOnlyDictionary<int, string> prefixes)
    {
        Text = text;
        Prefixes = prefixes;
        Tree = tree;
        Root = (CompilationUnitSyntax)tree.GetRoot();
        foreach (var member in Root.Members)
        {
            switch (member)
            {
                case BaseTypeDeclarationSyntax or DelegateDeclarationSyntax: Types.Add(member); break;
                case GlobalStatementSyntax: Statements.Add(member); break;
                case FieldDeclarationSyntax field when !IsConstant(field): Statements.Add(member); break;
                default: Members.Add(member); break;
            }
        }

        Identifiers = [.. Root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText)];
        HasAwait = prefixes.Values.Any(prefix => prefix.StartsWith("await", StringComparison.Ordinal)) || Statements.Any(statement => statement.DescendantNodes(IsOwnCode).Any(IsAwait));
        Trailing = (Root.Members.LastOrDefault() as GlobalStatementSyntax)?.Statement is ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last
            ? last.Expression : null;
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The script tree.</summary>
    public SyntaxTree Tree { get; }

    /// <summary>Its root.</summary>
    public CompilationUnitSyntax Root { get; }

    /// <summary>Types: they go into the cell's namespace, so that extension classes work.</summary>
    public List<MemberDeclarationSyntax> Types { get; } = [];

    /// <summary>Functions, properties, constants: static members of the cell's class.</summary>
    public List<MemberDeclarationSyntax> Members { get; } = [];

    /// <summary>Statements and declarations of variables, in order.</summary>
    public List<MemberDeclarationSyntax> Statements { get; } = [];

    /// <summary>Every identifier that the cell mentions: what it may want from earlier cells.</summary>
    public HashSet<string> Identifiers { get; }

    /// <summary>Whether the statements await something.</summary>
    public bool HasAwait { get; }

    /// <summary>The expression at the end, without semicolon, whose value the cell shows.</summary>
    public ExpressionSyntax? Trailing { get; }

    /// <summary>Whether types or functions declare extension methods.</summary>
    public bool HasExtensions => Types.Concat(Members).Any(member => member.DescendantNodes().Any(node =>
        node is ExtensionBlockDeclarationSyntax || node is ParameterSyntax parameter && parameter.Modifiers.Any(SyntaxKind.ThisKeyword)));

    /// <summary>Words before a declaration that the script parser doesn't know there, by the position of what follows.</summary>
    public IReadOnlyDictionary<int, string> Prefixes { get; }

    /// <summary>Parses a cell.</summary>
    public static CellSyntax Parse(string text, CancellationToken cancellationToken = default)
    {
        var (parsed, prefixes) = LocalKeywords.Hide(text, cancellationToken);
        return new(text, CSharpSyntaxTree.ParseText(parsed, ScriptOptions, cancellationToken: cancellationToken), prefixes);
    }

    /// <summary>Indentation of a line added at the end: four spaces for each brace that is still open.</summary>
    public string Indent => new(' ', 4 * Math.Max(0, Root.DescendantTokens().Sum(token => token.Kind() switch
    {
        SyntaxKind.OpenBraceToken or SyntaxKind.OpenParenToken or SyntaxKind.OpenBracketToken when !token.IsMissing => 1,
        SyntaxKind.CloseBraceToken or SyntaxKind.CloseParenToken or SyntaxKind.CloseBracketToken when !token.IsMissing => -1,
        _ => 0,
    })));

    /// <summary>Names of the types, functions, properties and constants, and (candidates for) variables.</summary>
    public IEnumerable<string> DeclaredNames() =>
        Types.Concat(Members).SelectMany(NamesOf).Concat(VariableNames());

    /// <summary>Names that may be variables of the session: declarators and designations that are not inside a function.</summary>
    public IEnumerable<string> VariableNames() => Statements
        .SelectMany(statement => statement.DescendantNodes(IsOwnCode)).Select(VariableName).Where(name => name is not ("" or "_")).Distinct();

    /// <summary>Names that the outermost scope declares more than once.</summary>
    public IEnumerable<string> RepeatedNames() => Statements
        .SelectMany(statement => statement.DescendantNodes(IsOwnCode).Where(node => IsOutermost(node, statement))).Select(VariableName)
        .Where(name => name is not ("" or "_")).GroupBy(name => name).Where(group => group.Skip(1).Any()).Select(group => group.Key);

    static string VariableName(SyntaxNode node) => node switch
    {
        VariableDeclaratorSyntax declarator => declarator.Identifier.ValueText,
        SingleVariableDesignationSyntax designation => designation.Identifier.ValueText,
        _ => "",
    };

    /// <summary>Whether what a node declares belongs to the cell's outermost scope: an expression there, or the condition of an <c>if</c>.</summary>
    static bool IsOutermost(SyntaxNode node, MemberDeclarationSyntax statement)
    {
        for (var outer = node.Parent; outer is not null && outer != statement; outer = outer.Parent)
        {
            if (outer is SwitchExpressionArmSyntax or QueryClauseSyntax or SelectOrGroupClauseSyntax) return false;
            if (outer is StatementSyntax && (outer.Parent != statement || outer is not (ExpressionStatementSyntax or IfStatementSyntax))) return false;
            if (outer is IfStatementSyntax condition && !condition.Condition.Span.Contains(node.Span)) return false;
        }

        return true;
    }

    /// <summary>Identifiers in code that may run after the cell: functions, types, lambdas, queries.</summary>
    public IEnumerable<string> CapturedNames() => Types.Concat(Members).Cast<SyntaxNode>()
        .Concat(Statements.SelectMany(statement => statement.DescendantNodes().Where(node => !IsOwnCode(node) || node is QueryExpressionSyntax)))
        .SelectMany(node => node.DescendantTokens()).Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText).Distinct();

    /// <summary>Names that a member declares.</summary>
    public static IEnumerable<string> NamesOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => [type.Identifier.ValueText],
        DelegateDeclarationSyntax type => [type.Identifier.ValueText],
        MethodDeclarationSyntax method => [method.Identifier.ValueText],
        PropertyDeclarationSyntax property => [property.Identifier.ValueText],
        EventDeclarationSyntax @event => [@event.Identifier.ValueText],
        BaseFieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.ValueText),
        _ => [],
    };

    /// <summary>Descends into everything but functions in statements: what runs as the cell itself.</summary>
    public static bool IsOwnCode(SyntaxNode node) => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax);

    static bool IsConstant(FieldDeclarationSyntax field) => field.Modifiers.Any(SyntaxKind.ConstKeyword);

    static bool IsAwait(SyntaxNode node) => node switch
    {
        AwaitExpressionSyntax => true,
        CommonForEachStatementSyntax loop => loop.AwaitKeyword != default,
        LocalDeclarationStatementSyntax declaration => declaration.AwaitKeyword != default,
        UsingStatementSyntax statement => statement.AwaitKeyword != default,
        _ => false,
    };
}
