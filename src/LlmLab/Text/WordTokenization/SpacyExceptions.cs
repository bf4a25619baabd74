namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Strings that spaCy's English tokenizer knows by heart, with the tokens they become. Most are made by rule from pronouns, verbs
/// and contractions, as in spaCy's own module.
/// </summary>
static class SpacyExceptions
{
    const string Pronouns = "i you he she it we they";
    const string QuestionWords = "who what when where why how there that this those";
    const string NegatedWithHave = "ca could do does did had may might must need ought sha should wo would";
    const string Negated = "ai are is was were have has dare";

    // Without an apostrophe these are words of their own.
    static readonly HashSet<string> ambiguous = [.. "Ill ill Its its Hell hell Shell shell Shed shed were Were Well well Whore whore".Split(' ')];

    static readonly string[] whole =
    [
        .. ("doin doin' goin goin' nothin nothin' nuthin nuthin' ol ol' somethin somethin' lovin lovin' havin havin' " +
            "Doin Doin' Goin Goin' Nothin Nothin' Nuthin Nuthin' Ol Ol' Somethin Somethin' Lovin Lovin' Havin Havin' " +
            "cause 'cause 'Cause em 'em ll 'll nuff 'nuff 'S 's ‘S ‘s and/or w/o 're 'cos 'Cos 'coz 'Coz 'cuz 'Cuz 'bout ma'am Ma'am o'clock O'clock " +
            "Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. Conn. Dec. Del. Feb. Fla. Ga. Ia. Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. Mar. Mass. May. " +
            "Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. " +
            "'d a.m. Adm. Bros. co. Co. Corp. D.C. Dr. e.g. E.g. E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. " +
            "p.m. Ph.D. Prof. Rep. Rev. Sen. St. vs. v.s. ' '' \\\") <space> C++ — ä. ö. ü. " +
            ":) :-) :)) :-)) :))) :-))) (: (-: ((: ((-: (((: (((-: =) (= \") :] :-] [: [-: [= =] :o) (o: :} :-} 8) 8-) (-8 ;) ;-) (; (-; :( :-( :(( :-(( :((( :-((( ): )-: =( >:( " +
            ":') :'-) :'( :'-( :/ :-/ =/ =| :| :-| ]= =[ :1 :P :-P :p :-p :O :-O :o :-o :0 :-0 :() >:o :* :-* :3 :-3 =3 :> :-> :X :-X :x :-x :D :-D ;D ;-D =D xD XD xDD XDD 8D 8-D " +
            "^_^ ^__^ ^___^ >.< >.> <.< ._. ;_; -_- -__- v.v V.V v_v V_V o_o o_O O_o O_O 0_o o_0 0_0 o.O O.o O.O o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3 " +
            "(^_^) (-_-) (._.) (>_<) (*_*) (¬_¬) ಠ_ಠ ಠ︵ಠ (ಠ_ಠ) ¯\\(ツ)/¯ (╯°□°）╯︵┻━┻ ><(((*>").Split(' '),
        .. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}."),
    ];

    // A bar where the string is cut.
    const string Parts =
        "y'|all y|all how|'d|'y How|'d|'y not|'ve not|ve Not|'ve Not|ve can|not Can|not gon|na Gon|na got|ta Got|ta let|'s Let|'s c'm|on C'm|on";

    /// <summary>The tokens of each exception.</summary>
    public static IReadOnlyDictionary<string, string[]> Tokens { get; } = Make();

    /// <summary>No exception falls into more tokens than this when the affix rules cut it.</summary>
    public static int LongestInParts { get; } = Tokens.Keys.Max(key => key.Length);

    static Dictionary<string, string[]> Make()
    {
        var tokens = new Dictionary<string, string[]>();
        foreach (var word in whole) tokens[word] = [word];
        foreach (var parts in Parts.Split(' ')) Add(tokens, parts.Split('|'));
        foreach (var word in BothCases("i"))
            foreach (var ending in (string[][])[["'m"], ["'m", "a"]]) AddWithAndWithoutApostrophe(tokens, word, ending);
        foreach (var word in BothCases(Pronouns))
            foreach (var ending in (string[][])[["'ll"], ["'ll", "'ve"], ["'d"], ["'d", "'ve"]]) AddWithAndWithoutApostrophe(tokens, word, ending);
        foreach (var word in BothCases("i you we they")) AddWithAndWithoutApostrophe(tokens, word, "'ve");
        foreach (var word in BothCases("you we they")) AddWithAndWithoutApostrophe(tokens, word, "'re");
        foreach (var word in BothCases("he she it")) AddWithAndWithoutApostrophe(tokens, word, "'s");
        foreach (var word in BothCases(QuestionWords))
            foreach (var ending in (string[][])[["'s"], ["'ll"], ["'ll", "'ve"], ["'re"], ["'ve"], ["'d"], ["'d", "'ve"]]) AddWithAndWithoutApostrophe(tokens, word, ending);
        foreach (var word in BothCases(NegatedWithHave))
            foreach (var ending in (string[][])[["n't"], ["n't", "'ve"]]) AddWithAndWithoutApostrophe(tokens, word, ending);
        foreach (var word in BothCases("could might must should would")) AddWithAndWithoutApostrophe(tokens, word, "'ve");
        foreach (var word in BothCases(Negated)) AddWithAndWithoutApostrophe(tokens, word, "n't");
        foreach (var hour in Enumerable.Range(1, 12))
            foreach (var half in (string[])["a.m.", "am", "p.m.", "pm"]) Add(tokens, [$"{hour}", half]);
        foreach (var word in ambiguous) tokens.Remove(word);
        foreach (var (key, value) in tokens.Where(entry => entry.Key.Contains('\'')).ToArray())
            tokens.TryAdd(key.Replace('\'', '’'), [.. value.Select(part => part.Replace('\'', '’'))]);
        return tokens;
    }

    static void Add(Dictionary<string, string[]> tokens, string[] parts) => tokens[string.Concat(parts)] = parts;

    static void AddWithAndWithoutApostrophe(Dictionary<string, string[]> tokens, string word, params string[] endings)
    {
        Add(tokens, [word, .. endings]);
        Add(tokens, [word, .. endings.Select(ending => ending.Replace("'", ""))]);
    }

    static IEnumerable<string> BothCases(string words) => words.Split(' ').SelectMany(word => (string[])[word, char.ToUpperInvariant(word[0]) + word[1..]]);
}
