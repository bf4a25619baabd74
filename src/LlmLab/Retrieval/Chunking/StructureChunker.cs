using LlmLab.Data;
using LlmLab.Text;

namespace LlmLab.Retrieval.Chunking;

/// <summary>
/// Cuts where the writer did: at headings, messages, tables, lists and paragraphs. What is longer than wanted is cut between sentences or
/// rows, and inside one only where it alone is longer; passages of a table carry the table's first row in their heading.
/// </summary>
/// <param name="mostCharacters">Longest passage in characters; at least 40.</param>
/// <param name="leastCharacters">Paragraphs of a section are joined until they have so many characters; 0 keeps every paragraph apart.</param>
public sealed class StructureChunker(int mostCharacters = 1_200, int leastCharacters = 0) : IChunker
{
    static readonly SentenceSplitter sentences = new();

    readonly int most = mostCharacters >= 40 ? mostCharacters : throw new InvalidInputException($"A passage must be allowed at least 40 characters, found {mostCharacters}.");
    readonly int least = leastCharacters >= 0 && leastCharacters <= mostCharacters ? leastCharacters
        : throw new InvalidInputException($"The least length of a passage must lie between 0 and the longest ({mostCharacters}), found {leastCharacters}.");

    /// <inheritdoc/>
    public string Name => $"structure, {least} to {most} characters";

    /// <inheritdoc/>
    public IReadOnlyList<Passage> Split(Document document)
    {
        var builder = new PassageBuilder(document);
        string text = document.Text;
        foreach (var section in DocumentStructure.Sections(text))
        {
            int from = -1, to = -1;
            void Flush()
            {
                if (from >= 0) builder.Add(from, to, section.Heading, section.Start, section.End);
                from = -1;
            }
            foreach (var block in DocumentStructure.Blocks(text, section.Start, section.End))
            {
                bool fits = from >= 0 && to - from < least && block.End - from <= most && block.Kind != BlockKind.Table;
                if (!fits) Flush();
                if (block.End - block.Start > most) AddParts(builder, text, block, section);
                else if (block.Kind == BlockKind.Table) builder.Add(block.Start, block.End, section.Heading, section.Start, section.End);
                else (from, to) = (from < 0 ? block.Start : from, block.End);
            }
            Flush();
        }
        return builder.Passages;
    }

    void AddParts(PassageBuilder builder, string text, Block block, Section section)
    {
        string heading = section.Heading;
        if (block.Kind == BlockKind.Table)
        {
            string columns = string.Join(" | ", FirstLine(text, block).Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            heading = heading.Length == 0 ? columns : $"{heading} › {columns}";
        }
        foreach (var (start, end) in Filled(Pieces(text, block)))
            builder.Add(start, end, heading, section.Start, section.End);
    }

    static string FirstLine(string text, Block block) => text[DocumentStructure.LineRanges(text, block.Start, block.End).First()];

    /// <summary>The smallest pieces of a block that should stay whole: rows, items and code by line, everything else by sentence.</summary>
    static IEnumerable<(int Start, int End)> Pieces(string text, Block block) => block.Kind == BlockKind.Paragraph
        ? sentences.Spans(text[block.Start..block.End]).Select(span => (block.Start + span.Start.Value, block.Start + span.End.Value))
        : DocumentStructure.LineRanges(text, block.Start, block.End).Select(line => (line.Start.Value, line.End.Value));

    /// <summary>Joins pieces as long as they fit; one that is too long alone is cut.</summary>
    IEnumerable<(int Start, int End)> Filled(IEnumerable<(int Start, int End)> pieces)
    {
        int from = -1, to = -1;
        foreach (var (start, end) in pieces)
        {
            if (from >= 0 && end - from > most)
            {
                yield return (from, to);
                from = -1;
            }
            if (from < 0) from = start;
            for (; end - from > most; from += most) yield return (from, from + most);
            to = end;
        }
        if (from >= 0 && from < to) yield return (from, to);
    }
}
