namespace LlmLab.Text.WordTokenization;

/// <summary>
/// A fast tokenizer for many languages that assumes one sentence a line: J. Dehdari, "A neurophysiologically-inspired statistical
/// language model", 2014, and his tok-tok.pl. Equal to NLTK 3.8's <c>ToktokTokenizer</c>, including where that differs from the Perl.
/// </summary>
public sealed class ToktokTokenizer : IWordTokenizer
{
    // The Unicode properties that Perl had when the tool was written; today's \p{Ps} has more members. The step for closing
    // punctuation is missing on purpose: in the Python version its brackets close early, so that it never matches.
    const string Opening = "(\\[{\u0f3a\u0f3c\u169b\u201a\u201e\u2045\u207d\u208d\u2329\u2768\u276a\u276c\u276e\u2770\u2772\u2774\u27c5\u27e6\u27e8\u27ea\u27ec\u27ee" +
        "\u2983\u2985\u2987\u2989\u298b\u298d\u298f\u2991\u2993\u2995\u2997\u29d8\u29da\u29fc\u2e22\u2e24\u2e26\u2e28\u3008\u300a\u300c\u300e\u3010\u3014\u3016" +
        "\u3018\u301a\u301d\ufd3e\ufe17\ufe35\ufe37\ufe39\ufe3b\ufe3d\ufe3f\ufe41\ufe43\ufe47\ufe59\ufe5b\ufe5d\uff08\uff3b\uff5b\uff5f\uff62";

    const string Currency = "$\u00a2\u00a3\u00a4\u00a5\u058f\u060b\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20ba\ua838\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6";

    static readonly Substitution finalQuotedPeriod = new($"(?<!\\.)\\.[{CharacterClasses.SpaceSet}]*([\"'’»›”]) *$", " . $1");

    static readonly Substitution[] steps =
    [
        new("\u00A0", " "),
        new("([،;؛¿!\"\\])}»›”؟¡%٪°±©®।॥…])", " $1 "),
        new(":(?!//)", " : "),
        new($"\\?(?![^{CharacterClasses.SpaceSet}])", " ? "),
        new($"://{CharacterClasses.NotSpace}/", " / "), // one character between, as in the Python version
        new(" /", " / "),
        new("& ", "&amp; "),
        new("\t", " &#9; "),
        new("\\|", " &#124; "),
        new($"([{Opening}])", "$1 "),
        new("(,{2,})", " $1 "),
        new("(?<!,)([,،])(?![,\\d])", " $1 "),
        finalQuotedPeriod,
        new("(['’`])", " $1 "),
        new(" ` ` ", " `` "),
        new(" ' ' ", " '' "),
        new($"([{Currency}])", "$1 "),
        new("([–—])", " $1 "),
        new("(-{2,})", " $1 "),
        new("(\\.{2,})", " $1 "),
        new("(?<!\\.)\\.$", " ."),
        finalQuotedPeriod,
        new(" {2,}", " "),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text) => Whitespace.Split(Substitution.Apply(steps, text));
}
