namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Splits text into words and punctuation by rules. Language models use subword vocabularies instead
/// (<see cref="LlmLab.Tokenizers"/>); metrics, retrieval and analysis work on words.
/// </summary>
public interface IWordTokenizer
{
    /// <summary>The tokens in the order of the text; none for an empty text.</summary>
    IReadOnlyList<string> Tokenize(string text);
}
