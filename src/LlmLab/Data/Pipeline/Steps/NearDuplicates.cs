using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="NearDuplicates"/>.</summary>
public sealed record NearDuplicatesOptions
{
    /// <summary>Documents whose shingle sets have at least this Jaccard similarity are near duplicates. 0.8 is usual (Lee et al. 2022, "Deduplicating training data makes language models better"; RefinedWeb); 0.7 also catches short documents with a few edits.</summary>
    public double Threshold { get; init; } = 0.7;
    /// <summary>How candidates are found.</summary>
    public SimilarityOptions Similarity { get; init; } = new();
}

/// <summary>
/// Drops documents that repeat an earlier one with small edits: MinHash signatures and locality-sensitive hashing find candidates,
/// exact Jaccard similarity of their shingles decides. The earliest of each group of similar documents is kept.
/// </summary>
public sealed class NearDuplicates(NearDuplicatesOptions? options = null) : CorpusStep
{
    readonly NearDuplicatesOptions options = options ?? new NearDuplicatesOptions();

    /// <inheritdoc/>
    public override string Name => "near duplicates";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.NearDuplicate];
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context)
    {
        context.ShareSimilarity(options.Similarity);
        return new Pass(options, context);
    }

    sealed class Pass(NearDuplicatesOptions options, RunContext context) : CorpusPass
    {
        readonly Dictionary<int, (int Original, double Jaccard)> originals = [];
        IReadOnlyList<string> ids = [];

        public override void Collect(int index, Document document, object? observation) { }

        public override void Decide(bool[] present)
        {
            ids = context.Ids;
            var pairs = context.Similarity!.Pairs(options.Threshold, present, context.ReadText, context.Threads);
            foreach (var pair in pairs.OrderBy(p => p.Second).ThenBy(p => p.First))
            {
                if (!present[pair.First] || !present[pair.Second]) continue;
                originals[pair.Second] = (pair.First, pair.Jaccard);
                present[pair.Second] = false;
            }
        }

        public override StepOutcome Apply(int index, Document document) =>
            originals.TryGetValue(index, out var original)
                ? StepOutcome.Drop(document, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"similar text (Jaccard {original.Jaccard:0.00})"), ids[original.Original])
                : StepOutcome.Keep(document);
    }
}
