using System.Globalization;

namespace LlmLab.Data.Company;

/// <summary>
/// Invented personal data with valid checksums. Telephone numbers come from the ranges that regulators keep for fiction (Ofcom's 01632
/// and 07700 900, the North American 555-01, Germany's 030 23125, France's 01 99 00, Sweden's 08-465 004), addresses from coined
/// towns, e-mail from the reserved top-level domain "example"; bank codes and card numbers belong to nobody that we know of.
/// </summary>
static class PersonalData
{
    /// <summary>An e-mail address.</summary>
    public static string Email(ref Draw draw, string first, string last)
    {
        var (a, b) = (Person.Ascii(first), Person.Ascii(last));
        var local = draw.Below(6) switch
        {
            0 => $"{a}.{b}",
            1 => $"{a[0]}{b}{draw.Between(2, 99)}",
            2 => $"{b}_{a}",
            3 => $"{a}{draw.Between(1950, 2009)}",
            4 => $"the.{b}s",
            _ => $"{a}-{b}",
        };
        return $"{local}@{draw.Pick(["postfach", "briefbox", "mailhaus", "inkwell", "pigeon", "lettera"])}{draw.Pick(["", "-" + draw.Between(2, 9), ".co"])}.{draw.Pick(["example", "example.org", "example.net", "example.com"])}";
    }

    /// <summary>A telephone number out of the ranges kept for fiction.</summary>
    public static string Phone(ref Draw draw) => draw.Below(8) switch
    {
        0 => $"01632 {draw.Between(960000, 960999)}",
        1 => $"07700 {draw.Between(900000, 900999)}",
        2 => $"+44 7700 900{draw.Between(0, 999):000}",
        3 => $"({draw.Between(201, 979)}) 555-01{draw.Between(0, 99):00}",
        4 => $"+1 {draw.Between(201, 979)} 555 01{draw.Between(0, 99):00}",
        5 => $"+49 30 23125 {draw.Between(0, 999):000}",
        6 => $"+33 1 99 00 {draw.Between(0, 99):00} {draw.Between(0, 99):00}",
        _ => $"08-465 004 {draw.Between(0, 99):00}",
    };

    /// <summary>A postal address in a coined town.</summary>
    public static string Address(ref Draw draw, NameBook names, long index)
    {
        var street = names.Coined(index, 21);
        var town = names.Coined(index + 1, 22);
        return draw.Below(4) switch
        {
            0 => $"{draw.Between(1, 248)} {street} {draw.Pick(["Street", "Lane", "Road", "Avenue", "Close"])}, {town} {(char)('A' + draw.Below(20))}{(char)('A' + draw.Below(20))}{draw.Between(1, 29)} {draw.Between(1, 9)}{(char)('A' + draw.Below(20))}{(char)('D' + draw.Below(20))}",
            1 => $"{street}straße {draw.Between(1, 180)}, {draw.Between(10115, 99998)} {town}",
            2 => $"{draw.Between(10, 9800)} {street} {draw.Pick(["Drive", "Boulevard", "Court", "Avenue"])}, {town}, {draw.Pick(["OR", "VT", "ME", "IA", "NM"])} {draw.Between(10000, 99800)}",
            _ => $"{draw.Between(1, 90)} rue de {street}, {draw.Between(10000, 95800)} {town}",
        };
    }

    /// <summary>An IBAN of a country with digits only, by ISO 13616: the check digits make the number modulo 97 one (ISO 7064).</summary>
    public static string Iban(ref Draw draw)
    {
        var (country, length) = draw.Pick<(string, int)>([("DE", 18), ("AT", 16), ("ES", 20), ("BE", 12), ("DK", 14), ("PL", 24), ("CH", 17)]);
        var account = draw.Digits(length);
        var iban = $"{country}{98 - Modulo97(account + country + "00"):00}{account}";
        return draw.Chance(0.6) ? string.Join(' ', iban.Chunk(4).Select(four => new string(four))) : iban;
    }

    /// <summary>The remainder by 97 of a number in which letters stand for 10 to 35.</summary>
    public static int Modulo97(string text)
    {
        var remainder = 0;
        foreach (var c in text)
            remainder = char.IsAsciiDigit(c) ? (remainder * 10 + c - '0') % 97 : (remainder * 100 + c - 'A' + 10) % 97;
        return remainder;
    }

    /// <summary>A payment-card number with a valid check digit (ISO/IEC 7812, Luhn).</summary>
    public static string Card(ref Draw draw)
    {
        var american = draw.Chance(0.2);
        var body = (american ? "37" : draw.Pick(["4", "51", "55", "2221"])) + draw.Digits(14);
        body = body[..(american ? 14 : 15)];
        var number = body + (10 - LuhnSum(body + "0") % 10) % 10;
        var separator = draw.Pick([" ", "-", "", " "]);
        return american
            ? string.Join(separator, number[..4], number[4..10], number[10..])
            : string.Join(separator, number.Chunk(4).Select(four => new string(four)));
    }

    /// <summary>The sum of the digits after every second, from the right, was doubled; a multiple of 10 for a valid number (ISO/IEC 7812).</summary>
    public static int LuhnSum(string number)
    {
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var digit = number[number.Length - 1 - i] - '0';
            sum += i % 2 == 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        }
        return sum;
    }

    /// <summary>A password as people choose them.</summary>
    public static string Password(ref Draw draw, NameBook names, long index) => draw.Below(3) switch
    {
        0 => $"{names.Coined(index, 23)}-{draw.Between(10, 99)}!{names.Coined(index + 1, 23)}",
        1 => $"{names.Coined(index, 24)}{draw.Between(1000, 9999)}#",
        _ => $"{names.Coined(index, 25).ToLowerInvariant()}.{names.Coined(index + 1, 25).ToLowerInvariant()}.{draw.Between(100, 999)}",
    };

    /// <summary>A random key as services hand them out.</summary>
    public static string Key(ref Draw draw)
    {
        const string letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        var length = draw.Between(28, 44);
        var key = new char[length];
        for (var i = 0; i < length; i++)
            key[i] = letters[draw.Below(letters.Length)];
        return draw.Pick(["tw_live_", "", "key-", "pat_"]) + new string(key);
    }

    /// <summary>Sixteen digits that fail the check of cards: a part number.</summary>
    public static string PartNumber(ref Draw draw)
    {
        string number;
        do
            number = draw.Digits(16);
        while (LuhnSum(number) % 10 == 0);
        return string.Join('-', number.Chunk(4).Select(four => new string(four)));
    }

    /// <summary>An IPv4 address of a range kept for documentation (RFC 5737).</summary>
    public static string DocumentationAddress(ref Draw draw) => string.Create(CultureInfo.InvariantCulture, $"{draw.Pick(["192.0.2", "198.51.100", "203.0.113"])}.{draw.Between(1, 254)}");
}
