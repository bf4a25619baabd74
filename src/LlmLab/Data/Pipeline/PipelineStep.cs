namespace LlmLab.Data.Pipeline;

/// <summary>
/// One step of a pipeline. A step holds only its options; what it learns during a run lives in that run, so a step can be used
/// again and again, and gives the same decisions whatever the number of threads.
/// </summary>
public abstract class PipelineStep
{
    /// <summary>Name in tables, in a few words.</summary>
    public abstract string Name { get; }

    /// <summary>Its options: a record, written into the lineage as JSON.</summary>
    public abstract object Options { get; }

    /// <summary>The faults that it is there to find; its precision and recall are judged by them where they are known.</summary>
    public virtual IReadOnlyList<FaultKind> Judges => [];

    /// <summary>True if a fault is a piece of text rather than a whole document: then findings are compared, not documents.</summary>
    public virtual bool JudgedByPieces => false;
}

/// <summary>A step that decides on each document alone. Called from many threads at once.</summary>
public abstract class DocumentStep : PipelineStep
{
    /// <summary>Decides on one document.</summary>
    public abstract StepOutcome Apply(Document document);
}

/// <summary>A step that has to see all documents before it can decide on one, such as duplicates.</summary>
public abstract class CorpusStep : PipelineStep
{
    /// <summary>True if it changes texts: then steps after it wait until it has. Steps that only drop share one reading.</summary>
    public virtual bool ChangesText => false;

    /// <summary>Begins a run.</summary>
    public abstract CorpusPass Begin(RunContext context);
}

/// <summary>
/// A <see cref="CorpusStep"/>'s state in one run. First every document is observed (in parallel) and collected (one by one, in
/// order), then <see cref="Decide"/> is called once, then <see cref="Apply"/> for every document (in parallel).
/// </summary>
public abstract class CorpusPass : IDisposable
{
    /// <summary>The costly part, without side effects; called from many threads.</summary>
    public virtual object? Observe(Document document) => null;

    /// <summary>Keeps what was observed; called in the order of the documents, numbered from 0.</summary>
    public abstract void Collect(int index, Document document, object? observation);

    /// <summary>Decides on all of them.</summary>
    /// <param name="present">Which documents earlier steps have left; documents that this step drops are to be set false.</param>
    public abstract void Decide(bool[] present);

    /// <summary>The decision on one document; called from many threads.</summary>
    public abstract StepOutcome Apply(int index, Document document);

    /// <summary>What a person should know of the step in this run, such as a classifier's accuracy; asked after Decide.</summary>
    public virtual string? Remark => null;

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
