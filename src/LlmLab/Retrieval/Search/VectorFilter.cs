using System.Linq.Expressions;

namespace LlmLab.Retrieval.Search;

/// <summary>A <see cref="SearchFilter"/> as a lambda over records, of which vector stores make their own query language.</summary>
static class VectorFilter
{
    /// <param name="filter">The filter.</param>
    /// <param name="readable">The classes of access that may be read.</param>
    public static Expression<Func<PassageRecord, bool>> Of(SearchFilter filter, IReadOnlyList<string> readable)
    {
        string[] classes = [.. readable], projects = [.. filter.Projects], phases = [.. filter.Phases], kinds = [.. filter.Kinds.Select(kind => kind.ToString())];
        long from = filter.From?.UtcTicks ?? long.MinValue + 1, until = filter.Until?.UtcTicks ?? long.MaxValue;
        var parts = new List<Expression<Func<PassageRecord, bool>>> { record => classes.Contains(record.Access) };
        if (projects.Length > 0) parts.Add(record => projects.Contains(record.Project));
        if (phases.Length > 0) parts.Add(record => phases.Contains(record.Phase));
        if (kinds.Length > 0) parts.Add(record => kinds.Contains(record.Kind));
        if (filter.From is not null || filter.Until is not null) parts.Add(record => record.Date >= from && record.Date < until);
        return parts.Aggregate((one, next) => Expression.Lambda<Func<PassageRecord, bool>>(
            Expression.AndAlso(one.Body, new Renamed(next.Parameters[0], one.Parameters[0]).Visit(next.Body)), one.Parameters));
    }

    sealed class Renamed(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
