using Fluid;
using Fluid.Ast;

namespace LlmLab.Prompts;

/// <summary>Collects the variables that a template of Liquid asks for, without those that it sets itself.</summary>
sealed class VariableNames : AstVisitor
{
    readonly SortedSet<string> found = new(StringComparer.Ordinal);
    readonly HashSet<string> own = new(StringComparer.Ordinal) { "forloop" };

    public static IReadOnlyCollection<string> UsedBy(IFluidTemplate template)
    {
        var names = new VariableNames();
        names.VisitTemplate(template);
        names.found.ExceptWith(names.own);
        return names.found;
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment first, ..]) found.Add(first.Identifier);
        return base.VisitMemberExpression(memberExpression);
    }

    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        own.Add(forStatement.Identifier);
        return base.VisitForStatement(forStatement);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        own.Add(assignStatement.Identifier);
        return base.VisitAssignStatement(assignStatement);
    }

    protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
    {
        own.Add(captureStatement.Identifier);
        return base.VisitCaptureStatement(captureStatement);
    }
}
