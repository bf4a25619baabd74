using Lucene.Net.Index;
using Lucene.Net.Search;

namespace LlmLab.Retrieval.Search;

/// <summary>A <see cref="SearchFilter"/> in Lucene's terms.</summary>
static class KeywordFilter
{
    /// <summary>The filter, or null where it can admit nothing.</summary>
    public static Filter? Of(SearchFilter filter, IndexReader reader)
    {
        // Classes of access are few: those that may be read are named one by one.
        string[] readable = [.. AccessClasses(reader).Where(filter.Clearance.MayReadClass)];
        if (readable.Length == 0) return null;
        var query = new BooleanQuery { { OneOf(StoredPassage.Access, readable), Occur.MUST } };
        foreach (var (field, values) in (ReadOnlySpan<(string, IReadOnlyList<string>)>)[(StoredPassage.Project, filter.Projects), (StoredPassage.Phase, filter.Phases), (StoredPassage.Kind, [.. filter.Kinds.Select(kind => kind.ToString())])])
            if (values.Count > 0) query.Add(OneOf(field, values), Occur.MUST);
        if (filter.From is not null || filter.Until is not null)
            query.Add(NumericRangeQuery.NewInt64Range(StoredPassage.Date, filter.From?.UtcTicks, filter.Until?.UtcTicks, minInclusive: true, maxInclusive: false), Occur.MUST);
        return new QueryWrapperFilter(query);
    }

    /// <summary>The classes of access of the passages that an index holds.</summary>
    public static IReadOnlyList<string> AccessClasses(IndexReader reader)
    {
        var classes = new List<string>();
        if (MultiFields.GetTerms(reader, StoredPassage.Access)?.GetEnumerator() is { } terms)
            while (terms.MoveNext()) classes.Add(terms.Term.Utf8ToString());
        return classes;
    }

    static BooleanQuery OneOf(string field, IReadOnlyList<string> values)
    {
        var any = new BooleanQuery();
        foreach (string value in values) any.Add(new TermQuery(new Term(field, value)), Occur.SHOULD);
        return any;
    }
}
