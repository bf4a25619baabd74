using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>
/// The tokenizers of sacreBLEU (M. Post, "A call for clarity in reporting BLEU scores", WMT 2018). A BLEU score means nothing without
/// the name of the one it was computed with; that name is part of the score's signature.
/// </summary>
public sealed class SacreBleuTokenizer : IWordTokenizer
{
    static readonly Substitution[] western =
    [
        new("([{-~\\[-` -&(-+:-@/])", " $1 "),
        new("([^0-9])([.,])", "$1 $2 "),
        new("([.,])([^0-9])", " $1 $2"),
        new("([0-9])(-)", "$1 $2 "),
    ];

    static readonly Substitution[] punctuation =
    [
        new(@"(\P{N})(\p{P})", "$1 $2 "),
        new(@"(\p{P})(\P{N})", " $1 $2"),
    ];

    static readonly Regex symbol = CharacterClasses.Compile($@"\p{{S}}|{CharacterClasses.Astral}");

    // As listed in sacreBLEU; it compares single code points with these ends as strings, which for the two ranges
    // beyond U+FFFF means U+2001 to U+2A6D and U+2F81 to U+2FA1.
    static readonly (char First, char Last)[] chinese =
    [
        ('\u3400', '\u4db5'), ('\u4e00', '\u9fa5'), ('\u9fa6', '\u9fbb'), ('\uf900', '\ufa2d'), ('\ufa30', '\ufa6a'), ('\ufa70', '\ufad9'),
        ('\u2001', '\u2a6d'), ('\u2f81', '\u2fa1'), ('\uff00', '\uffef'), ('\u2e80', '\u2eff'), ('\u3000', '\u303f'), ('\u31c0', '\u31ef'),
        ('\u2f00', '\u2fdf'), ('\u2ff0', '\u2fff'), ('\u3100', '\u312f'), ('\u31a0', '\u31bf'), ('\ufe10', '\ufe1f'), ('\ufe30', '\ufe4f'),
        ('\u2600', '\u26ff'), ('\u2700', '\u27bf'), ('\u3200', '\u32ff'), ('\u3300', '\u33ff'),
    ];

    readonly Func<string, string> rewrite;

    SacreBleuTokenizer(string name, Func<string, string> rewrite)
    {
        Name = name;
        this.rewrite = rewrite;
    }

    /// <summary>The name in sacreBLEU's signature.</summary>
    public string Name { get; }

    /// <summary>The default: equal to mteval-v13a.pl, the tool of the WMT campaigns.</summary>
    public static SacreBleuTokenizer V13a { get; } = new("13a", RewriteV13a);

    /// <summary>Unicode's punctuation and symbols apart, for any language that puts spaces between words: mteval-v14.pl.</summary>
    public static SacreBleuTokenizer International { get; } = new("intl", RewriteInternational);

    /// <summary>Chinese characters one by one, the rest as 13a.</summary>
    public static SacreBleuTokenizer Chinese { get; } = new("zh", RewriteChinese);

    /// <summary>Every character a token, the space too.</summary>
    public static SacreBleuTokenizer Character { get; } = new("char", text => string.Join(' ', text.EnumerateRunes()));

    /// <summary>Only white space separates: for text that is tokenized already.</summary>
    public static SacreBleuTokenizer None { get; } = new("none", text => text);

    /// <summary>The tokenizer of a signature's name.</summary>
    /// <exception cref="InvalidInputException">The name is not one of 13a, intl, zh, char, none.</exception>
    public static SacreBleuTokenizer Named(string name) => name switch
    {
        "13a" => V13a,
        "intl" => International,
        "zh" => Chinese,
        "char" => Character,
        "none" => None,
        _ => throw new InvalidInputException($"There is no BLEU tokenizer \"{name}\"; choose 13a, intl, zh, char or none."),
    };

    /// <summary>The text with spaces between its tokens.</summary>
    public string Rewrite(string text) => rewrite(text);

    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text) => Whitespace.Split(rewrite(text));

    static string RewriteV13a(string text) => Western(" " + text.Replace("<skipped>", "").Replace("-\n", "").Replace("\n", " ")
        .Replace("&quot;", "\"").Replace("&amp;", "&").Replace("&lt;", "<").Replace("&gt;", ">") + " ");

    static string RewriteInternational(string text) =>
        Joined(symbol.Replace(Substitution.Apply(punctuation, text), match => IsSymbol(match.Value) ? $" {match.Value} " : match.Value));

    static bool IsSymbol(string character) => Rune.GetUnicodeCategory(Rune.GetRuneAt(character, 0))
        is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol;

    static string RewriteChinese(string text)
    {
        var spaced = new StringBuilder();
        foreach (var character in Whitespace.Trim(text))
            if (chinese.Any(range => character >= range.First && character <= range.Last)) spaced.Append(' ').Append(character).Append(' ');
            else spaced.Append(character);
        return Western(spaced.ToString());
    }

    static string Western(string text) => Joined(Substitution.Apply(western, text));

    static string Joined(string text) => string.Join(' ', Whitespace.Split(text));
}
