namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>
/// Numbers that name a person or an account: payment cards (network and Luhn), IBANs (country length and mod 97), phone numbers,
/// bank accounts, social security and tax numbers, birth dates, public IP addresses. Form decides where it is telling; where it is
/// not, the words around it do. Amounts, dates, versions and identifiers are left alone.
/// </summary>
sealed class NumberDetector : IPersonalDataDetector
{
    static readonly string[] phoneWords = ["phone", "telephone", "tel", "tel.", "call", "calling", "called", "mobile", "cell", "cellphone", "fax", "dial", "whatsapp", "sms", "text me", "ring me", "reach me", "reachable", "hotline", "landline", "my number", "new number", "number is", "number to", "handy", "mobil", "telefon", "rufnummer", "téléphone", "portable", "teléfono", "móvil", "telefoon"];
    static readonly string[] accountWords = ["account number", "account no", "account nr", "account #", "account:", "acct", "a/c", "bank account", "checking account", "savings account", "my account", "account is", "account ending", "routing", "routing number", "sort code", "kontonummer", "konto", "kto", "numéro de compte", "número de cuenta", "bsb"];
    static readonly string[] identityWords = ["ssn", "social security", "social insurance", "national insurance", "national id", "national identification", "tax id", "taxpayer", "tax number", "steuer-id", "steueridentifikationsnummer", "sozialversicherungsnummer", "passport", "passport no", "id card", "identity card", "identity number", "driver's license", "driver license", "driving licence", "driver's licence", "licence number", "license number", "personnummer", "bsn", "nif", "dni", "numéro de sécurité sociale"];
    static readonly string[] birthWords = ["born", "born on", "date of birth", "birth date", "birthdate", "dob", "d.o.b", "birthday", "geboren", "geburtsdatum", "né le", "née le", "nacido", "fecha de nacimiento"];
    static readonly string[] amountWords = ["eur", "usd", "gbp", "chf", "euro", "euros", "dollars", "pounds", "%", "percent", "kg", "km", "mm", "cm", "tonnes", "tons", "units", "hours", "days", "bytes", "mb", "gb", "ms", "items", "pcs", "pieces", "kwh", "kw", "rpm"];
    static readonly string[] serialWords = ["serial", "serial no", "part", "part no", "part number", "order", "order no", "order number", "invoice", "invoice no", "ticket", "case", "article", "sku", "batch", "lot", "ref", "reference", "isbn", "issn", "doi", "rfc", "version", "build", "revision", "po", "purchase order", "asset", "id"];

    public void Find(string text, List<Finding> findings)
    {
        Span<int> starts = stackalloc int[NumberRun.MaximumGroups], lengths = stackalloc int[NumberRun.MaximumGroups];
        int at = 0;
        while (true)
        {
            int next = text.AsSpan(at).IndexOfAnyInRange('0', '9');
            if (next < 0) return;
            at += next;
            if (TryIban(text, at, findings, out int end))
            {
                at = end;
                continue;
            }
            var run = NumberRun.Read(text, at, starts, lengths);
            at = Math.Max(run.End, at + 1);
            if (run.Digits >= 6 || run.Extension || run.Separator == '.' && run.Groups == 4) Classify(text, run, findings);
        }
    }

    static bool TryIban(string text, int digit, List<Finding> findings, out int end)
    {
        end = digit;
        if (digit < 2 || !char.IsAsciiLetter(text[digit - 1]) || !char.IsAsciiLetter(text[digit - 2]) || digit > 2 && char.IsLetterOrDigit(text[digit - 3])) return false;
        Span<char> country = [char.ToUpperInvariant(text[digit - 2]), char.ToUpperInvariant(text[digit - 1])];
        int length = Checksums.IbanLength(country);
        if (length == 0) return false;
        Span<char> iban = stackalloc char[34];
        country.CopyTo(iban);
        int filled = 2, at = digit;
        for (; at < text.Length && filled < length; at++)
            if (char.IsAsciiLetterOrDigit(text[at])) iban[filled++] = char.ToUpperInvariant(text[at]);
            else if (text[at] is not (' ' or '-' or '\u00A0') || at + 1 < text.Length && !char.IsAsciiLetterOrDigit(text[at + 1])) break;
        if (filled < length || !char.IsAsciiDigit(iban[2]) || !char.IsAsciiDigit(iban[3]) || at < text.Length && char.IsAsciiLetterOrDigit(text[at])) return false;
        // A wrong check digit beside the word IBAN is a typing error in a real number.
        if (!Checksums.IsIban(iban[..length]) && !Surroundings.Before(text, digit - 2, 30, ["iban"])) return false;
        findings.Add(new Finding("iban", digit - 2, at - digit + 2));
        end = at;
        return true;
    }

    static void Classify(string text, NumberRun run, List<Finding> findings)
    {
        bool afterLetter = run.Start > 0 && (char.IsLetter(text[run.Start - 1]) || text[run.Start - 1] is '_' or '#' && !Surroundings.Before(text, run.Start, 30, ["card", "account", "phone"]));
        bool joined = run.Start > 1 && text[run.Start - 1] is '-' or '/' or '.' or ':' && char.IsLetterOrDigit(text[run.Start - 2]);
        bool joinedAfter = run.End < text.Length && (char.IsLetter(text[run.End]) || text[run.End] is '_' || text[run.End] is '-' or '/' or '=' && run.End + 1 < text.Length && char.IsLetterOrDigit(text[run.End + 1]));
        bool inLink = run.Start > 0 && text[run.Start - 1] is '/' or '=' or '-' or '_' || run.End < text.Length && text[run.End] is '/' or '_' || run.End + 1 < text.Length && text[run.End] == '-' && char.IsLetter(text[run.End + 1]);
        if (!inLink && TryCard(text, run, findings)) return;
        if (run.Separator == '.' && run.Groups == 4 && !run.Plus && IsAddress(text, run))
        {
            if (!afterLetter && !joined && IsPublic(text, run) && !Surroundings.Before(text, run.Start, 20, ["version", "release", "v", "section"])) findings.Add(new Finding("ip", run.Start, run.End - run.Start));
            return;
        }
        if (IsDate(run))
        {
            if (Surroundings.Before(text, run.Start, 32, birthWords)) findings.Add(new Finding("birth date", run.Start, run.End - run.Start));
            return;
        }
        if (afterLetter || joined || joinedAfter) return;
        bool socialForm = run.Groups == 3 && run.GroupLength[0] == 3 && run.GroupLength[1] == 2 && run.GroupLength[2] == 4 && run.Separator is '-' or ' ';
        string? type = null;
        if (socialForm && text[run.GroupStart[0]] != '9' && !text.AsSpan(run.GroupStart[0], 3).SequenceEqual("000") && !text.AsSpan(run.GroupStart[0], 3).SequenceEqual("666")) type = "national id";
        else if (run.Digits is >= 7 and <= 13 && Surroundings.Before(text, run.Start, 40, identityWords)) type = "national id";
        else if (run.Digits is >= 6 and <= 18 && Surroundings.Before(text, run.Start, 36, accountWords) && !run.Plus) type = "account";
        else if (IsPhone(text, run)) type = "phone";
        if (type is not null) findings.Add(new Finding(type, run.Start, run.End - run.Start));
    }

    static bool TryCard(string text, NumberRun run, List<Finding> findings)
    {
        if (run.Digits < 13 || run.Plus) return false;
        Span<char> digits = stackalloc char[20];
        for (int first = 0; first < run.Groups; first++)
        {
            int filled = 0;
            for (int last = first; last < run.Groups && filled + run.GroupLength[last] <= 19; last++)
            {
                text.AsSpan(run.GroupStart[last], run.GroupLength[last]).CopyTo(digits[filled..]);
                filled += run.GroupLength[last];
                // Cards are written in one piece, or in fours (American Express: 4-6-5).
                bool form = first == last || run.GroupLength[first] == 4 && (last - first >= 3 || last - first == 2 && run.GroupLength[first + 1] == 6);
                if (!form || filled < 13 || !Checksums.IsCardNumber(digits[..filled])) continue;
                int end = run.GroupStart[last] + run.GroupLength[last];
                if (end < text.Length && char.IsLetterOrDigit(text[end]) || run.GroupStart[first] > 0 && char.IsLetterOrDigit(text[run.GroupStart[first] - 1])) continue;
                findings.Add(new Finding("card", run.GroupStart[first], end - run.GroupStart[first]));
                return true;
            }
        }
        return false;
    }

    static bool IsPhone(string text, NumberRun run)
    {
        if (run.Digits is < 6 or > 15 && !run.Extension || run.Digits > 20) return false;
        if (run.Start > 0 && text[run.Start - 1] is '$' or '€' or '£' or '¥' or ',' or '=' or '@') return false;
        if (run.End < text.Length && text[run.End] is '%' or '€' or '$' or '£' or '°' || run.End + 1 < text.Length && text[run.End] == ',' && char.IsAsciiDigit(text[run.End + 1])) return false;
        if (run.Start > 1 && text[run.Start - 1] == ' ' && text[run.Start - 2] is '$' or '€' or '£') return false;
        if (Surroundings.After(text, run.End, 8, amountWords)) return false;
        bool context = Surroundings.Before(text, run.Start, 48, phoneWords);
        if (Surroundings.Before(text, run.Start, 16, serialWords) && !context && !run.Plus) return false;
        bool thousands = run.Groups > 1 && run.Separator is ' ' or '.' && run.GroupLength[0] <= 3 && AllThree(run);
        if (run.Plus) return run.Digits >= 8;
        if (context && run.Digits >= 7 && !IsYearRange(text, run)) return true;
        if (thousands) return run.Parenthesis || text[run.GroupStart[0]] == '0';
        var first = text.AsSpan(run.GroupStart[0], run.GroupLength[0]);
        if (run.Extension && run.Digits >= 9) return true;
        if (first.StartsWith("00") && run.Digits >= 10 && run.Groups > 1) return true;
        if (run.Parenthesis && run.Digits >= 7 && (text[run.Start] == '(' || run.Digits >= 9) && run.GroupLength[0] <= 5 && run.Groups >= 2) return true;
        if (first[0] == '0' && run.Digits is >= 9 and <= 12 && run.Groups >= 2 && run.GroupLength[0] is >= 2 and <= 6) return true;
        if (run.Groups == 3 && run.GroupLength[0] == 3 && run.GroupLength[1] == 3 && run.GroupLength[2] == 4 && run.Separator is '-' or '.' or ' ') return true;
        // Groups of unequal small sizes, as on the Continent: 69 987 88 37.
        return run.Groups is >= 4 and <= 6 && run.Separator is ' ' or '-' && run.Digits is >= 9 and <= 13 && SmallGroups(run);
    }

    static bool AllThree(NumberRun run)
    {
        for (int i = 1; i < run.Groups; i++)
            if (run.GroupLength[i] != 3) return false;
        return true;
    }

    static bool SmallGroups(NumberRun run)
    {
        for (int i = 0; i < run.Groups; i++)
            if (run.GroupLength[i] is < 2 or > 4) return false;
        return true;
    }

    static bool IsYearRange(string text, NumberRun run) => run.Groups == 2 && run.GroupLength[0] == 4 && run.GroupLength[1] == 4 && text[run.GroupStart[0]] is '1' or '2' && text[run.GroupStart[1]] is '1' or '2';

    static bool IsDate(NumberRun run) => run.Groups == 3 && run.Separator is '-' or '.' or '/' && run.Digits is >= 6 and <= 8
        && (run.GroupLength[0] == 4 && run.GroupLength[1] <= 2 && run.GroupLength[2] <= 2 || run.GroupLength[0] <= 2 && run.GroupLength[1] <= 2 && run.GroupLength[2] is 2 or 4)
        || run.Groups >= 4 && run.GroupLength[0] == 4 && run.GroupLength[1] == 2 && run.GroupLength[2] == 2;

    static bool IsAddress(string text, NumberRun run)
    {
        for (int i = 0; i < 4; i++)
            if (run.GroupLength[i] > 3 || int.Parse(text.AsSpan(run.GroupStart[i], run.GroupLength[i]), System.Globalization.CultureInfo.InvariantCulture) > 255) return false;
        return run.Digits >= 5;
    }

    // Private ranges (RFC 1918), loopback and documentation addresses (RFC 5737) name nobody.
    static bool IsPublic(string text, NumberRun run)
    {
        Span<int> part = stackalloc int[4];
        for (int i = 0; i < 4; i++) part[i] = int.Parse(text.AsSpan(run.GroupStart[i], run.GroupLength[i]), System.Globalization.CultureInfo.InvariantCulture);
        return !(part[0] is 0 or 10 or 127 or >= 224 || part[0] == 192 && part[1] == 168 || part[0] == 172 && part[1] is >= 16 and <= 31 || part[0] == 169 && part[1] == 254
            || part[0] == 192 && part[1] == 0 && part[2] == 2 || part[0] == 198 && part[1] == 51 && part[2] == 100 || part[0] == 203 && part[1] == 0 && part[2] == 113);
    }
}
