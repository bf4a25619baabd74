using System.Buffers;
using System.Collections.Frozen;

namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>
/// Postal addresses: a house number beside a street's name, in the order of English and French (12 Mill Lane, 107 rue …) or of most
/// other languages (Lindenstraße 5, Nassaustraat 123, Via Roma 3), with the flat, postcode and town that follow; and post-office boxes.
/// </summary>
sealed class AddressDetector : IPersonalDataDetector
{
    static readonly FrozenSet<string> strong = Words("street road avenue lane boulevard blvd terrace crescent close parkway pkwy highway drive st. rd. ave. st rd ave ln dr ln. dr.");
    static readonly FrozenSet<string> weak = Words("court ct place pl square sq way row mews hill walk alley quay gardens grove gate rise park view bridge yard green");
    static readonly FrozenSet<string> leading = Words("rue avenue via viale piazza calle avenida plaza rua travessa ulica ul. corso chemin quai impasse allée paseo carrer strada plac aleja großer kleiner calea bulevardul");
    static readonly string[] endings = ["straße", "strasse", "str.", "straat", "gasse", "platz", "allee", "damm", "ufer", "gatan", "vägen", "gade", "veien", "gracht", "laan", "plein", "kade", "weg", "ring", "stieg", "chaussee", "katu", "vej", "singel"];
    static readonly FrozenSet<string> units = Words("apt apt. apartment suite unit flat floor room building block no. nr. po");
    static readonly string[] context = ["address", "live at", "lives at", "living at", "moved to", "home is", "resident", "residing", "deliver to", "ship to", "send to", "adresse", "wohnhaft", "wohnt", "anschrift", "dirección", "adres", "located at"];

    static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    static readonly SearchValues<string> boxes = SearchValues.Create(["P.O. Box ", "PO Box ", "Postfach ", "Apartado "], StringComparison.OrdinalIgnoreCase);

    public void Find(string text, List<Finding> findings)
    {
        int at = 0;
        while (text.AsSpan(at).IndexOfAnyInRange('0', '9') is >= 0 and var next)
        {
            int start = at + next, end = start;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            at = end;
            if (end - start > 5 || start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or ',' or '-' or '/' or '$' or '€' or '£' or '_' or '+' or '(' or '#')) continue;
            if (end < text.Length && char.IsAsciiLetter(text[end]) && (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1]))) end++; // 12a
            if (end < text.Length && text[end] is '%' or ':' or '/' or '_' || end + 1 < text.Length && text[end] is '.' or ',' && char.IsAsciiDigit(text[end + 1])) continue;
            int stop = StreetAfter(text, start, end), begin = start;
            if (stop < 0 && (begin = StreetBefore(text, start)) >= 0) stop = end;
            if (stop < 0) continue;
            stop = Continue(text, stop);
            findings.Add(new Finding("address", begin, stop - begin));
            at = Math.Max(at, stop);
        }
        for (int found = 0; text.AsSpan(found).IndexOfAny(boxes) is >= 0 and var next; found++)
        {
            found += next;
            int digits = found;
            while (!char.IsAsciiDigit(text[digits]) && digits - found < 10 && digits + 1 < text.Length) digits++;
            int end = digits;
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == ' ' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))) end++;
            if (end > digits) findings.Add(new Finding("address", found, Continue(text, end) - found));
        }
    }

    // Reads one word after white space on the same line; returns its end, or -1.
    static int NextWord(string text, int at, out int start)
    {
        start = at;
        while (start < text.Length && text[start] == ' ' && start - at < 3) start++;
        int end = start;
        while (end < text.Length && (char.IsLetter(text[end]) || text[end] is '\'' or '’' or '-' or '.' && end > start && end - start < 5)) end++;
        return end > start && start > at ? end : -1;
    }

    static int StreetAfter(string text, int number, int end)
    {
        int at = end, words = 0, capitals = 0, digits = 0;
        var isStrong = strong.GetAlternateLookup<ReadOnlySpan<char>>();
        var isWeak = weak.GetAlternateLookup<ReadOnlySpan<char>>();
        var isLeading = leading.GetAlternateLookup<ReadOnlySpan<char>>();
        while (words < 5)
        {
            int stop = NextWord(text, at, out int start);
            if (stop < 0)
            {
                // "23 8 Wressle Road": a building before the house number; "45 5th Avenue".
                int digit = at;
                while (digit < text.Length && text[digit] == ' ') digit++;
                int last = digit;
                while (last < text.Length && char.IsLetterOrDigit(text[last])) last++;
                if (words == 0 && digits++ < 2 && digit > at && last > digit && last - digit <= 5 && char.IsAsciiDigit(text[digit]))
                {
                    at = last;
                    continue;
                }
                return -1;
            }
            var word = text.AsSpan(start, stop - start);
            if (words == 0 && isLeading.Contains(word))
            {
                int name = NameEnd(text, stop);
                return name > stop ? name : -1;
            }
            if (EndsStreet(word) && char.IsUpper(word[0]) && !word.EndsWith("ring")) return stop;
            bool capital = char.IsUpper(word[0]);
            if (words > 0 && (isStrong.Contains(word) && (capital || Told() || capitals == words || word.Length > 3 && capitals == 0 && words <= 2 && !IsCommon(text, end, start)) || isWeak.Contains(word) && (capital || Told()) && capitals == words))
            {
                if (word[^1] == '.' && (stop == text.Length || text[stop] is '\n' || stop + 1 < text.Length && text[stop] == ' ' && char.IsUpper(text[stop + 1]) && !Told())) stop--;
                return stop;
            }
            if (capital) capitals++;
            words++;
            at = stop;
            if (stop < text.Length && text[stop] is ',' or ';' or ':' or '\n' || text[stop - 1] == '.' && stop - start > 3) return -1;
        }
        return -1;

        bool Told() => Surroundings.Before(text, number, 40, context);
    }

    // "3 miles down the road", "2 way street": not addresses.
    static bool IsCommon(string text, int from, int to)
    {
        var between = text.AsSpan(from, to - from).Trim();
        foreach (string word in (ReadOnlySpan<string>)["the", "a", "of", "on", "in", "down", "per", "each", "way", "lane", "lanes", "main", "busy", "high", "new", "and", "or", "to", "for", "miles", "km", "meter", "metre", "foot", "mile", "minute", "minutes", "hour", "day", "disk", "usb", "hard", "test", "long"])
            if (Surroundings.ContainsWord(between, [word])) return true;
        return between.IsEmpty;
    }

    static bool EndsStreet(ReadOnlySpan<char> word)
    {
        foreach (string ending in endings)
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && !(ending == "ring" && word[^5] is 'e' or 'o' or 'u' or 'i' or 'a' or 'p')) return true;
        return false;
    }

    static int NameEnd(string text, int at)
    {
        int end = at;
        for (int words = 0; words < 5; words++)
        {
            int stop = NextWord(text, end, out int start);
            if (stop < 0) break;
            var word = text.AsSpan(start, stop - start);
            if (!char.IsUpper(word[0]) && word is not ("de" or "du" or "des" or "la" or "le" or "les" or "del" or "di" or "della" or "da" or "do" or "dos" or "d" or "l" or "van" or "von")) break;
            end = stop;
        }
        return end;
    }

    static int StreetBefore(string text, int number)
    {
        if (number < 4 || text[number - 1] != ' ') return -1;
        int end = number - 1;
        if (text[end - 1] == ',') end--;
        int start = end;
        while (start > 0 && (char.IsLetter(text[start - 1]) || text[start - 1] is '-' or '\'' or '.' && start == end)) start--;
        if (start == end) return -1;
        var word = text.AsSpan(start, end - start);
        if (EndsStreet(word) && char.IsUpper(word[0]) || word.Equals("str.", StringComparison.OrdinalIgnoreCase))
        {
            // "Am alten Markt-Platz 3": only the word itself is certain; "Velký Ring 3" takes the capitalised word before.
            return start;
        }
        var isLeading = leading.GetAlternateLookup<ReadOnlySpan<char>>();
        int at = start;
        for (int back = 0; back < 4; back++)
        {
            int previousEnd = at - 1;
            if (previousEnd <= 0 || text[previousEnd] != ' ') return -1;
            int previous = previousEnd;
            while (previous > 0 && (char.IsLetter(text[previous - 1]) || text[previous - 1] is '-' or '\'' || text[previous - 1] == '.' && previous == previousEnd)) previous--;
            if (previous == previousEnd) return -1;
            if (isLeading.Contains(text.AsSpan(previous, previousEnd - previous)) && char.IsUpper(text[at])) return previous;
            if (EndsStreet(text.AsSpan(previous, previousEnd - previous))) return -1;
            at = previous;
        }
        return -1;
    }

    // ", Flat 3, 12345 Town, ST 54321": parts that belong to the address, on this line or the next two.
    static int Continue(string text, int at)
    {
        int end = at;
        for (int parts = 0; parts < 6; parts++)
        {
            int p = end;
            int feeds = 0;
            while (p < text.Length && p - end < 6 && text[p] is ' ' or ',' or '\n' or '-')
            {
                if (text[p] == '\n') feeds++;
                p++;
            }
            if (p == end || p >= text.Length || feeds > 1) return end;
            bool separated = text.AsSpan(end, p - end).IndexOfAny(',', '\n') >= 0;
            int next = Unit(text, p);
            if (next < 0) next = Postcode(text, p);
            if (next < 0 && separated && feeds == 0) next = Town(text, p);
            if (next < 0) return end;
            end = next;
        }
        return end;
    }

    static int Unit(string text, int at)
    {
        int end = at;
        while (end < text.Length && (char.IsLetter(text[end]) || text[end] is '.' or '#')) end++;
        if (end == at || !(units.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text.AsSpan(at, end - at)) || text[at] == '#')) return -1;
        int p = end;
        while (p < text.Length && text[p] == ' ') p++;
        int digits = p;
        while (p < text.Length && char.IsLetterOrDigit(text[p]) && p - digits < 6) p++;
        return p > digits && text.AsSpan(digits, p - digits).IndexOfAnyInRange('0', '9') >= 0 ? p : -1;
    }

    // 12345, 12345-6789, 1234 AB, SW1A 1AA, D-12345, "TX 75001"; a town may follow.
    static int Postcode(string text, int at)
    {
        int p = at;
        while (p < text.Length && p - at < 2 && char.IsAsciiLetterUpper(text[p])) p++;
        int letters = p - at;
        if (letters > 0 && p < text.Length && text[p] is ' ' or '-') p++;
        int digits = p;
        while (p < text.Length && char.IsAsciiLetterOrDigit(text[p]) && p - digits < 6) p++;
        var code = text.AsSpan(digits, p - digits);
        bool allDigits = code.Length > 0 && code.IndexOfAnyExceptInRange('0', '9') < 0;
        if (allDigits && code.Length is 4 or 5 or 6)
        {
            if (p + 5 <= text.Length && text[p] == '-' && text.AsSpan(p + 1, 4).IndexOfAnyExceptInRange('0', '9') < 0) p += 5;
            else if (code.Length == 4 && p + 3 <= text.Length && text[p] == ' ' && char.IsAsciiLetterUpper(text[p + 1]) && char.IsAsciiLetterUpper(text[p + 2]) && (p + 3 == text.Length || !char.IsLetter(text[p + 3]))) p += 3;
            int town = p < text.Length && text[p] == ' ' ? Town(text, p + 1) : -1;
            return town > 0 ? town : p;
        }
        // British: one or two letters, one or two digits (and a letter), then digit and two letters.
        if (letters > 0 && digits == at + letters && code.Length is >= 1 and <= 3 && char.IsAsciiDigit(code[0]) && p + 4 <= text.Length && text[p] == ' ' && char.IsAsciiDigit(text[p + 1]) && char.IsAsciiLetterUpper(text[p + 2]) && char.IsAsciiLetterUpper(text[p + 3])) return p + 4;
        return -1;
    }

    static int Town(string text, int at)
    {
        int end = at, words = 0;
        while (words < 3)
        {
            int stop = end;
            while (stop < text.Length && (char.IsLetter(text[stop]) || text[stop] is '-' or '\'' or '’')) stop++;
            if (stop == end || !char.IsUpper(text[end])) break;
            words++;
            at = stop;
            if (stop < text.Length && text[stop] == ' ') end = stop + 1;
            else break;
        }
        return words > 0 ? at : -1;
    }
}
