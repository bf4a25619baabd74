using LlmLab.Text;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Evaluation.Text;

/// <summary>
/// The normalisation of Tercom (github.com/jhclark/tercom) that TER is computed after, as sacreBLEU has it. By default only lower case.
/// </summary>
sealed class TercomTokenizer(TranslationEditRateOptions options)
{
    const string AsianPunctuation = "([\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb])";
    const string FullWidthPunctuation = "([\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09])";

    static readonly Substitution[] western =
    [
        new("([{-~\\[-` -&(-+:-@/])", " $1 "),
        new("'s ", " 's "),
        new("'s$", " 's"),
        new("([^0-9])([.,])", "$1 $2 "),
        new("([.,])([^0-9])", " $1 $2"),
        new("([0-9])(-)", "$1 $2 "),
    ];

    // Ideographs one by one; kana only where a whole text is nothing else, which is what the peer's expressions come to.
    static readonly Substitution[] asian =
    [
        new("([\u4e00-\u9fff\u3400-\u4dbf])", " $1 "),
        new("([\u31c0-\u31ef\u2e80-\u2eff])", " $1 "),
        new("([\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f])", " $1 "),
        new("([\u3200-\u3f22])", " $1 "),
        new("(^|^[\u3040-\u309f])([\u3040-\u309f]+)(?=$|^[\u3040-\u309f])", "$1 $2 "),
        new("(^|^[\u30a0-\u30ff])([\u30a0-\u30ff]+)(?=$|^[\u30a0-\u30ff])", "$1 $2 "),
        new("(^|^[\u31f0-\u31ff])([\u31f0-\u31ff]+)(?=$|^[\u31f0-\u31ff])", "$1 $2 "),
        new(AsianPunctuation, " $1 "),
        new(FullWidthPunctuation, " $1 "),
    ];

    static readonly Substitution[] withoutPunctuation = [new("[.,?:;!\"()]", "")];
    static readonly Substitution[] withoutAsianPunctuation = [new(AsianPunctuation, ""), new(FullWidthPunctuation, "")];

    /// <summary>The normalised text; its words are separated by single spaces.</summary>
    public string Rewrite(string text)
    {
        if (text.Length == 0) return text;
        if (!options.CaseSensitive) text = LetterCase.ToLower(text);
        if (options.Normalize)
        {
            text = text.Replace("\n-", "").Replace("\n", " ").Replace("&quot;", "\"").Replace("&amp;", "&").Replace("&lt;", "<").Replace("&gt;", ">");
            text = Substitution.Apply(western, $" {text} ");
            if (options.AsianSupport) text = Substitution.Apply(asian, text);
        }
        if (options.RemovePunctuation) text = Substitution.Apply(options.AsianSupport ? [.. withoutPunctuation, .. withoutAsianPunctuation] : withoutPunctuation, text);
        return string.Join(' ', Whitespace.Split(text));
    }
}
