namespace LlmLab.Text.WordTokenization;

/// <summary>The expressions of <see cref="TweetTokenizer"/>, tried in the order in which they are joined.</summary>
static class TweetPatterns
{
    // What the Python package "regex" counts to words: unlike Python's own, marks and joiners too, and no ² or ½.
    const string WordSet = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9\u200C\u200D";
    const string LetterSet = @"\p{L}\p{M}\p{Nl}\u24B6-\u24E9\u200C\u200D\u203F\u2040\u2054\uFE33\uFE34\uFE4D-\uFE4F\uFF3F"; // words without digits and _
    const string Space = CharacterClasses.SpaceSet;
    const string AnyCharacter = $"(?:{CharacterClasses.Astral}|[^\\n])";
    const string SkinTone = "(?:\uD83C[\uDFFB-\uDFFF])";

    /// <summary>Eyes, nose and mouth in either direction, and hearts.</summary>
    public const string Emoticon = @"(?:[<>]?[:;=8][\-o*']?[)\](\[dDpP/:}{@|\\]|[)\](\[dDpP/:}{@|\\][\-o*']?[:;=8][<>]?|</?3)";

    // John Gruber's expression for URLs in the version of T. Winzig: gist.github.com/winzig/8894715.
    const string BalancedParentheses = $@"\([^{Space}()]*?\([^{Space}()]+\)[^{Space}()]*?\)|\([^{Space}]+?\)";
    const string Url =
        @"(?:https?:(?:/{1,3}|[a-z0-9%])|[a-z0-9.\-]+[.](?:[a-z]{2,13})/)" +
        $@"(?:[^{Space}()<>{{}}\[\]]+|{BalancedParentheses})+" +
        $@"(?:{BalancedParentheses}|[^{Space}`!()\[\]{{}};:'"".,<>?«»“”‘’])" +
        $@"|(?:(?<!@)[a-z0-9]+(?:[.\-][a-z0-9]+)*[.](?:[a-z]{{2,13}})(?![{WordSet}])/?(?!@))";

    const string Phone = @"(?:(?:\+?[01][ *\-.)]*)?(?:[(]?\d{3}[ *\-.)]*)?\d{3}[ *\-.)]*\d{4})";
    const string Flag =
        "(?:(?:\uD83C[\uDDE6-\uDDFF]){2}" +
        "|\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC65\uDB40\uDC6E\uDB40\uDC67\uDB40\uDC7F" + // England
        "|\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC73\uDB40\uDC63\uDB40\uDC74\uDB40\uDC7F" + // Scotland
        "|\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC77\uDB40\uDC6C\uDB40\uDC73\uDB40\uDC7F)"; // Wales

    const string Rest =
        Emoticon +
        $"|<[^>{Space}]+>" + // HTML tags
        "|-+>|<-+" + // arrows
        $"|@[{WordSet}]+" +
        $@"|\#+[{WordSet}]+[{WordSet}'\-]*[{WordSet}]+" +
        $@"|[{WordSet}.+\-]+@[{WordSet}\-]+\.(?:[{WordSet}\-]\.?)+[{WordSet}\-]" + // e-mail
        $"|{AnyCharacter}(?:{SkinTone}?(?:\u200d{AnyCharacter}{SkinTone}?)+|{SkinTone})" + // joined emoji
        "|" + Flag +
        $@"|[{LetterSet}](?:[{LetterSet}]|['\-_])+[{LetterSet}]" + // words with apostrophes or dashes
        @"|[+\-]?\d+[,/.:\-]\d+[+\-]?" + // fractions, decimals, dates
        $"|[{WordSet}]+" +
        $@"|\.(?:[{Space}]*\.)+" +
        "|" + CharacterClasses.NotSpace;

    public const string Token = Url + "|" + Rest;
    public const string TokenOrPhone = Url + "|" + Phone + "|" + Rest;
}
