namespace LlmLab.Data;

/// <summary>One step of a data set's history.</summary>
/// <param name="Step">The step's name.</param>
/// <param name="Options">Its options as JSON.</param>
/// <param name="DocumentsIn">Documents that it was given.</param>
/// <param name="DocumentsOut">Documents that it passed on.</param>
/// <param name="Changed">Documents whose text or metadata it changed.</param>
/// <param name="BytesIn">UTF-8 bytes in.</param>
/// <param name="BytesOut">UTF-8 bytes out.</param>
public sealed record LineageStep(string Step, string Options, long DocumentsIn, long DocumentsOut, long Changed, long BytesIn, long BytesOut);

/// <summary>
/// A cleaned corpus that can be named: the same input and options give the same <see cref="Hash"/> on every machine.
/// </summary>
/// <param name="Name">Short name.</param>
/// <param name="Hash">SHA-256 over the documents in order, lower-case hexadecimal.</param>
/// <param name="Inputs">Name and content hash of every input.</param>
/// <param name="Lineage">The steps, in order.</param>
/// <param name="Documents">Documents in it.</param>
/// <param name="Bytes">UTF-8 bytes of their texts.</param>
public sealed record DatasetVersion(string Name, string Hash, IReadOnlyDictionary<string, string> Inputs, IReadOnlyList<LineageStep> Lineage, long Documents, long Bytes);
