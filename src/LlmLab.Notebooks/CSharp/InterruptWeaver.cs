using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmLab.Notebooks.CSharp;

/// <summary>What becomes of an expression-bodied lambda when a check is put into it.</summary>
enum LambdaBody
{
    /// <summary>It is an expression tree: left as it is.</summary>
    Tree,

    /// <summary>Its body becomes a statement.</summary>
    Statement,

    /// <summary>Its body becomes a returned value.</summary>
    Value,
}

/// <summary>
/// Puts a check into every loop, function and lambda of a cell, so that an interrupt ends its own code wherever it runs, and
/// recursion ends before the stack does (a stack overflow would kill the process). Aborting the thread instead crashes the runtime.
/// A check is one read of a static flag; in functions also a comparison with the stack's limit.
/// </summary>
/// <param name="edits">Takes the edits.</param>
/// <param name="lambdaBody">Tells by the position of a lambda's arrow what it is.</param>
sealed class InterruptWeaver(TextEdits edits, Func<int, LambdaBody> lambdaBody) : CSharpSyntaxWalker
{
    const string LoopCheck = CellText.Checks + ".Loop();";
    const string FunctionCheck = CellText.Checks + ".Function();";

    public override void VisitWhileStatement(WhileStatementSyntax node)
    {
        Loop(node.Statement);
        base.VisitWhileStatement(node);
    }

    public override void VisitDoStatement(DoStatementSyntax node)
    {
        Loop(node.Statement);
        base.VisitDoStatement(node);
    }

    public override void VisitForStatement(ForStatementSyntax node)
    {
        Loop(node.Statement);
        base.VisitForStatement(node);
    }

    public override void VisitForEachStatement(ForEachStatementSyntax node)
    {
        Loop(node.Statement);
        base.VisitForEachStatement(node);
    }

    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node)
    {
        Loop(node.Statement);
        base.VisitForEachVariableStatement(node);
    }

    public override void VisitGotoStatement(GotoStatementSyntax node)
    {
        edits.Open(node.SpanStart, "{ " + LoopCheck + " ");
        edits.Close(node.Span.End, " }");
        base.VisitGotoStatement(node);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        Function(node.Body, node.ExpressionBody, node.SemicolonToken, IsStatement(node.ReturnType, node.Modifiers));
        base.VisitMethodDeclaration(node);
    }

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        Function(node.Body, node.ExpressionBody, node.SemicolonToken, IsStatement(node.ReturnType, node.Modifiers));
        base.VisitLocalFunctionStatement(node);
    }

    public override void VisitOperatorDeclaration(OperatorDeclarationSyntax node)
    {
        Function(node.Body, node.ExpressionBody, node.SemicolonToken, IsStatement(node.ReturnType, node.Modifiers));
        base.VisitOperatorDeclaration(node);
    }

    public override void VisitConversionOperatorDeclaration(ConversionOperatorDeclarationSyntax node)
    {
        Function(node.Body, node.ExpressionBody, node.SemicolonToken, isStatement: false);
        base.VisitConversionOperatorDeclaration(node);
    }

    public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node)
    {
        // An exception in a static constructor would spoil the type for the rest of the session.
        if (!node.Modifiers.Any(SyntaxKind.StaticKeyword)) Function(node.Body, node.ExpressionBody, node.SemicolonToken, isStatement: true);
        base.VisitConstructorDeclaration(node);
    }

    public override void VisitAccessorDeclaration(AccessorDeclarationSyntax node)
    {
        Function(node.Body, node.ExpressionBody, node.SemicolonToken, isStatement: !node.Keyword.IsKind(SyntaxKind.GetKeyword));
        base.VisitAccessorDeclaration(node);
    }

    public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node)
    {
        Getter(node.ExpressionBody, node.SemicolonToken);
        base.VisitPropertyDeclaration(node);
    }

    public override void VisitIndexerDeclaration(IndexerDeclarationSyntax node)
    {
        Getter(node.ExpressionBody, node.SemicolonToken);
        base.VisitIndexerDeclaration(node);
    }

    public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
    {
        if (Lambda(node)) base.VisitSimpleLambdaExpression(node);
    }

    public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node)
    {
        if (Lambda(node)) base.VisitParenthesizedLambdaExpression(node);
    }

    public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        if (node.Block is { } block) edits.Open(block.OpenBraceToken.Span.End, " " + FunctionCheck);
        base.VisitAnonymousMethodExpression(node);
    }

    void Loop(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            edits.Open(block.OpenBraceToken.Span.End, " " + LoopCheck);
        }
        else
        {
            edits.Open(body.SpanStart, "{ " + LoopCheck + " ");
            edits.Close(body.Span.End, " }");
        }
    }

    void Function(BlockSyntax? block, ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon, bool isStatement)
    {
        if (block is not null) edits.Open(block.OpenBraceToken.Span.End, " " + FunctionCheck);
        else if (arrow is not null) Arrow(arrow, semicolon, isStatement, "{ ", " }");
    }

    void Getter(ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon)
    {
        if (arrow is not null && arrow.Expression is not LiteralExpressionSyntax) Arrow(arrow, semicolon, isStatement: false, "{ get { ", " } }");
    }

    void Arrow(ArrowExpressionClauseSyntax arrow, SyntaxToken semicolon, bool isStatement, string open, string close)
    {
        edits.Replace(arrow.ArrowToken.Span, open + FunctionCheck);
        edits.Open(arrow.Expression.SpanStart, Keyword(arrow.Expression, isStatement));
        edits.Close(semicolon.Span.End, close);
    }

    /// <summary>A lambda without calls cannot recurse, so it needs no look at the stack.</summary>
    bool Lambda(LambdaExpressionSyntax node)
    {
        if (node.Block is { } block)
        {
            edits.Open(block.OpenBraceToken.Span.End, " " + FunctionCheck);
            return true;
        }

        var body = node.ExpressionBody!;
        var kind = lambdaBody(node.ArrowToken.SpanStart);
        if (kind == LambdaBody.Tree) return false;
        var calls = body.DescendantNodesAndSelf().Any(inner => inner is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax);
        edits.Open(body.SpanStart, $"{{ {(calls ? FunctionCheck : LoopCheck)} {Keyword(body, kind == LambdaBody.Statement)}");
        edits.Close(body.Span.End, "; }");
        return true;
    }

    static string Keyword(ExpressionSyntax body, bool isStatement) => isStatement || body is ThrowExpressionSyntax ? "" : "return ";

    /// <summary>Whether a body is a statement by its declaration: void, or an async method that returns a plain task.</summary>
    static bool IsStatement(TypeSyntax returnType, SyntaxTokenList modifiers) =>
        returnType is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
        || modifiers.Any(SyntaxKind.AsyncKeyword) && (returnType as QualifiedNameSyntax)?.Right is var right
            && (right ?? returnType as SimpleNameSyntax) is IdentifierNameSyntax;
}

/// <summary>Tells what lambdas are by a compilation of the cell without checks.</summary>
sealed class LambdaBodies(SemanticModel model, MappedText text)
{
    readonly SyntaxNode root = model.SyntaxTree.GetRoot();

    /// <summary>Whether a cell has lambdas whose kind matters.</summary>
    public static bool AreNeeded(CellSyntax cell) => cell.Root.DescendantNodes().Any(node => node is LambdaExpressionSyntax { ExpressionBody: not null });

    /// <summary>What the lambda is whose arrow stands at a position of the cell.</summary>
    public LambdaBody At(int arrow)
    {
        var position = text.ToGenerated(arrow);
        if (position < 0 || root.FindToken(position).Parent is not LambdaExpressionSyntax lambda) return LambdaBody.Tree;
        if (model.GetTypeInfo(lambda).ConvertedType is INamedTypeSymbol { Name: "Expression", IsGenericType: true }) return LambdaBody.Tree;
        if (model.GetSymbolInfo(lambda).Symbol is not IMethodSymbol method) return LambdaBody.Value;
        var isTask = method.IsAsync && method.ReturnType is INamedTypeSymbol { IsGenericType: false };
        return method.ReturnsVoid || isTask ? LambdaBody.Statement : LambdaBody.Value;
    }
}
