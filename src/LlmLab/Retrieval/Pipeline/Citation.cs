using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>Where an answer comes from: a range of characters of a document.</summary>
/// <param name="Number">The number that the passage had in the prompt, from 1.</param>
/// <param name="DocumentId">The document.</param>
/// <param name="PassageId">The passage.</param>
/// <param name="Title">The document's title, else its source.</param>
/// <param name="Start">First character in the document's text.</param>
/// <param name="End">The character after the last.</param>
/// <param name="Quote">That text.</param>
public sealed record Citation(int Number, string DocumentId, string PassageId, string Title, int Start, int End, string Quote)
{
    /// <summary>Cites a passage; where it spells the answer, exactly the place where it does.</summary>
    public static Citation Of(int number, Passage passage, string? answer = null)
    {
        int at = string.IsNullOrWhiteSpace(answer) ? -1 : passage.Text.IndexOf(answer.Trim(), StringComparison.OrdinalIgnoreCase);
        var (start, length) = at < 0 ? (0, passage.Text.Length) : (at, answer!.Trim().Length);
        return new Citation(number, passage.DocumentId, passage.Id, passage.Metadata.Title ?? passage.Metadata.Source, passage.Start + start, passage.Start + start + length, passage.Text.Substring(start, length));
    }

    /// <summary>The same as .NET's annotation of a content.</summary>
    /// <param name="regions">Where the answer refers to it.</param>
    public CitationAnnotation ToAnnotation(IEnumerable<Range> regions) => new()
    {
        Title = Title,
        FileId = DocumentId,
        Snippet = Quote,
        AnnotatedRegions = [.. regions.Select(region => new TextSpanAnnotatedRegion { StartIndex = region.Start.Value, EndIndex = region.End.Value })],
        AdditionalProperties = new() { ["passage"] = PassageId, ["number"] = Number, ["start"] = Start, ["end"] = End },
    };
}
