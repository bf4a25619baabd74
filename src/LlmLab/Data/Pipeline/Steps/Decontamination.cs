using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="Decontamination"/>.</summary>
public sealed record DecontaminationOptions
{
    /// <summary>Words in a run that both have. GPT-3 (Brown et al. 2020, appendix C) uses 13.</summary>
    public int NGram { get; init; } = 13;
    /// <summary>Runs that must be shared before a document is dropped.</summary>
    public int MinimumMatches { get; init; } = 1;
}

/// <summary>
/// Drops documents that hold text of the evaluation sets, so that a score measures what a model learnt and not what it has seen.
/// An evaluation text shorter than the run is compared whole if it has at least 8 words.
/// </summary>
public sealed class Decontamination : DocumentStep
{
    readonly DecontaminationOptions options;
    readonly Dictionary<int, HashSet<uint>> runs = [];

    /// <summary>A step that knows the evaluation texts (questions, answers, passages).</summary>
    public Decontamination(IEnumerable<string> evaluationTexts, DecontaminationOptions? options = null)
    {
        this.options = options ??= new DecontaminationOptions();
        foreach (string text in evaluationTexts)
        {
            int words = 0;
            foreach (var _ in new WordScan(text)) words++;
            int size = Math.Min(words, options.NGram);
            if (size < 8) continue;
            if (!runs.TryGetValue(size, out var set)) runs[size] = set = [];
            set.UnionWith(WordShingles.Sequence(text, size));
            Texts++;
        }
    }

    /// <summary>Evaluation texts that are long enough to be compared.</summary>
    public int Texts { get; }
    /// <inheritdoc/>
    public override string Name => "decontamination";
    /// <inheritdoc/>
    public override object Options => new { options.NGram, options.MinimumMatches, Texts };
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Contamination];

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        int matches = 0;
        foreach (var (size, set) in runs)
            foreach (uint run in WordShingles.Sequence(document.Text, size))
                if (set.Contains(run) && ++matches >= options.MinimumMatches)
                    return StepOutcome.Drop(document, $"shares {size} words in a row with an evaluation text");
        return StepOutcome.Keep(document);
    }
}
