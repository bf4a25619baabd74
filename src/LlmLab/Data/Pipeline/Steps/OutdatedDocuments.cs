using System.Globalization;
using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="OutdatedDocuments"/>.</summary>
public sealed record OutdatedDocumentsOptions
{
    /// <summary>Jaccard similarity from which a newer document of the same title, kind and project replaces an older one. 0: a title names a document, however much it was rewritten.</summary>
    public double SameTitleThreshold { get; init; }
    /// <summary>The same for titles that bear a date or number (minutes, weekly reports) or say nothing ("README"): such documents replace one another only where they are alike.</summary>
    public double SeriesThreshold { get; init; } = 0.3;
    /// <summary>Similarity from which a newer document replaces an older one whatever their titles.</summary>
    public double AnyTitleThreshold { get; init; } = 0.75;
    /// <summary>Days that two documents without version marks must lie apart; closer ones are copies, and left to the steps for duplicates.</summary>
    public int MinimumDays { get; init; } = 14;
    /// <summary>True to drop documents that say themselves that they are superseded, withdrawn or no longer valid.</summary>
    public bool BelieveNotices { get; init; } = true;
    /// <summary>Kinds that are never outdated: a mail or chat is what was said on its day.</summary>
    public IReadOnlyList<DocumentKind> Lasting { get; init; } = [DocumentKind.Email, DocumentKind.Chat];
    /// <summary>How similar documents are found.</summary>
    public SimilarityOptions Similarity { get; init; } = new();
}

/// <summary>
/// Drops documents that a newer one has replaced: named by it ("supersedes"), of a lower version of the same title, or without any
/// mark but older and much alike; and documents that say so themselves. A model that learns both versions answers with either.
/// </summary>
public sealed class OutdatedDocuments(OutdatedDocumentsOptions? options = null) : CorpusStep
{
    readonly OutdatedDocumentsOptions options = options ?? new OutdatedDocumentsOptions();

    /// <inheritdoc/>
    public override string Name => "outdated";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Outdated];
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context)
    {
        context.ShareSimilarity(options.Similarity);
        return new Pass(options, context);
    }

    sealed class Pass(OutdatedDocumentsOptions options, RunContext context) : CorpusPass
    {
        readonly List<(DocumentAge Age, bool Lasting)> ages = [];
        readonly Dictionary<string, int> superseded = new(StringComparer.OrdinalIgnoreCase);
        readonly Dictionary<int, (int Newer, string Reason)> outdated = [];
        static readonly DocumentAge none = new(false, 0, null, null, null);
        IReadOnlyList<string> ids = [];

        public override object? Observe(Document document) => options.Lasting.Contains(document.Metadata.Kind) ? null : DocumentAge.Of(document);

        public override void Collect(int index, Document document, object? observation)
        {
            ages.Add((observation as DocumentAge ?? none, observation is null));
            if (document.Metadata.Supersedes is { Length: > 0 } older) superseded.TryAdd(older, index);
        }

        public override void Decide(bool[] present)
        {
            ids = context.Ids;
            for (int i = 0; i < ages.Count; i++)
            {
                if (!present[i]) continue;
                if (superseded.TryGetValue(ids[i], out int newer) && newer != i) outdated[i] = (newer, "superseded");
                else if (options.BelieveNotices && !ages[i].Lasting && ages[i].Age.Retired is { } retired) outdated[i] = (-1, retired);
            }
            CompareFamilies(present);
            CompareSimilar(present);
            foreach (int index in outdated.Keys) present[index] = false;
        }

        void CompareFamilies(bool[] present)
        {
            int[] members = [.. Enumerable.Range(0, ages.Count).Where(i => present[i] && !ages[i].Lasting && ages[i].Age.Family != 0)];
            ulong[] keys = Array.ConvertAll(members, i => ages[i].Age.Family);
            Array.Sort(keys, members);
            var families = new List<int[]>();
            for (int start = 0, end; start < keys.Length; start = end)
            {
                end = start + 1;
                while (end < keys.Length && keys[end] == keys[start]) end++;
                if (end - start > 1) families.Add([.. members[start..end].Order()]);
            }
            var found = new System.Collections.Concurrent.ConcurrentDictionary<int, (int, string)>();
            Parallel.ForEach(families, new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = Operation.Current.CancellationToken }, family =>
            {
                // A family of hundreds is a series; its members are compared with their nearest successors only.
                const int Reach = 40;
                var shingles = new uint[family.Length][];
                uint[] Shingles(int i) => shingles[i] ??= WordShingles.Of(context.ReadText(family[i]), options.Similarity.ShingleWords);
                for (int i = 0; i < family.Length; i++)
                    for (int j = i + 1; j < Math.Min(family.Length, i + 1 + Reach); j++)
                    {
                        var (a, b) = (ages[family[i]].Age, ages[family[j]].Age);
                        if (a.IsNewerThan(b) is not { } firstIsNewer) continue;
                        var (newer, older) = firstIsNewer ? (i, j) : (j, i);
                        if (AreClose(a, b)) continue;
                        bool marked = a.Version is not null && b.Version is not null && !a.Version.SequenceEqual(b.Version);
                        double jaccard = WordShingles.Jaccard(Shingles(i), Shingles(j));
                        if (jaccard < (a.IsSeries || b.IsSeries ? options.SeriesThreshold : options.SameTitleThreshold)) continue;
                        string reason = string.Create(CultureInfo.InvariantCulture, $"{(marked ? "lower version" : "older")} of the same title (Jaccard {jaccard:0.00})");
                        found.AddOrUpdate(family[older], (family[newer], reason), (_, old) => old.Item1 <= family[newer] ? old : (family[newer], reason));
                    }
            });
            foreach (var (index, by) in found) outdated.TryAdd(index, by);
        }

        bool AreClose(DocumentAge a, DocumentAge b) =>
            (a.Version is null || b.Version is null || a.Version.SequenceEqual(b.Version)) && a.Date is { } x && b.Date is { } y && Math.Abs((x - y).TotalDays) < options.MinimumDays;

        void CompareSimilar(bool[] present)
        {
            foreach (var pair in context.Similarity!.Pairs(Math.Min(options.SeriesThreshold + 0.15, options.AnyTitleThreshold), present, context.ReadText, context.Threads))
            {
                if (ages[pair.First].Lasting || ages[pair.Second].Lasting) continue;
                var (a, b) = (ages[pair.First].Age, ages[pair.Second].Age);
                if (a.IsNewerThan(b) is not { } firstIsNewer) continue;
                if (AreClose(a, b) || a.Family != b.Family && pair.Jaccard < options.AnyTitleThreshold) continue;
                var (newer, older) = firstIsNewer ? (pair.First, pair.Second) : (pair.Second, pair.First);
                outdated.TryAdd(older, (newer, string.Create(CultureInfo.InvariantCulture, $"older and similar (Jaccard {pair.Jaccard:0.00})")));
            }
        }

        public override StepOutcome Apply(int index, Document document) =>
            outdated.TryGetValue(index, out var by) ? StepOutcome.Drop(document, by.Reason, by.Newer < 0 ? null : ids[by.Newer]) : StepOutcome.Keep(document);
    }
}
