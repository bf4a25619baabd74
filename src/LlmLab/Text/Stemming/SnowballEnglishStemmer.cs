using System.Collections.Frozen;

namespace LlmLab.Text.Stemming;

/// <summary>The two states of the English Snowball algorithm that are in use; they differ in some sixty words of the test vocabulary.</summary>
public enum SnowballEnglishVersion
{
    /// <summary>The algorithm of 2001 with its later exceptions, as NLTK 3.8 implements it ("Porter2").</summary>
    Nltk38,
    /// <summary>The algorithm of Snowball 3, to which today's vocabulary files belong: "universal" is no longer "univers".</summary>
    Snowball3,
}

/// <summary>
/// The English Snowball stemmer, also called Porter2: M. Porter and R. Boulton,
/// https://snowballstem.org/algorithms/english/stemmer.html. R1 and R2 are the regions after the first and second
/// vowel–consonant boundary; a suffix is taken off only where it lies within its region.
/// </summary>
public sealed class SnowballEnglishStemmer(SnowballEnglishVersion version = SnowballEnglishVersion.Snowball3) : IStemmer
{
    static readonly FrozenDictionary<string, string> wholeWords = new Dictionary<string, string>
    {
        ["skis"] = "ski",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["idly"] = "idl",
        ["gently"] = "gentl",
        ["ugly"] = "ugli",
        ["early"] = "earli",
        ["only"] = "onli",
        ["singly"] = "singl",
        ["sky"] = "sky",
        ["news"] = "news",
        ["howe"] = "howe",
        ["atlas"] = "atlas",
        ["cosmos"] = "cosmos",
        ["bias"] = "bias",
        ["andes"] = "andes",
        ["inning"] = "inning",
        ["innings"] = "inning",
        ["outing"] = "outing",
        ["outings"] = "outing",
        ["canning"] = "canning",
        ["cannings"] = "canning",
        ["herring"] = "herring",
        ["herrings"] = "herring",
        ["earring"] = "earring",
        ["earrings"] = "earring",
        ["proceed"] = "proceed",
        ["proceeds"] = "proceed",
        ["proceeded"] = "proceed",
        ["proceeding"] = "proceed",
        ["exceed"] = "exceed",
        ["exceeds"] = "exceed",
        ["exceeded"] = "exceed",
        ["exceeding"] = "exceed",
        ["succeed"] = "succeed",
        ["succeeds"] = "succeed",
        ["succeeded"] = "succeed",
        ["succeeding"] = "succeed",
    }.ToFrozenDictionary();

    static readonly string[] possessives = ["'s'", "'s", "'"];
    static readonly string[] participles = ["eedly", "ingly", "edly", "eed", "ing", "ed"];
    static readonly string[] doubles = ["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"];

    static readonly (string Suffix, string Replacement)[] derivations =
    [
        ("ization", "ize"), ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"), ("tional", "tion"), ("biliti", "ble"),
        ("lessli", "less"), ("entli", "ent"), ("ation", "ate"), ("alism", "al"), ("aliti", "al"), ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"),
        ("ogist", "og"), ("enci", "ence"), ("anci", "ance"), ("abli", "able"), ("izer", "ize"), ("ator", "ate"), ("alli", "al"), ("bli", "ble"),
        ("ogi", "og"), ("li", ""),
    ];

    static readonly (string Suffix, string Replacement)[] adjectives =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("icate", "ic"), ("iciti", "ic"), ("ative", ""), ("ical", "ic"), ("ness", ""), ("ful", ""),
    ];

    static readonly string[] residuals =
    [
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic",
    ];

    // After these beginnings R1 starts, whatever the vowels say.
    static readonly string[] olderBeginnings = ["gener", "commun", "arsen"];
    static readonly string[] beginnings = [.. olderBeginnings, "past", "univers", "later", "emerg", "organ", "inter"];

    /// <inheritdoc/>
    public string Stem(string word)
    {
        var lower = LetterCase.ToLower(word);
        if (lower.Length <= 2) return lower;
        if (wholeWords.TryGetValue(lower, out var known)) return known;
        if (version == SnowballEnglishVersion.Snowball3 && lower is "evening" or "evenings") return "evening";
        var stem = MarkConsonantY(lower.Replace('\u2019', '\'').Replace('\u2018', '\'').Replace('\u201B', '\''));
        var (r1, r2) = Regions(stem);
        stem = RemovePossessive(stem);
        stem = RemovePlural(stem);
        stem = RemoveParticiple(stem, r1);
        if (stem.Length > 2 && stem[^1] is 'y' or 'Y' && !IsVowel(stem[^2])) stem = stem[..^1] + "i";
        stem = ReduceDerivation(stem, r1, ref r2);
        stem = ReduceAdjective(stem, r1, ref r2);
        stem = RemoveResidual(stem, r2);
        stem = RemoveFinalLetter(stem, r1, r2);
        return stem.Replace('Y', 'y');
    }

    static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    /// <summary>Writes a y that stands for a consonant (first, or after a vowel) as Y, and takes off a leading apostrophe.</summary>
    static string MarkConsonantY(string word)
    {
        var letters = word.AsSpan(word[0] == '\'' ? 1 : 0).ToArray();
        for (var i = 0; i < letters.Length; i++)
            if (letters[i] == 'y' && (i == 0 || IsVowel(letters[i - 1]))) letters[i] = 'Y';
        return new string(letters);
    }

    (int R1, int R2) Regions(string word)
    {
        var special = (version == SnowballEnglishVersion.Snowball3 ? beginnings : olderBeginnings).FirstOrDefault(beginning => word.StartsWith(beginning, StringComparison.Ordinal));
        var r1 = special?.Length ?? AfterVowelAndConsonant(word, 0);
        return (r1, AfterVowelAndConsonant(word, r1));
    }

    static int AfterVowelAndConsonant(string word, int start)
    {
        for (var i = start + 1; i < word.Length; i++)
            if (!IsVowel(word[i]) && IsVowel(word[i - 1])) return i + 1;
        return word.Length;
    }

    // Step 0.
    static string RemovePossessive(string word)
    {
        var suffix = possessives.FirstOrDefault(one => Ends(word, one));
        return suffix is null ? word : word[..^suffix.Length];
    }

    // Step 1a.
    static string RemovePlural(string word)
    {
        if (Ends(word, "sses")) return word[..^2];
        if (Ends(word, "ied") || Ends(word, "ies")) return word.Length > 4 ? word[..^2] : word[..^1];
        if (!Ends(word, "s") || Ends(word, "us") || Ends(word, "ss")) return word;
        return word.Length > 2 && HasVowel(word.AsSpan(0, word.Length - 2)) ? word[..^1] : word;
    }

    // Step 1b.
    string RemoveParticiple(string word, int r1)
    {
        var suffix = participles.FirstOrDefault(one => Ends(word, one));
        if (suffix is null) return word;
        if (suffix is "eed" or "eedly") return word.Length - suffix.Length >= r1 ? word[..^suffix.Length] + "ee" : word;
        var stem = word[..^suffix.Length];
        if (version == SnowballEnglishVersion.Snowball3 && suffix == "ing" && stem.Length == 2 && stem[1] is 'y' && !IsVowel(stem[0])) return stem[0] + "ie";
        if (!HasVowel(stem)) return word;
        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz")) return stem + "e";
        if (doubles.Any(one => Ends(stem, one)))
            return version == SnowballEnglishVersion.Snowball3 && stem.Length == 3 && stem[0] is 'a' or 'e' or 'o' ? stem : stem[..^1];
        return stem.Length <= r1 && EndsInShortSyllable(stem) ? stem + "e" : stem;
    }

    // Step 2.
    string ReduceDerivation(string word, int r1, ref int r2)
    {
        foreach (var (suffix, replacement) in derivations)
        {
            if (suffix == "ogist" && version != SnowballEnglishVersion.Snowball3 || !Ends(word, suffix)) continue;
            var start = word.Length - suffix.Length;
            if (start < r1) return word;
            if (suffix == "ogi" && !(start > 0 && word[start - 1] == 'l')) return word;
            if (suffix == "li" && !(start > 0 && word[start - 1] is 'c' or 'd' or 'e' or 'g' or 'h' or 'k' or 'm' or 'n' or 'r' or 't')) return word;
            if (suffix is "ization" or "izer" or "biliti" or "bli") LoseRegion(start, ref r2);
            return word[..start] + replacement;
        }
        return word;
    }

    // NLTK 3.8 takes R2 for empty once a suffix that began before it is replaced, so that "realization" keeps its e: "realize".
    void LoseRegion(int start, ref int r2)
    {
        if (version == SnowballEnglishVersion.Nltk38 && start < r2) r2 = int.MaxValue;
    }

    // Step 3.
    string ReduceAdjective(string word, int r1, ref int r2)
    {
        foreach (var (suffix, replacement) in adjectives)
        {
            if (!Ends(word, suffix)) continue;
            var start = word.Length - suffix.Length;
            if (start < r1 || suffix == "ative" && start < r2) return word;
            if (suffix == "ational") LoseRegion(start, ref r2);
            return word[..start] + replacement;
        }
        return word;
    }

    // Step 4.
    static string RemoveResidual(string word, int r2)
    {
        foreach (var suffix in residuals)
        {
            if (!Ends(word, suffix)) continue;
            var start = word.Length - suffix.Length;
            return start < r2 || suffix == "ion" && !(start > 0 && word[start - 1] is 's' or 't') ? word : word[..start];
        }
        return word;
    }

    // Step 5.
    string RemoveFinalLetter(string word, int r1, int r2)
    {
        var last = word.Length - 1;
        if (last < 1) return word;
        if (word[last] == 'l') return last >= r2 && word[last - 1] == 'l' ? word[..last] : word;
        return word[last] == 'e' && (last >= r2 || last >= r1 && !EndsInShortSyllable(word[..last])) ? word[..last] : word;
    }

    static bool HasVowel(ReadOnlySpan<char> word) => word.ContainsAny("aeiouy");

    /// <summary>Consonant, vowel, consonant other than w, x, Y at the end; or a word of one vowel and one consonant.</summary>
    bool EndsInShortSyllable(string word)
    {
        if (version == SnowballEnglishVersion.Snowball3 && Ends(word, "past")) return true;
        if (word.Length == 2) return IsVowel(word[0]) && !IsVowel(word[1]);
        return word.Length > 2 && !IsVowel(word[^3]) && IsVowel(word[^2]) && !IsVowel(word[^1]) && word[^1] is not ('w' or 'x' or 'Y');
    }
}
