using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Keeps together what social media and chat write as one: emoticons, emoji, hashtags, @names, URLs, phone numbers, arrows.
/// Christopher Potts' tokenizer as NLTK 3.8's <c>TweetTokenizer</c> has it.
/// </summary>
public sealed class TweetTokenizer : IWordTokenizer
{
    static readonly Regex tokens = CharacterClasses.Compile(TweetPatterns.Token, RegexOptions.IgnoreCase);
    static readonly Regex tokensAndPhones = CharacterClasses.Compile(TweetPatterns.TokenOrPhone, RegexOptions.IgnoreCase);
    static readonly Regex emoticon = CharacterClasses.Compile(TweetPatterns.Emoticon, RegexOptions.IgnoreCase);
    static readonly Regex entity = CharacterClasses.Compile($"&(#?(x?))([^&;{CharacterClasses.SpaceSet}]+);");
    static readonly Regex longRun = CharacterClasses.Compile($"({CharacterClasses.Astral}|[^a-zA-Z0-9])\\1{{3,}}");
    static readonly Regex lengthened = CharacterClasses.Compile($"({CharacterClasses.Astral}|.)\\1{{2,}}");
    static readonly Regex handle = CharacterClasses.Compile("(?<![A-Za-z0-9_!@#$%&*])@(?:[A-Za-z0-9_]{15}(?!@)|[A-Za-z0-9_]{1,14}(?![A-Za-z0-9_]*@))");

    /// <summary>False writes everything but emoticons in lower case.</summary>
    public bool PreserveCase { get; init; } = true;

    /// <summary>Shortens "waaaaay" to "waaay": three of any character at most.</summary>
    public bool ReduceLengthening { get; init; }

    /// <summary>Leaves @names out.</summary>
    public bool StripHandles { get; init; }

    /// <summary>Takes phone numbers as one token.</summary>
    public bool MatchPhoneNumbers { get; init; } = true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text)
    {
        text = entity.Replace(text, DecodeEntity);
        if (StripHandles) text = handle.Replace(text, " ");
        if (ReduceLengthening) text = lengthened.Replace(text, "$1$1$1");
        text = longRun.Replace(text, "$1$1$1");
        var found = (MatchPhoneNumbers ? tokensAndPhones : tokens).Matches(text).Select(match => match.Value);
        return [.. PreserveCase ? found : found.Select(token => emoticon.IsMatch(token) ? token : LetterCase.ToLower(token))];
    }

    /// <summary>The character of an HTML 4 entity; nothing where there is none such.</summary>
    static string DecodeEntity(Match match)
    {
        var body = match.Groups[3].Value;
        if (match.Groups[1].Length == 0)
        {
            var decoded = WebUtility.HtmlDecode(match.Value);
            return decoded == match.Value || body == "apos" ? "" : decoded; // HTML 4 does not have &apos;
        }
        var hexadecimal = match.Groups[2].Length > 0;
        if (!int.TryParse(body, hexadecimal ? NumberStyles.HexNumber : NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)) return "";
        if (number is >= 0x80 and <= 0x9F) return DecodeWindows1252(number);
        return Rune.IsValid(number) ? new Rune(number).ToString() : "";
    }

    // Browsers read these numbers as bytes of Windows-1252; five of them stand for nothing.
    static string DecodeWindows1252(int number)
    {
        const string Characters = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";
        return Characters[number - 0x80] is '\0' ? "" : Characters[number - 0x80].ToString();
    }
}
