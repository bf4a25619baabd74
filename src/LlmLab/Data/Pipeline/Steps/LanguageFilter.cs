namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="LanguageFilter"/>.</summary>
public sealed record LanguageFilterOptions
{
    /// <summary>ISO 639-1 codes to keep; empty: the languages that make up at least <see cref="MinimumShare"/> of the corpus.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
    /// <summary>Share of the documents from which a language counts as one of the corpus.</summary>
    public double MinimumShare { get; init; } = 0.1;
    /// <summary>Share of function words below which the answer is too unsure to drop a document for it.</summary>
    public double MinimumConfidence { get; init; } = 0.15;
}

/// <summary>Identifies each document's language, writes it into the metadata, and drops documents in languages that are not wanted. Texts that tell nothing (tables, code) stay.</summary>
public sealed class LanguageFilter(LanguageFilterOptions? options = null) : CorpusStep
{
    readonly LanguageFilterOptions options = options ?? new LanguageFilterOptions();

    /// <inheritdoc/>
    public override string Name => "language";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.ForeignLanguage];
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context) => new Pass(options);

    sealed class Pass(LanguageFilterOptions options) : CorpusPass
    {
        readonly List<(string? Code, bool Sure)> languages = [];
        HashSet<string> wanted = [];

        public override object? Observe(Document document)
        {
            var identified = LanguageIdentification.Identify(document.Text);
            return (identified.Code, identified.Share >= options.MinimumConfidence);
        }

        public override void Collect(int index, Document document, object? observation) => languages.Add(((string?, bool))observation!);

        public override void Decide(bool[] present)
        {
            var known = languages.Where((l, i) => present[i] && l.Code is not null).GroupBy(l => l.Code!).ToDictionary(g => g.Key, g => g.Count());
            double all = known.Values.Sum();
            wanted = options.Languages.Count > 0 ? [.. options.Languages] : [.. known.Where(k => k.Value >= options.MinimumShare * all).Select(k => k.Key)];
            for (int i = 0; i < present.Length; i++)
                if (IsForeign(i)) present[i] = false;
        }

        bool IsForeign(int index) => languages[index] is ({ } code, true) && !wanted.Contains(code);

        public override StepOutcome Apply(int index, Document document)
        {
            if (IsForeign(index)) return StepOutcome.Drop(document, $"language {languages[index].Code}");
            return languages[index].Code is { } code && document.Metadata.Language != code && document.Metadata.Language is null
                ? new StepOutcome(document with { Metadata = document.Metadata with { Language = code } }, Decision.Kept)
                : StepOutcome.Keep(document);
        }
    }
}
