using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Data.Pipeline;

/// <summary>Counts and examples of one step in one run.</summary>
sealed class StepTally(PipelineStep step, int exampleCount)
{
    static readonly JsonSerializerOptions json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly Dictionary<string, long> reasons = new(StringComparer.Ordinal);
    readonly List<StepExample> examples = [];
    long documentsIn, documentsOut, changed, flagged, bytesIn, bytesOut;

    public long Ticks { get; set; }

    public void Add(StepCounts counts)
    {
        documentsIn += counts.In;
        documentsOut += counts.Out;
        bytesIn += counts.BytesIn;
        bytesOut += counts.BytesOut;
        Ticks += counts.Ticks;
    }

    /// <summary>Counts a document that the step did something with.</summary>
    public void Act(Document before, StepOutcome outcome)
    {
        if (outcome.Decision == Decision.Changed) changed++;
        if (outcome.Decision == Decision.Flagged) flagged++;
        string rule = outcome.Reason.Split([':', '('], 2)[0].Trim();
        // The first example of every reason, then of any.
        bool fresh = !reasons.ContainsKey(rule);
        reasons[rule] = reasons.GetValueOrDefault(rule) + 1;
        if (examples.Count < exampleCount && (fresh || examples.Count < (exampleCount + 1) / 2)) examples.Add(Example(before, outcome));
    }

    StepExample Example(Document before, StepOutcome outcome)
    {
        const int Width = 160;
        string old = before.Text, now = outcome.Decision == Decision.Changed ? outcome.Document.Text : "";
        int at = outcome.Findings is [var finding, ..] ? finding.Start : outcome.Decision == Decision.Changed ? old.AsSpan().CommonPrefixLength(now) : 0;
        int start = Math.Max(0, Math.Min(at, old.Length) - 40);
        var masked = new StringBuilder(old, start, Math.Min(Width, old.Length - start), Width * 2);
        if (step.Judges.Contains(FaultKind.PersonalData))
            foreach (var found in outcome.Findings)
                for (int i = Math.Max(found.Start + 1, start); i < Math.Min(found.End, start + masked.Length); i++)
                    if (char.IsLetterOrDigit(masked[i - start])) masked[i - start] = '•';
        return new StepExample(before.Id, outcome.Decision, outcome.Related is { } related ? $"{outcome.Reason} → {related}" : outcome.Reason,
            Line(masked.ToString()), start < now.Length ? Line(now.Substring(start, Math.Min(Width, now.Length - start))) : "");
    }

    static string Line(string text) => text.ReplaceLineEndings("⏎").Replace('\t', ' ').Trim();

    public StepReport Report(FaultScore? score) => new()
    {
        Name = step.Name,
        Options = JsonSerializer.Serialize(step.Options, step.Options.GetType(), json),
        DocumentsIn = documentsIn,
        DocumentsOut = documentsOut,
        Changed = changed,
        Flagged = flagged,
        BytesIn = bytesIn,
        BytesOut = bytesOut,
        Seconds = (double)Ticks / Stopwatch.Frequency,
        Examples = [.. examples],
        Score = score,
        Reasons = [.. reasons.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal)],
    };
}
