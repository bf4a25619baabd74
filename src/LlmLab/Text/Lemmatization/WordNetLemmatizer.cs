namespace LlmLab.Text.Lemmatization;

/// <summary>
/// Finds the dictionary form of an English word by WordNet's morphy: the lists of irregular forms, then rules that exchange endings
/// until a lemma is found (https://wordnet.princeton.edu/documentation/morphy7wn). Equal to NLTK 3.8's <c>WordNetLemmatizer</c>.
/// Without a lexicon the rules run alone, which cannot know that "bus" is no plural: see <see cref="Method"/>.
/// </summary>
public sealed class WordNetLemmatizer(WordNetLexicon? lexicon)
{
    static readonly (string Ending, string Replacement)[][] detachments =
    [
        [("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")],
        [("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")],
        [("er", ""), ("est", ""), ("er", "e"), ("est", "e")],
        [],
    ];

    /// <summary>In which order an unknown part of speech is tried.</summary>
    static readonly PartOfSpeech[] parts = [PartOfSpeech.Noun, PartOfSpeech.Verb, PartOfSpeech.Adjective, PartOfSpeech.Adverb];

    /// <summary>What the results rest on, for reports: the lexicon's folder, or that there is none.</summary>
    public string Method => lexicon is null
        ? "WordNet's rules alone, without its lexicon: irregular forms stay as they are, and a rule is applied wherever its ending fits"
        : $"WordNet's rules and lexicon of {lexicon.Folder}";

    /// <summary>
    /// The lemma of a word; the word itself where none is found. Of several the shortest is taken.
    /// </summary>
    /// <param name="word">A word in lower case.</param>
    /// <param name="part">As what it is used: "leaves" is "leaf" as a noun and "leave" as a verb.</param>
    public string Lemmatize(string word, PartOfSpeech part = PartOfSpeech.Noun) =>
        lexicon is null ? ApplyRule(word, part) : Analyses(word, part).MinBy(lemma => lemma.Length) ?? word;

    /// <summary>The first lemma of a form as this part of speech, or null if WordNet has none.</summary>
    /// <exception cref="InvalidOperationException">There is no lexicon to look in.</exception>
    public string? Morphy(string form, PartOfSpeech part) => Analyses(form, part).FirstOrDefault();

    /// <summary>The first lemma of a form as a noun, else as a verb, an adjective, an adverb; null if WordNet has none.</summary>
    /// <exception cref="InvalidOperationException">There is no lexicon to look in.</exception>
    public string? Morphy(string form) => parts.Select(part => Morphy(form, part)).FirstOrDefault(lemma => lemma is not null);

    /// <summary>All lemmas that the form can belong to, in the order of the rules.</summary>
    /// <exception cref="InvalidOperationException">There is no lexicon to look in.</exception>
    public IReadOnlyList<string> Analyses(string form, PartOfSpeech part)
    {
        var lexicon = Lexicon;
        string[] Known(IEnumerable<string> forms) => [.. forms.Where(one => lexicon.Contains(one, part)).Distinct()];

        if (lexicon.LemmasOfIrregularForm(form, part) is { } irregular) return Known(irregular.Prepend(form));
        var forms = Detach([form], part);
        var found = Known(forms.Prepend(form));
        while (found.Length == 0 && forms.Count > 0)
        {
            forms = Detach(forms, part);
            found = Known(forms);
        }
        return found;
    }

    /// <summary>The synonyms of a form in all its meanings, over all parts of speech, in WordNet's spelling.</summary>
    /// <exception cref="InvalidOperationException">There is no lexicon to look in.</exception>
    public IReadOnlySet<string> Synonyms(string form) =>
        parts.SelectMany(part => Analyses(form, part).SelectMany(lemma => Lexicon.Synonyms(lemma, part))).ToHashSet();

    /// <summary>How many synsets the form belongs to, over all parts of speech.</summary>
    /// <exception cref="InvalidOperationException">There is no lexicon to look in.</exception>
    public int CountSynsets(string form) => parts.Sum(part => Analyses(form, part).Sum(lemma => Lexicon.CountSynsets(lemma, part)));

    WordNetLexicon Lexicon => lexicon ?? throw new InvalidOperationException("This lemmatizer was made without a WordNet lexicon.");

    static IReadOnlyList<string> Detach(IEnumerable<string> forms, PartOfSpeech part) =>
        [.. from form in forms
            from rule in detachments[(int)part]
            where form.EndsWith(rule.Ending, StringComparison.Ordinal)
            select form[..^rule.Ending.Length] + rule.Replacement];

    /// <summary>The rule with the longest ending that leaves at least three letters, except that "ss" and "us" are no plurals.</summary>
    static string ApplyRule(string word, PartOfSpeech part)
    {
        if (word.EndsWith("ss", StringComparison.Ordinal) || word.EndsWith("us", StringComparison.Ordinal)) return word;
        var rule = detachments[(int)part].Where(one => word.EndsWith(one.Ending, StringComparison.Ordinal) && word.Length - one.Ending.Length + one.Replacement.Length >= 3)
            .OrderByDescending(one => one.Ending.Length).FirstOrDefault();
        return rule.Ending is null ? word : word[..^rule.Ending.Length] + rule.Replacement;
    }
}
