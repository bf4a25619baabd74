using System.Collections.Frozen;
using LlmLab.Text;
using LlmLab.Text.Stemming;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Evaluation.Coherence;

/// <summary>The part that an entity plays in a sentence, the more prominent the higher.</summary>
public enum EntityRole
{
    /// <summary>It is not mentioned.</summary>
    Absent,
    /// <summary>It is mentioned otherwise, as after a preposition.</summary>
    Other,
    /// <summary>It stands as an object: after a verb, without a preposition.</summary>
    Object,
    /// <summary>It stands as a subject: before the verb of its clause.</summary>
    Subject,
}

/// <summary>
/// Finds what an English sentence talks about, by rules instead of a parser. A phrase begins at an article, a possessive, a demonstrative, a
/// number or a quantifier and reaches to the next function word, punctuation mark or verb; its last word is its head. Capitalised words are
/// names, their last word the head. Verbs are auxiliaries, frequent irregular forms, words in -ed, and words in -s before an article.
/// <para>
/// Limits: nouns without an article ("water", "costs") are found at the beginning of a sentence only; pronouns are not resolved; a participle
/// after a noun ends its phrase ("the report written by …" yields "report"); regular verbs in the plural present are taken for nouns. The
/// original method used a parser and coreference; without both, its authors lost a few points of accuracy.
/// </para>
/// </summary>
static class EntityMentions
{
    static readonly FrozenSet<string> determiners = Set("a an the this that these those my your his her its our their no every each some any all both another either neither several many few two three four five six seven eight nine ten one whose which what");
    static readonly FrozenSet<string> prepositions = Set("of in on at by for with from to into onto over under about after before between behind near next through during against without within beside above below since until than as per towards across along around off out upon via despite except");
    static readonly FrozenSet<string> auxiliaries = Set("is are was were be been being am has have had having do does did will would can could may might shall should must 's 're 've 'll 'd");
    static readonly FrozenSet<string> irregular = Set("said went came took made gave got found told kept held left met wrote saw began ran sent brought built paid put set let led felt became knew thought grew fell rose stood lost won spent chose drew broke drove spoke sold bought taught caught sought meant cut hit shut read slept ate drank wore threw shook stole hid forgot rode sat lay lent blew flew froze dealt dug fed fought hung hurt shot spread struck tore understood woke written taken given done gone seen known shown drawn chosen broken");
    static readonly FrozenSet<string> boundaries = Set("and or but because that when while if who whom whose which although though where so unless whether however then");
    static readonly FrozenSet<string> others = Set("i you he she it we they me him us them there here not n't also only just too very more most less least now again already still soon yet never always often please yes both than myself yourself himself herself itself ourselves themselves who how why");
    static readonly TreebankTokenizer tokenizer = TreebankTokenizer.Extended();
    static readonly PorterStemmer stemmer = new();

    /// <summary>The heads in a sentence, as stems in lower case, each with its most prominent role.</summary>
    public static IReadOnlyDictionary<string, EntityRole> Of(string sentence)
    {
        var tokens = tokenizer.Tokenize(sentence);
        var found = new Dictionary<string, EntityRole>(StringComparer.Ordinal);
        var (hasVerb, afterPreposition) = (false, false);
        for (var i = 0; i < tokens.Count;)
        {
            var word = LetterCase.ToLower(tokens[i]);
            var end = PhraseEnd(tokens, i);
            if (end > i)
            {
                var role = afterPreposition ? EntityRole.Other : hasVerb ? EntityRole.Object : EntityRole.Subject;
                var head = stemmer.Stem(LetterCase.ToLower(tokens[end - 1]));
                if (!found.TryGetValue(head, out var known) || known < role) found[head] = role;
                (i, afterPreposition) = (end, false);
                continue;
            }
            if (IsVerb(tokens, i)) hasVerb = true;
            else if (boundaries.Contains(word)) hasVerb = false;
            afterPreposition = prepositions.Contains(word) || afterPreposition && determiners.Contains(word);
            i++;
        }
        return found;
    }

    /// <summary>Where the noun phrase that begins at a token ends, or the token itself if none begins there.</summary>
    static int PhraseEnd(IReadOnlyList<string> tokens, int start)
    {
        var word = LetterCase.ToLower(tokens[start]);
        if (determiners.Contains(word) || char.IsDigit(word[0]))
        {
            var end = start + 1;
            while (end < tokens.Count && IsContent(tokens[end]) && !(end > start + 1 && IsVerb(tokens, end))) end++;
            return end > start + 1 ? end : start; // "this is": no phrase
        }
        if (!IsContent(tokens[start]) || !char.IsUpper(tokens[start][0]) || start == 0 && (IsVerb(tokens, 0) || word.EndsWith("ly", StringComparison.Ordinal))) return start;
        var last = start + 1;
        while (last < tokens.Count && IsContent(tokens[last]) && char.IsUpper(tokens[last][0])) last++;
        return last;
    }

    static bool IsContent(string token)
    {
        var word = LetterCase.ToLower(token);
        return char.IsLetterOrDigit(word[0]) && !determiners.Contains(word) && !prepositions.Contains(word) && !auxiliaries.Contains(word) && !boundaries.Contains(word) && !others.Contains(word);
    }

    static bool IsVerb(IReadOnlyList<string> tokens, int at)
    {
        var word = LetterCase.ToLower(tokens[at]);
        if (auxiliaries.Contains(word) || irregular.Contains(word)) return true;
        if (word.Length > 3 && word.EndsWith("ed", StringComparison.Ordinal)) return true;
        return word.Length > 3 && word[^1] == 's' && word[^2] != 's' && at + 1 < tokens.Count && determiners.Contains(LetterCase.ToLower(tokens[at + 1]));
    }

    static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
