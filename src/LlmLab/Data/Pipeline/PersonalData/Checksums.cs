using System.Collections.Frozen;

namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>Check digits of card and account numbers.</summary>
public static class Checksums
{
    /// <summary>The Luhn check of payment cards (ISO/IEC 7812-1): from the right, every second digit doubled, digits summed, divisible by ten.</summary>
    /// <param name="digits">ASCII digits only.</param>
    public static bool IsLuhn(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)] - '0';
            if ((i & 1) == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
            sum += digit;
        }
        return digits.Length > 0 && sum % 10 == 0;
    }

    /// <summary>True for a number whose first digits belong to a card network: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro; and whose length is theirs.</summary>
    public static bool IsCardNumber(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < 13 or > 19 || digits.IndexOfAnyExcept(digits[0]) < 0) return false;
        int two = (digits[0] - '0') * 10 + digits[1] - '0', four = two * 100 + (digits[2] - '0') * 10 + digits[3] - '0';
        bool network = digits.Length switch
        {
            13 => digits[0] == '4',
            14 => two is 30 or 36 or 38 or 39,
            15 => two is 34 or 37 || four is 2131 or 1800,
            16 => digits[0] == '4' || two is >= 51 and <= 55 or 35 or 65 or 62 || four is >= 2221 and <= 2720 or 6011 || four is >= 6440 and <= 6499,
            _ => digits[0] == '4' || two is 62 or 35 or >= 50 and <= 69,
        };
        return network && IsLuhn(digits);
    }

    // Lengths from the SWIFT IBAN registry.
    static readonly FrozenDictionary<string, int> lengths = ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20")
        .Split(' ').ToFrozenDictionary(e => e[..2], e => int.Parse(e.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Length of a country's IBAN, or 0 for letters that name no country with IBANs.</summary>
    public static int IbanLength(ReadOnlySpan<char> country) => lengths.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(country, out int length) ? length : 0;

    /// <summary>The check of international bank account numbers (ISO 13616, ISO/IEC 7064 MOD 97-10): the first four characters moved to the end, letters as 10 to 35, remainder 1.</summary>
    /// <param name="iban">Upper-case letters and digits without spaces.</param>
    public static bool IsIban(ReadOnlySpan<char> iban)
    {
        if (iban.Length < 15 || IbanLength(iban[..2]) != iban.Length) return false;
        int remainder = 0;
        for (int i = 0; i < iban.Length; i++)
        {
            char c = iban[(i + 4) % iban.Length];
            if (char.IsAsciiDigit(c)) remainder = (remainder * 10 + c - '0') % 97;
            else if (char.IsAsciiLetterUpper(c)) remainder = (remainder * 100 + c - 'A' + 10) % 97;
            else return false;
        }
        return remainder == 1;
    }
}
