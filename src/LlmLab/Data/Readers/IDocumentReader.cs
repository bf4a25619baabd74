namespace LlmLab.Data.Readers;

/// <summary>A file to read, wherever it lies: on disk, in an archive, attached to a mail.</summary>
/// <param name="Name">Path relative to the input, with forward slashes.</param>
/// <param name="Length">Size in bytes.</param>
/// <param name="Open">Opens it from its start; readers may call this more than once.</param>
public sealed record SourceFile(string Name, long Length, Func<Stream> Open)
{
    /// <summary>Path on disk, where it has one.</summary>
    public string? Path { get; init; }
    /// <summary>How many archives it lies in.</summary>
    public int Nesting { get; init; }
    /// <summary>Lower-case extension with its dot, or empty.</summary>
    public string Extension => System.IO.Path.GetExtension(Name).ToLowerInvariant();
    /// <summary>File name without folder and extension.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Name);
}

/// <summary>What a reader works with.</summary>
/// <param name="Options">Limits and names.</param>
/// <param name="Report">Where it counts and says what it had to leave out.</param>
/// <param name="ReadNested">Reads a file inside this one with the reader that its name asks for.</param>
public sealed record ReadContext(ReaderOptions Options, ReadReport Report, Func<SourceFile, IEnumerable<Document>> ReadNested);

/// <summary>
/// Turns files of one format into documents, one after another, in the order of the file. Throws
/// <see cref="InvalidInputException"/> for a file that it cannot read; the caller reports, skips and counts it.
/// </summary>
public interface IDocumentReader
{
    /// <summary>The format's name, for reports.</summary>
    string Format { get; }

    /// <summary>Extensions with their dot, lower case.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Reads the file.</summary>
    IEnumerable<Document> Read(SourceFile file, ReadContext context);
}
