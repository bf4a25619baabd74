namespace LlmLab.Retrieval.Chunking;

/// <summary>A part of a document under one heading, or one message of a mail thread.</summary>
/// <param name="Start">First character of its text, after the heading's line.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " › "; empty where there are none.</param>
public sealed record Section(int Start, int End, string Heading);

/// <summary>What a block of text is.</summary>
public enum BlockKind { Paragraph, List, Table, Code }

/// <summary>Lines that belong together: a paragraph, a list, a table, fenced code.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct Block(int Start, int End, BlockKind Kind);
