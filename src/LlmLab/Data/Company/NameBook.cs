using System.Text;

namespace LlmLab.Data.Company;

/// <summary>A person of the company.</summary>
/// <param name="First">First name.</param>
/// <param name="Last">Last name.</param>
sealed record Person(string First, string Last)
{
    public string Name { get; } = $"{First} {Last}";

    /// <summary>The address at the company; "example" is a top-level domain reserved for examples (RFC 2606).</summary>
    public string Email { get; } = $"{Ascii(First)}.{Ascii(Last)}@tarnwick.example";

    // Not string.Normalize: it does nothing where globalization is invariant, and names must not depend on the host.
    const string accented = "áàâäãåçéèêëíìîïñóòôöõøúùûüý";
    const string plain = "aaaaaaceeeeiiiinoooooouuuuy";

    public static string Ascii(string name)
    {
        var ascii = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
            if (c != '.')
                ascii.Append(accented.IndexOf(c) is >= 0 and var at ? plain[at] : c == ' ' ? '-' : c);
        return ascii.ToString();
    }
}

/// <summary>Names by index: distinct indices give distinct names, in an order that the seed decides.</summary>
sealed class NameBook(CompanyLanguage language, ulong seed)
{
    static readonly string[] numerals = ["", " II", " III", " IV", " V", " VI", " VII", " VIII", " IX", " X"];

    readonly string[] first = language.Words("first");
    readonly string[] lastHead = language.Words("lasthead");
    readonly string[] lastTail = language.Words("lasttail");
    readonly string[] projectHead = language.Words("projecthead");
    readonly string[] projectTail = language.Words("projecttail");
    readonly string[] onset = language.Words("onset");
    readonly string[] middle = language.Words("middle");
    readonly string[] coda = language.Words("coda");

    public Person Person(long index)
    {
        var size = (long)first.Length * lastHead.Length * lastTail.Length;
        var (round, at) = Math.DivRem(index, size);
        at = Draw.Permuted(at, size, seed + 1);
        var last = lastHead[at / first.Length % lastHead.Length] + lastTail[at / first.Length / lastHead.Length];
        // After every name was given once, a middle initial tells people apart.
        return new Person(first[at % first.Length] + (round == 0 ? "" : $" {(char)('A' + (round - 1) % 26)}."), last);
    }

    /// <summary>A person outside the company: first names as inside, last names coined, so that the two never meet.</summary>
    public Person PrivatePerson(long index) => new(first[Draw.For(seed, 26, (ulong)index).Below(first.Length)], Coined(index, 27));

    public string Project(long index)
    {
        var size = (long)projectHead.Length * projectTail.Length;
        var (round, at) = Math.DivRem(index, size);
        at = Draw.Permuted(at, size, seed + 2);
        return $"{projectHead[at % projectHead.Length]} {projectTail[at / projectHead.Length]}{Numeral(round)}";
    }

    /// <summary>An invented word, such as Calandor.</summary>
    public string Coined(long index, ulong purpose)
    {
        var size = (long)onset.Length * middle.Length * middle.Length * coda.Length;
        var at = Draw.Permuted(index, size, seed + purpose);
        var o = onset[at % onset.Length];
        at /= onset.Length;
        var m1 = middle[at % middle.Length];
        at /= middle.Length;
        var m2 = middle[at % middle.Length];
        at /= middle.Length;
        // Two vowels in a row would be hard to read; the inner one is then bound by a consonant.
        var inner = IsVowel(m1[^1]) && IsVowel(m2[0]) ? "r" + m2 : m2;
        return o + m1 + inner + coda[at];
    }

    public string Client(long index) => $"{Coined(index, 3)} {Of("clienttype", index, 3)}";

    public string Supplier(long index) => $"{Coined(index, 4)} {Of("suppliertype", index, 4)}";

    public string Component(long index) => $"{Coined(index, 5)} {Of("componenttype", index, 5)}";

    public string Place(long index) => $"{Coined(index, 6)} {Of("placetail", index, 6)}";

    string Of(string list, long index, ulong purpose)
    {
        var words = language.Words(list);
        return words[Draw.For(seed, purpose, (ulong)index).Below(words.Length)];
    }

    static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u';

    static string Numeral(long round) => round < numerals.Length ? numerals[round] : $" {round + 1}";
}
