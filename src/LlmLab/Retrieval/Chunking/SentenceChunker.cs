using LlmLab.Data;
using LlmLab.Text;

namespace LlmLab.Retrieval.Chunking;

/// <summary>Windows of sentences that do not cross a section's border; neighbours share some, so that no thought is cut at both ends.</summary>
/// <param name="sentences">Sentences a passage, at least 1.</param>
/// <param name="overlap">Sentences that a passage shares with the one before it; less than <paramref name="sentences"/>.</param>
public sealed class SentenceChunker(int sentences = 3, int overlap = 1) : IChunker
{
    static readonly SentenceSplitter splitter = new();

    readonly int length = sentences >= 1 ? sentences : throw new InvalidInputException($"A passage must have at least 1 sentence, found {sentences}.");
    readonly int step = overlap >= 0 && overlap < sentences ? sentences - overlap : throw new InvalidInputException($"The overlap must lie between 0 and {sentences - 1} sentences, found {overlap}.");

    /// <inheritdoc/>
    public string Name => $"sentences, {length} with {length - step} shared";

    /// <inheritdoc/>
    public IReadOnlyList<Passage> Split(Document document)
    {
        var builder = new PassageBuilder(document);
        foreach (var section in DocumentStructure.Sections(document.Text))
        {
            var spans = splitter.Spans(document.Text[section.Start..section.End]);
            for (int i = 0; i < spans.Count; i += step)
            {
                int last = Math.Min(i + length, spans.Count) - 1;
                builder.Add(section.Start + spans[i].Start.Value, section.Start + spans[last].End.Value, section.Heading, section.Start, section.End);
                if (last == spans.Count - 1) break;
            }
        }
        return builder.Passages;
    }
}
