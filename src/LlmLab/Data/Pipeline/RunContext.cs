using LlmLab.Data.Pipeline.Similarity;
using LlmLab.Data.Warehouse;

namespace LlmLab.Data.Pipeline;

/// <summary>What the steps of one run share.</summary>
public sealed class RunContext
{
    internal RunContext(DataWarehouse warehouse, int threads) => (Warehouse, Threads) = (warehouse, threads);

    /// <summary>The run's tables; a pass may keep what it collects there rather than in memory.</summary>
    public DataWarehouse Warehouse { get; }

    /// <summary>Threads that a step may use in <see cref="CorpusPass.Decide"/>.</summary>
    public int Threads { get; }

    /// <summary>Ids of the documents that are being decided on, by index.</summary>
    public IReadOnlyList<string> Ids { get; internal set; } = [];

    /// <summary>Reads a document that is being decided on; may be called from many threads.</summary>
    public Func<int, Document> ReadDocument { get; internal set; } = _ => throw new InvalidOperationException("Documents can be read in Decide only.");

    /// <summary>Reads the text of a document that is being decided on; may be called from many threads.</summary>
    public Func<int, string> ReadText { get; internal set; } = _ => throw new InvalidOperationException("Documents can be read in Decide only.");

    /// <summary>Similar documents among those that are being decided on; made by the first pass that asks for it in Begin.</summary>
    public SimilarityIndex? Similarity { get; internal set; }

    /// <summary>The shared index, made with these options unless it is there.</summary>
    public SimilarityIndex ShareSimilarity(SimilarityOptions options) => Similarity ??= new SimilarityIndex(options, Warehouse);
}
