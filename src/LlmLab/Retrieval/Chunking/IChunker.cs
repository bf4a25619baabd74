using LlmLab.Data;

namespace LlmLab.Retrieval.Chunking;

/// <summary>Cuts documents into passages. The same document gives the same passages, with the same ids, every time.</summary>
public interface IChunker
{
    /// <summary>The method with its settings, such as "structure, 1200 characters": an index remembers it, since other passages need another index.</summary>
    string Name { get; }

    /// <summary>The passages of a document, in the order of its text; none where the text is blank.</summary>
    IReadOnlyList<Passage> Split(Document document);
}
