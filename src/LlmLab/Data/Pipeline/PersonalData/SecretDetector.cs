using System.Buffers;
using System.Text.RegularExpressions;

namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>
/// Passwords, keys and tokens: forms that providers document (AWS, GitHub, GitLab, Slack, Stripe, Google, OpenAI, npm, PEM, JWT),
/// values that a word such as "password" announces, and long random-looking strings beside such a word (Shannon entropy).
/// </summary>
sealed partial class SecretDetector : IPersonalDataDetector
{
    static readonly string[] prefixes = ["AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "xapp-", "sk-", "sk_live_", "sk_test_", "rk_live_", "pk_live_", "AIza", "npm_", "pypi-", "eyJ", "SG.", "hvs.", "dop_v1_", "shpat_", "EAACEdEose0cBA", "ya29."];

    static readonly SearchValues<string> anyPrefix = SearchValues.Create(prefixes, StringComparison.Ordinal);
    static readonly SearchValues<string> announcing = SearchValues.Create(["password", "passwd", "passwort", "pwd", "phrase", "passcode", "pass code", "pass-code", "secret", "token", "key", "credential", "kennwort", "pin ", "pin:", "mot de passe", "contrase"], StringComparison.OrdinalIgnoreCase);

    public void Find(string text, List<Finding> findings)
    {
        for (int at = 0; text.AsSpan(at).IndexOfAny(anyPrefix) is >= 0 and var next; at++)
        {
            at += next;
            if (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '-')) continue;
            int length = 0;
            foreach (string prefix in prefixes)
                if (prefix.Length > length && text.AsSpan(at).StartsWith(prefix, StringComparison.Ordinal)) length = prefix.Length;
            int end = TokenEnd(text, at);
            if (end - at - length >= 12 && Entropy(text.AsSpan(at + length, end - at - length)) >= 2.8 && text.AsSpan(at, end - at).IndexOfAnyInRange('0', '9') >= 0) findings.Add(new Finding("secret", at, end - at));
        }
        for (int at = text.IndexOf("-----BEGIN ", StringComparison.Ordinal); at >= 0; at = text.IndexOf("-----BEGIN ", at + 1, StringComparison.Ordinal))
        {
            int line = text.IndexOf("-----", at + 11, StringComparison.Ordinal);
            if (line < 0 || !text.AsSpan(at, line - at).Contains("PRIVATE KEY", StringComparison.Ordinal)) continue;
            int end = text.IndexOf("-----END ", line, StringComparison.Ordinal), close = end < 0 ? -1 : text.IndexOf("-----", end + 9, StringComparison.Ordinal);
            findings.Add(new Finding("secret", at, (close < 0 ? text.Length : close + 5) - at));
        }
        // An announcement and its value stand on one line: only lines with such a word are matched.
        for (int at = 0; text.AsSpan(at).IndexOfAny(announcing) is >= 0 and var next;)
        {
            int start = text.AsSpan(0, at + next).LastIndexOf('\n') + 1, end = text.AsSpan(start).IndexOf('\n') is >= 0 and var feed ? start + feed : text.Length;
            Announced(text, start, end, findings);
            at = end;
        }
    }

    static void Announced(string text, int start, int end, List<Finding> findings)
    {
        foreach (Match match in Announcement().Matches(start == 0 && end == text.Length ? text : text[start..end]))
        {
            var value = match.Groups["value"];
            int length = value.Length, at = start + value.Index;
            while (length > 0 && text[at + length - 1] is '.' or ',' or ';' or ')' or '"' or '\'' or '!' or '?') length--;
            if (IsSecretValue(text.AsSpan(at, length), match.Groups["sign"].Success)) findings.Add(new Finding("secret", at, length));
        }
    }

    [GeneratedRegex(@"(?:password|passwd|passwort|pwd|pass[ -]?phrase|passcode|kennwort|mot de passe|contraseña|(?:api|access|secret|private|signing|encryption)[ _-]?key|(?:access|auth|api|bearer|deploy|personal)[ _-]?token|client[ _-]?secret|\bsecret|\btoken|\bpin(?: code)?|credentials?)(?:(?:[^\S\n]+(?:for|of|to|von|für|de|du|del)(?:[^\S\n]+[\w.'-]+){1,5}?)?[""']?[^\S\n]*(?:(?<sign>[:=]|->|=>)|(?<sign>\b(?:is|was|lautet|ist|est|es)\b)(?:[^\S\n]+(?:now|still|currently|set to|changed to|reset to))?[^\S\n]*:?)|(?=\s))[^\S\n]*[""'`]?(?<value>[^\s""'`<>]{4,120})", RegexOptions.IgnoreCase)]
    private static partial Regex Announcement();

    // "The password is required" announces nothing: a value has digits or signs among its letters, or is long and random.
    static bool IsSecretValue(ReadOnlySpan<char> value, bool signed)
    {
        if (value.Length < (signed ? 4 : 8) || value[0] is '[' or '$' or '{' or '(' || value.IndexOfAnyExcept('*') < 0 || value.IndexOfAnyExcept('•') < 0) return false;
        int digits = 0, letters = 0, signs = 0, upper = 0;
        foreach (char c in value)
        {
            if (char.IsAsciiDigit(c)) digits++;
            else if (char.IsLetter(c))
            {
                letters++;
                if (char.IsUpper(c)) upper++;
            }
            else signs++;
        }
        if (value.Contains("://", StringComparison.Ordinal) || value.EndsWith("()") || letters == 0 && digits < 4) return false;
        if (digits > 0 && (letters > 0 || signed && digits >= 4)) return signed || digits >= 2 || signs > 0 || value.Length >= 16 && upper > 0 && upper < letters;
        return value.Length >= 8 && signs > 0 && upper > 0 && upper < letters && value.IndexOfAny("!#$%^&*+~@") >= 0 || value.Length >= 20 && Entropy(value) > 3.8 && upper > 2 && upper < letters - 2;
    }

    static int TokenEnd(string text, int at)
    {
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-' or '.' or '/' or '+' or '=')) at++;
        while (text[at - 1] is '.' or '-' or '/') at--;
        return at;
    }

    /// <summary>Shannon entropy of the characters, in bits a character.</summary>
    static double Entropy(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty) return 0;
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (char c in value) counts[c & 127]++;
        double entropy = 0;
        foreach (int count in counts)
            if (count > 0) entropy -= count / (double)value.Length * Math.Log2(count / (double)value.Length);
        return entropy;
    }
}
