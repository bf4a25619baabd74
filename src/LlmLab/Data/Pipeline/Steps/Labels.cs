using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="Labels"/>.</summary>
public sealed record LabelsOptions
{
    /// <summary>Documents of known kind that the classifier needs before it may label others.</summary>
    public int MinimumTraining { get; init; } = 200;
    /// <summary>Share of the held-out documents that it must get right, too.</summary>
    public double MinimumAccuracy { get; init; } = 0.85;
    /// <summary>Smallest lead of the first class, in nats a feature, for a label to be given.</summary>
    public double MinimumLead { get; init; } = 0.05;
    /// <summary>True to take the top folder for the project where nothing names one.</summary>
    public bool ProjectFromFolder { get; init; } = true;
}

/// <summary>
/// Labels documents by kind, project and phase: what their metadata says stays; then come words of the path and title; then, for the
/// kind, a classifier trained on the documents whose kind is known by then, and tested on a fifth of them that it has not seen.
/// </summary>
public sealed class Labels(LabelsOptions? options = null) : CorpusStep
{
    static readonly (DocumentKind Kind, string[] Words)[] kinds =
    [
        (DocumentKind.Budget, ["budget", "budgets", "invoice", "invoices", "forecast", "expenses"]),
        (DocumentKind.Policy, ["policy", "policies", "guideline", "guidelines", "code of conduct", "leave", "benefits", "hr"]),
        (DocumentKind.Planning, ["plan", "roadmap", "schedule", "minutes", "status report", "milestones", "backlog"]),
        (DocumentKind.Technical, ["api", "runbook", "architecture", "incident", "design document", "specification", "deployment", "operation manual", "pep"]),
        (DocumentKind.Reference, ["glossary", "directory", "contract", "contacts", "reference", "faq"]),
        (DocumentKind.Wiki, ["wiki"]),
    ];

    static readonly (string Phase, string[] Words)[] phases =
    [
        ("planning", ["kick-off", "kickoff", "proposal", "project plan", "feasibility", "business case"]), ("design", ["design review", "architecture", "mock-up", "prototype", "specification"]),
        ("implementation", ["sprint", "implementation", "development", "construction", "installation"]), ("testing", ["test plan", "acceptance test", "test report", "quality assurance"]),
        ("operation", ["incident", "runbook", "maintenance", "on-call", "operation"]), ("closure", ["lessons learned", "retrospective", "post-mortem", "handover", "final report"]),
    ];

    readonly LabelsOptions options = options ?? new LabelsOptions();

    /// <inheritdoc/>
    public override string Name => "labels";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context) => new Pass(options);

    /// <summary>What metadata, path and title tell, without the classifier.</summary>
    public static DocumentMetadata ByRules(DocumentMetadata metadata, bool projectFromFolder = true)
    {
        string where = $"{metadata.Title} {metadata.Source.Replace('/', ' ').Replace('-', ' ').Replace('_', ' ')}";
        if (metadata.Kind == DocumentKind.Other && kinds.FirstOrDefault(k => PersonalData.Surroundings.ContainsWord(where, k.Words)) is { Words: not null } kind) metadata = metadata with { Kind = kind.Kind };
        if (metadata.Phase is null && phases.FirstOrDefault(p => PersonalData.Surroundings.ContainsWord(where, p.Words)).Phase is { } phase) metadata = metadata with { Phase = phase };
        if (projectFromFolder && metadata.Project is null && metadata.Source.IndexOf('/') is > 0 and var slash && !metadata.Source.Contains("://")) metadata = metadata with { Project = metadata.Source[..slash] };
        return metadata;
    }

    sealed class Pass(LabelsOptions options) : CorpusPass
    {
        const int HeldOut = 5_000;
        readonly KindClassifier classifier = new(Enum.GetValues<DocumentKind>().Length);
        readonly List<(ushort[] Features, int Kind)> heldOut = [];
        double accuracy = double.NaN;
        bool ready;

        public override string Remark => double.IsNaN(accuracy) ? "too few documents of known kind to train a classifier"
            : string.Create(CultureInfo.InvariantCulture, $"classifier of kinds: {accuracy:0.000} right on {heldOut.Count} held-out documents after {classifier.Documents.Sum()} for training; {(ready ? "used" : "not used")}");

        public override object? Observe(Document document)
        {
            var kind = ByRules(document.Metadata, false).Kind;
            return kind == DocumentKind.Other ? null : ((int)kind, KindClassifier.FeaturesOf(document.Text));
        }

        public override void Collect(int index, Document document, object? observation)
        {
            if (observation is not (int kind, ushort[] features)) return;
            // By the id's hash, so that adding a document does not change the others' part.
            if (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(document.Id)) % 5 != 0) classifier.Train(features, kind);
            else if (heldOut.Count < HeldOut) heldOut.Add((features, kind));
        }

        public override void Decide(bool[] present)
        {
            if (classifier.Documents.Sum() < options.MinimumTraining || heldOut.Count < 20 || classifier.Documents.Count(d => d > 0) < 2) return;
            accuracy = heldOut.Count(h => classifier.Predict(h.Features).Label == h.Kind) / (double)heldOut.Count;
            ready = accuracy >= options.MinimumAccuracy;
        }

        public override StepOutcome Apply(int index, Document document)
        {
            var metadata = ByRules(document.Metadata, options.ProjectFromFolder);
            if (ready && metadata.Kind == DocumentKind.Other && classifier.Predict(KindClassifier.FeaturesOf(document.Text)) is { Label: > 0 } guess && guess.Lead >= options.MinimumLead)
                metadata = metadata with { Kind = (DocumentKind)guess.Label };
            if (metadata == document.Metadata) return StepOutcome.Keep(document);
            string[] given = [.. new[] { (metadata.Kind != document.Metadata.Kind, "kind"), (metadata.Project != document.Metadata.Project, "project"), (metadata.Phase != document.Metadata.Phase, "phase") }.Where(g => g.Item1).Select(g => g.Item2)];
            return StepOutcome.Change(document with { Metadata = metadata }, string.Join(", ", given));
        }
    }
}
