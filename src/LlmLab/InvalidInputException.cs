namespace LlmLab;

/// <summary>
/// The user gave something that cannot be used. The message is one sentence for that user: what is wrong, where (file, line, cell,
/// option), what was expected, what to do. Command lines print it alone and exit with code 2; nothing is left half-written.
/// </summary>
public sealed class InvalidInputException(string message, Exception? inner = null) : Exception(message, inner);
