using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;
using Pgvector;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>
/// A table with a full-text column: nearest vectors and best keyword matches, fused by reciprocal rank (Cormack, Clarke and Büttcher 2009): a record
/// gets 1 / (60 + its rank) from each list. Keywords are ranked by PostgreSQL's <c>ts_rank_cd</c> over its English configuration.
/// </summary>
sealed class PostgresKeywordBackend(PostgresStore store, string name, CollectionModel model) : PostgresBackend(store, name, model), IKeywordBackend
{
    const int RankConstant = 60, LeastDepth = 50;

    public Task<IReadOnlyList<ScoredRecord>> HybridSearchAsync(KeywordQuery query, CancellationToken cancellationToken)
    {
        var property = Model.VectorProperties[query.Vector.Property];
        int depth = Math.Max(LeastDepth, 4 * query.Vector.Top);
        List<object> parameters = [new Vector(query.Vector.Vector)];
        var words = new List<string>();
        foreach (string keyword in query.Keywords)
        {
            parameters.Add(keyword);
            words.Add($"plainto_tsquery('english', ${parameters.Count})");
        }
        string asked = words.Count == 0 ? "''::tsquery" : string.Join(" || ", words); // any of them
        var (condition, all) = Condition(query.Vector.Filter, parameters);
        string distance = PostgresSchema.Distance(property, "$1"), text = PostgresSchema.Words(query.Text);
        string sql = $"""
            WITH by_vector AS (
              SELECT {Schema.Key} AS found, row_number() OVER (ORDER BY distance, {Schema.Key}) AS place
              FROM (SELECT {Schema.Key}, {distance} AS distance FROM {Schema.Table} WHERE {SqlFilter.Quote(property.StorageName)} IS NOT NULL AND ({condition}) ORDER BY {distance} LIMIT {depth}) nearest
            ), by_words AS (
              SELECT {Schema.Key} AS found, row_number() OVER (ORDER BY matching DESC, {Schema.Key}) AS place
              FROM (SELECT {Schema.Key}, ts_rank_cd({text}, {asked}) AS matching FROM {Schema.Table} WHERE {text} @@ ({asked}) AND ({condition}) ORDER BY matching DESC, {Schema.Key} LIMIT {depth}) best
            ), fused AS (
              SELECT found, SUM(1.0 / ({RankConstant} + place))::double precision AS score FROM (SELECT * FROM by_vector UNION ALL SELECT * FROM by_words) lists GROUP BY found
            )
            SELECT score, {Schema.Columns(query.Vector.IncludeVectors)} FROM fused JOIN {Schema.Table} ON {Schema.Key} = found ORDER BY score DESC, found LIMIT {query.Vector.Top}
            """;
        return Read(sql, all, query.Vector.IncludeVectors, reader => new ScoredRecord(Record(reader, query.Vector.IncludeVectors, 1), reader.GetDouble(0)), Settings(property, depth), cancellationToken);
    }
}
