namespace LlmLab.Text.Lemmatization;

/// <summary>The four parts of speech that WordNet has; its "satellite" adjectives count as adjectives.</summary>
public enum PartOfSpeech
{
    Noun,
    Verb,
    Adjective,
    Adverb,
}
