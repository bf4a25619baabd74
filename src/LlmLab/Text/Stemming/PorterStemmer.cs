using System.Collections.Frozen;

namespace LlmLab.Text.Stemming;

/// <summary>The three forms in which Porter's algorithm is in use.</summary>
public enum PorterVersion
{
    /// <summary>As published in 1980; equal to Snowball's <c>porter</c> vocabulary.</summary>
    Original,
    /// <summary>With the changes that Martin Porter made in his own implementations.</summary>
    Martin,
    /// <summary>With the further changes of NLTK, its default; google rouge_score and NLTK's METEOR stem this way.</summary>
    Nltk,
}

/// <summary>
/// The Porter stemmer for English: M. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, pages 130 to 137.
/// The later variants follow https://tartarus.org/martin/PorterStemmer and NLTK 3.8's <c>nltk.stem.PorterStemmer</c>.
/// </summary>
public sealed class PorterStemmer(PorterVersion version = PorterVersion.Nltk) : IStemmer
{
    static readonly FrozenDictionary<string, string> irregular = new Dictionary<string, string>
    {
        ["sky"] = "sky",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["news"] = "news",
        ["innings"] = "inning",
        ["inning"] = "inning",
        ["outings"] = "outing",
        ["outing"] = "outing",
        ["cannings"] = "canning",
        ["canning"] = "canning",
        ["howe"] = "howe",
        ["proceed"] = "proceed",
        ["exceed"] = "exceed",
        ["succeed"] = "succeed",
    }.ToFrozenDictionary();

    // Longer suffixes first where one ends another: the first that fits decides, whether or not its condition holds.
    static readonly (string Suffix, string Replacement)[] doubleSuffixes =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
        ("fulli", "ful"), ("logi", "log"),
    ];

    static readonly (string Suffix, string Replacement)[] adjectiveSuffixes =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    static readonly string[] residualSuffixes =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];

    /// <inheritdoc/>
    public string Stem(string word)
    {
        var stem = LetterCase.ToLower(word);
        // NLTK looks the word up as it is written: "News" is not irregular.
        if (version == PorterVersion.Nltk && irregular.TryGetValue(word, out var known)) return known;
        if (version != PorterVersion.Original && word.Length <= 2) return stem;
        stem = RemovePlural(stem);
        stem = RemoveParticiple(stem);
        stem = ReplaceFinalY(stem);
        stem = ReduceDoubleSuffix(stem);
        stem = ReduceAdjective(stem);
        stem = RemoveResidualSuffix(stem);
        stem = RemoveFinalE(stem);
        return stem.EndsWith("ll", StringComparison.Ordinal) && Measure(stem.AsSpan(0, stem.Length - 1)) > 1 ? stem[..^1] : stem;
    }

    // Step 1a.
    string RemovePlural(string word)
    {
        if (version == PorterVersion.Nltk && word.Length == 4 && Ends(word, "ies")) return word[..^1];
        if (Ends(word, "sses") || Ends(word, "ies")) return word[..^2];
        return Ends(word, "s") && !Ends(word, "ss") ? word[..^1] : word;
    }

    // Step 1b.
    string RemoveParticiple(string word)
    {
        if (version == PorterVersion.Nltk && Ends(word, "ied")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "eed")) return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
        string stem;
        if (Ends(word, "ed") && HasVowel(word.AsSpan(0, word.Length - 2))) stem = word[..^2];
        else if (Ends(word, "ing") && HasVowel(word.AsSpan(0, word.Length - 3))) stem = word[..^3];
        else return word;
        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz")) return stem + "e";
        if (EndsInDoubleConsonant(stem)) return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem) == 1 && EndsShort(stem) ? stem + "e" : stem;
    }

    // Step 1c.
    string ReplaceFinalY(string word)
    {
        if (!Ends(word, "y")) return word;
        var stem = word.AsSpan(0, word.Length - 1);
        var replace = version == PorterVersion.Nltk ? stem.Length > 1 && IsConsonant(stem, stem.Length - 1) : HasVowel(stem);
        return replace ? word[..^1] + "i" : word;
    }

    // Step 2.
    string ReduceDoubleSuffix(string word)
    {
        if (version == PorterVersion.Nltk && Ends(word, "alli") && Measure(word.AsSpan(0, word.Length - 4)) > 0)
            return ReduceDoubleSuffix(word[..^2]);
        foreach (var (suffix, replacement) in doubleSuffixes)
        {
            if (suffix == "fulli" && version != PorterVersion.Nltk || suffix == "logi" && version == PorterVersion.Original) continue;
            if (suffix == "bli" && version == PorterVersion.Original && !Ends(word, "abli")) continue;
            if (!Ends(word, suffix)) continue;
            // NLTK counts the l of "logi" to the stem, so that "geology" works like "archaeology".
            var cut = suffix == "logi" && version == PorterVersion.Nltk ? 3
                : suffix == "bli" && version == PorterVersion.Original ? 4
                : suffix.Length;
            return Measure(word.AsSpan(0, word.Length - cut)) > 0 ? word[..^suffix.Length] + replacement : word;
        }
        return word;
    }

    // Step 3.
    static string ReduceAdjective(string word)
    {
        foreach (var (suffix, replacement) in adjectiveSuffixes)
            if (Ends(word, suffix))
                return Measure(word.AsSpan(0, word.Length - suffix.Length)) > 0 ? word[..^suffix.Length] + replacement : word;
        return word;
    }

    // Step 4.
    static string RemoveResidualSuffix(string word)
    {
        foreach (var suffix in residualSuffixes)
        {
            if (!Ends(word, suffix)) continue;
            var stem = word.AsSpan(0, word.Length - suffix.Length);
            return Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't') ? word[..^suffix.Length] : word;
        }
        return word;
    }

    // Step 5a.
    string RemoveFinalE(string word)
    {
        if (!Ends(word, "e")) return word;
        var stem = word.AsSpan(0, word.Length - 1);
        var measure = Measure(stem);
        return measure > 1 || measure == 1 && !EndsShort(stem) ? word[..^1] : word;
    }

    static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    /// <summary>A letter other than a, e, i, o, u, and other than a y after a consonant.</summary>
    static bool IsConsonant(ReadOnlySpan<char> word, int index)
    {
        if (word[index] is 'a' or 'e' or 'i' or 'o' or 'u') return false;
        if (word[index] != 'y') return true;
        var first = index; // in a run of y's every second is a vowel
        while (first > 0 && word[first - 1] == 'y') first--;
        return (index - first) % 2 == 0 == (first == 0 || !IsConsonant(word, first - 1));
    }

    /// <summary>Porter's m: how often a consonant follows a vowel.</summary>
    static int Measure(ReadOnlySpan<char> stem)
    {
        var (count, vowel) = (0, false);
        for (var i = 0; i < stem.Length; i++)
        {
            var consonant = IsConsonant(stem, i);
            if (consonant && vowel) count++;
            vowel = !consonant;
        }
        return count;
    }

    static bool HasVowel(ReadOnlySpan<char> stem)
    {
        for (var i = 0; i < stem.Length; i++)
            if (!IsConsonant(stem, i)) return true;
        return false;
    }

    static bool EndsInDoubleConsonant(ReadOnlySpan<char> word) =>
        word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    /// <summary>Porter's *o: consonant, vowel, consonant at the end, the last not w, x or y.</summary>
    bool EndsShort(ReadOnlySpan<char> word) =>
        word.Length >= 3 && IsConsonant(word, word.Length - 3) && !IsConsonant(word, word.Length - 2) && IsConsonant(word, word.Length - 1) && word[^1] is not ('w' or 'x' or 'y')
        || version == PorterVersion.Nltk && word.Length == 2 && !IsConsonant(word, 0) && IsConsonant(word, 1);
}
