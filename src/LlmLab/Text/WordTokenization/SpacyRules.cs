using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>What spaCy's English tokenizer cuts off before, after and between, and what it takes for an address.</summary>
static class SpacyRules
{
    const string Lower = @"\p{Ll}\p{Lo}\p{Lm}\p{M}", Upper = @"\p{Lu}\p{Lt}\p{Lo}\p{Lm}\p{M}", Letter = @"\p{L}\p{M}";
    const string QuoteSet = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉";
    const string PunctuationSet = @"…,:;!?¿؟¡()\[\]{}<>_#*&。？！，、；：～·।،۔؛٪";
    const string Ellipsis = @"\.\.+|…";
    const string Punctuation = $"……|[{PunctuationSet}]|{Ellipsis}";
    const string Icon = @"(?:[\p{So}-[\uD800-\uDFFF]]|[\uD83C-\uD83E][\uDC00-\uDFFF])";
    const string Currency = @"US\$|C\$|A\$|[$£€¥฿₽﷼₴]";
    const string Hyphen = "——|---|--|[-–—~]";

    const string Unit =
        "km²|km³|km|m²|m³|m/s|mm²|mm³|mm|dm²|dm³|dm|cm²|cm³|cm|ha|µm|nm|yd|in|ft|kg|mg|µg|lb|oz|km/h|kmh|mph|hPa|Pa|mbar|mb|MB|kb|KB|gb|GB|tb|TB|m|g|t|T|G|M|K|%" +
        "|км²|км³|км|м²|м³|м/с|мм²|мм³|мм|дм²|дм³|дм|см²|см³|см|нм|кг|мг|км/ч|кПа|Па|мбар|Кб|КБ|кб|Мб|МБ|мб|Гб|ГБ|гб|Тб|ТБ|тб|м|г";

    /// <summary>One prefix.</summary>
    public static Regex Prefix { get; } = CharacterClasses.Compile($@"^(?:[§%=—–]|\+(?![0-9])|{Punctuation}|[{QuoteSet}]|{Currency}|{Icon})");

    /// <summary>One suffix.</summary>
    public static Regex Suffix { get; } = CharacterClasses.Compile(
        $@"(?:{Punctuation}|[{QuoteSet}]|{Icon}|['’][sS]|[—–]" +
        $@"|(?<=[0-9])\+|(?<=°[FfCcKk])\.|(?<=[0-9])(?:{Currency})|(?<=[0-9])(?:{Unit})" +
        $@"|(?<=[0-9{Lower}%²\-+{PunctuationSet}{QuoteSet}])\.|(?<=[{Upper}][{Upper}])\.)$");

    /// <summary>One infix.</summary>
    public static Regex Infix { get; } = CharacterClasses.Compile(
        $@"{Ellipsis}|{Icon}|(?<=[0-9])[+\-*^](?=[0-9-])|(?<=[{Lower}{QuoteSet}])\.(?=[{Upper}{QuoteSet}])|(?<=[{Letter}]),(?=[{Letter}])" +
        $@"|(?<=[{Letter}0-9])(?:{Hyphen})(?=[{Letter}])|(?<=[{Letter}0-9])[:<>=/](?=[{Letter}])");

    /// <summary>
    /// A URL or e-mail address from end to end: Diego Perini's expression (gist.github.com/dperini/729294) without its private networks,
    /// in spaCy's version, where the scheme may be missing.
    /// </summary>
    public static Regex Url { get; } = CharacterClasses.Compile(
        $@"^(?=[{Letter}\w])(?:[\w+\-.]{{2,}}://)?(?:\S+(?::\S*)?@)?" +
        @"(?:(?!(?:10|127)(?:\.\d{1,3}){3})(?!(?:169\.254|192\.168)(?:\.\d{1,3}){2})(?!172\.(?:1[6-9]|2\d|3[0-1])(?:\.\d{1,3}){2})" +
        @"(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.(?:1?\d{1,2}|2[0-4]\d|25[0-5])){2}(?:\.(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-4]))" +
        $@"|(?:(?:[A-Za-z0-9\u00a1-\uffff][A-Za-z0-9\u00a1-\uffff_-]{{0,62}})?[A-Za-z0-9\u00a1-\uffff]\.)+[{Lower}]{{2,63}})" +
        $@"(?::\d{{2,5}})?(?:[/?#]\S*)?(?<=[{Letter}\w/])$");
}
