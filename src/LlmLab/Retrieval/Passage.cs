using LlmLab.Data;

namespace LlmLab.Retrieval;

/// <summary>
/// A piece of a document, small enough to be found and read by a model: what chunking makes, indexes hold, searches return and answers
/// cite. It carries all that is known of its document (sensitivity and roles too), so that filters and guardrails decide by it.
/// </summary>
/// <param name="Id">Unique in the index and the same whenever the same text of the same document is chunked the same way.</param>
/// <param name="DocumentId">The document it was cut from.</param>
/// <param name="Start">Its first character in the document's text.</param>
/// <param name="Text">The text, as it stands in the document.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " › "; empty where there are none.</param>
/// <param name="ParentStart">First character of the larger section that it belongs to.</param>
/// <param name="ParentLength">Length in characters of that section.</param>
/// <param name="Metadata">What is known of its document.</param>
public sealed record Passage(string Id, string DocumentId, int Start, string Text, string Heading, int ParentStart, int ParentLength, DocumentMetadata Metadata);
