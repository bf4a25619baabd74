using System.Text;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.LanguageModels;

namespace LlmLab.Evaluation.Comparisons;

/// <summary>Where scores item by item come from.</summary>
public static class ScoreSources
{
    /// <summary>The scores of a report's first model, one set a task and metric. Metrics of which neither direction is better are left out.</summary>
    /// <param name="report">What an evaluation wrote.</param>
    /// <param name="system">What to call the model; null: as the report does.</param>
    public static IReadOnlyList<ItemScores> Of(EvaluationReport report, string? system = null) =>
        [.. report.Items
            .Where(items => report.Rows.Any(row => row.Task == items.Task && row.Metric == items.Metric && row.Subject is null && row.HigherIsBetter is not null))
            .Select(items => items with { System = system ?? items.System })];

    /// <summary>Bits a byte of each text under a model: what models with different tokenizers can be compared by. Lower is better.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the texts are called.</param>
    /// <param name="texts">The texts, none of them empty.</param>
    /// <param name="system">What to call the model; null: its own name.</param>
    /// <exception cref="InvalidInputException">There are no texts, or one is empty.</exception>
    public static ItemScores OfTexts(IEvaluatedModel model, string name, IReadOnlyList<string> texts, string? system = null)
    {
        if (texts.Count == 0 || texts.Any(text => text.Length == 0)) throw new InvalidInputException($"{name} has {texts.Count} texts, {texts.Count(text => text.Length == 0)} of them empty; give at least one, and none that is empty.");
        var answers = model.RollingLogLikelihoods(texts);
        return ItemScores.Of(system ?? model.Name, name, "bits a byte", [.. answers.Select((answer, i) => TokenLoss.BitsPerByte(-answer.Nats, Encoding.UTF8.GetByteCount(texts[i])))], higherIsBetter: false);
    }

    /// <summary>Cuts a text into pieces of about so many characters, at line ends where there are some: items for <see cref="OfTexts"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Characters of a piece, at least 1.</param>
    /// <exception cref="InvalidInputException">The length is below 1.</exception>
    public static IReadOnlyList<string> Pieces(string text, int length = 1_000)
    {
        if (length < 1) throw new InvalidInputException($"A text was to be cut into pieces of {length} characters; give at least 1.");
        var pieces = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(text.Length, start + length);
            if (end < text.Length)
            {
                // The last line end of the second half of the piece; never between the halves of a surrogate pair.
                var line = text.LastIndexOf('\n', end - 1, (end - start + 1) / 2);
                if (line > start) end = line + 1;
                else if (char.IsLowSurrogate(text[end]) && end - start > 1) end--;
                else if (char.IsLowSurrogate(text[end])) end++;
            }
            pieces.Add(text[start..end]);
            start = end;
        }
        return pieces;
    }
}
