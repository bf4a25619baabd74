using DuckDB.NET.Data;
using LlmLab.Data.Warehouse;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// The tables of a run: inputs (every document read, without its text), documents (those that are left), decisions (what each step
/// did, kept documents aside), findings (where personal data and the like stood; never the data itself) and steps.
/// </summary>
sealed class DecisionTables : IDisposable
{
    const string Metadata = "ordinal BIGINT, id VARCHAR, source VARCHAR, title VARCHAR, kind VARCHAR, project VARCHAR, phase VARCHAR, date TIMESTAMP, version VARCHAR, supersedes VARCHAR, language VARCHAR, licence VARCHAR, sensitivity VARCHAR, roles VARCHAR, characters BIGINT";

    readonly DataWarehouse warehouse;
    // DuckDB's appender holds 204,800 rows before it writes them, however long they are: they are given away sooner.
    const int RowsHeld = 8_192;
    DuckDBAppender inputs, documents, decisions, findings;
    readonly bool withText;
    long inputCount, documentCount, decisionCount;
    bool disposed;

    public DecisionTables(DataWarehouse warehouse, bool withText)
    {
        (this.warehouse, this.withText) = (warehouse, withText);
        warehouse.Execute($"""
            CREATE TABLE inputs({Metadata});
            CREATE TABLE documents({Metadata}, text VARCHAR);
            CREATE TABLE decisions(step INTEGER, step_name VARCHAR, document VARCHAR, decision VARCHAR, reason VARCHAR, related VARCHAR, pieces INTEGER);
            CREATE TABLE findings(step INTEGER, document VARCHAR, type VARCHAR, start INTEGER, length INTEGER);
            CREATE TABLE steps(step INTEGER, name VARCHAR, options VARCHAR, documents_in BIGINT, documents_out BIGINT, changed BIGINT, flagged BIGINT, bytes_in BIGINT, bytes_out BIGINT, precision DOUBLE, recall DOUBLE);
            """);
        (inputs, documents, decisions, findings) = (warehouse.Appender("inputs"), warehouse.Appender("documents"), warehouse.Appender("decisions"), warehouse.Appender("findings"));
    }

    static IDuckDBAppenderRow Append(DuckDBAppender to, long ordinal, Document document)
    {
        var m = document.Metadata;
        return to.CreateRow().AppendValue(ordinal).AppendValue(document.Id).AppendValue(m.Source).AppendValue(m.Title).AppendValue(m.Kind.ToString())
            .AppendValue(m.Project).AppendValue(m.Phase).AppendValue(m.Date?.UtcDateTime).AppendValue(m.Version).AppendValue(m.Supersedes).AppendValue(m.Language)
            .AppendValue(m.Licence).AppendValue(m.Sensitivity.ToString()).AppendValue(string.Join(", ", m.Roles)).AppendValue((long)document.Text.Length);
    }

    public void AddInput(Document document)
    {
        Append(inputs, inputCount++, document).EndRow();
        if (inputCount % RowsHeld == 0) inputs = Renew(inputs, "inputs");
    }

    public void AddDocument(Document document)
    {
        Append(documents, documentCount++, document).AppendValue(withText ? document.Text : null).EndRow();
        if (documentCount % RowsHeld == 0) documents = Renew(documents, "documents");
    }

    DuckDBAppender Renew(DuckDBAppender appender, string table)
    {
        appender.Dispose();
        return warehouse.Appender(table);
    }

    public void Add(int step, string name, StepOutcome outcome)
    {
        decisions.CreateRow().AppendValue(step).AppendValue(name).AppendValue(outcome.Document.Id).AppendValue(outcome.Decision.ToString().ToLowerInvariant())
            .AppendValue(outcome.Reason).AppendValue(outcome.Related).AppendValue(outcome.Findings.Count).EndRow();
        foreach (var finding in outcome.Findings)
            findings.CreateRow().AppendValue(step).AppendValue(outcome.Document.Id).AppendValue(finding.Type).AppendValue(finding.Start).AppendValue(finding.Length).EndRow();
        if (++decisionCount % RowsHeld == 0) (decisions, findings) = (Renew(decisions, "decisions"), Renew(findings, "findings"));
    }

    /// <summary>Writes the steps; all rows are in the tables then.</summary>
    public void Complete(IReadOnlyList<StepReport> reports)
    {
        using (var steps = warehouse.Appender("steps")) Write(steps, reports);
        Dispose();
    }

    static void Write(DuckDBAppender steps, IReadOnlyList<StepReport> reports)
    {
        for (int i = 0; i < reports.Count; i++)
        {
            var r = reports[i];
            steps.CreateRow().AppendValue(i).AppendValue(r.Name).AppendValue(r.Options).AppendValue(r.DocumentsIn).AppendValue(r.DocumentsOut).AppendValue(r.Changed).AppendValue(r.Flagged)
                .AppendValue(r.BytesIn).AppendValue(r.BytesOut).AppendValue(r.Score?.Precision).AppendValue(r.Score?.Recall).EndRow();
        }
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        foreach (var appender in (DuckDBAppender[])[inputs, documents, decisions, findings]) appender.Dispose();
    }
}
