namespace LlmLab.Text.Stemming;

/// <summary>
/// The Lancaster stemmer, which cuts most: C. Paice, "Another stemmer", SIGIR Forum 24(3), 1990. One table of rules is applied again
/// and again, chosen by the word's last letter. Equal to NLTK 3.8's <c>LancasterStemmer</c>, also on words with digits.
/// </summary>
public sealed class LancasterStemmer : IStemmer
{
    // Paice's notation: the ending reversed; * if the word must be intact; letters to remove; what to append; > to go on, . to stop.
    const string Rules =
        "ai*2. a*1. bb1. city3s. ci2> cn1t> dd1. dei3y> deec2ss. dee1. de2> dooh4> e1> feil1v. fi2> gni3> gai3y. ga2> gg1. ht*2. hsiug5ct. hsi3> " +
        "i*1. i1y> ji1d. juf1s. ju1d. jo1d. jeh1r. jrev1t. jsim2t. jn1d. j1s. lbaifi6. lbai4y. lba3> lbi3. lib2l> lc1. lufi4y. luf3> lu2. lai3> lau3> la2> ll1. " +
        "mui3. mu*2. msi3> mm1. nois4j> noix4ct. noi3> nai3> na2> nee0. ne2> nn1. pihs4> pp1. re2> rae0. ra2. ro2> ru2> rr1. rt1> rei3y> " +
        "sei3y> sis2. si2> ssen4> ss0. suo3> su*2. s*1> s0. tacilp4y. ta2> tnem4> tne3> tna3> tpir2b. tpro2b. tcud1. tpmus2. tpec2iv. tulo2v. tsis0. tsi3> tt1. " +
        "uqi3. ugo1. vis3j> vie0. vi2> ylb1> yli3y> ylp0. yl2> ygo1. yhp1. ymo1. ypo1. yti3> yte3> ytl2. yrtsi5. yra3> yro3> yfi3. ycn2t> yca3> zi2> zy1s.";

    sealed record Rule(string Ending, bool Intact, int Remove, string Append, bool Continue);

    static readonly ILookup<char, Rule> rules = Rules.Split(' ').Select(Parse).ToLookup(rule => rule.Ending[^1]);

    /// <inheritdoc/>
    public string Stem(string word)
    {
        var stem = LetterCase.ToLower(word);
        var intact = stem;
        while (LastLetter(stem) is { } letter)
        {
            var rule = rules[letter].FirstOrDefault(one =>
                stem.EndsWith(one.Ending, StringComparison.Ordinal) && (!one.Intact || stem == intact) && IsAcceptable(stem, one.Remove));
            if (rule is null) break;
            stem = stem[..^rule.Remove] + rule.Append;
            if (!rule.Continue) break;
        }
        return stem;
    }

    static Rule Parse(string text)
    {
        var digit = text.AsSpan().IndexOfAnyInRange('0', '9');
        var intact = text[digit - 1] == '*';
        var ending = text[..(intact ? digit - 1 : digit)].ToCharArray();
        Array.Reverse(ending);
        return new(new string(ending), intact, text[digit] - '0', text[(digit + 1)..^1], text[^1] == '>');
    }

    /// <summary>The last letter of the run of letters that the word begins with.</summary>
    static char? LastLetter(string word)
    {
        var length = 0;
        while (length < word.Length && char.IsLetter(word[length])) length++;
        return length == 0 ? null : word[length - 1];
    }

    /// <summary>At least two letters must stay after a vowel at the start, three with a vowel among the next two after a consonant.</summary>
    static bool IsAcceptable(string word, int remove) => IsVowel(word[0])
        ? word.Length - remove >= 2
        : word.Length - remove >= 3 && (IsVowel(word[1]) || IsVowel(word[2]));

    static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';
}
