using System.Security.Cryptography;
using System.Text;

namespace LlmLab.Notebooks.Documents;

/// <summary>Identifiers for cells that have none: eight hexadecimal digits of a hash, so that the same file always gets the same.</summary>
sealed class CellIdentifiers
{
    const int LongestIdentifier = 64;
    readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>The given identifier if it is valid and not taken yet, else one made of the cell's position and text.</summary>
    public string Take(string? given, int position, string source)
    {
        if (given is not null && IsValid(given) && taken.Add(given)) return given;
        for (int attempt = 0; ; attempt++)
        {
            string made = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt}\n{position}\n{source}")))[..8];
            if (taken.Add(made)) return made;
        }
    }

    static bool IsValid(string identifier) =>
        identifier.Length is > 0 and <= LongestIdentifier && identifier.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
