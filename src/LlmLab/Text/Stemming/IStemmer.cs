namespace LlmLab.Text.Stemming;

/// <summary>Cuts a word to its stem, so that "connected" and "connection" count as one term.</summary>
public interface IStemmer
{
    /// <summary>The stem of one word, in lower case. A stem need not be a word.</summary>
    string Stem(string word);
}
