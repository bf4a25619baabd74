using System.Text.RegularExpressions;

namespace LlmLab.Retrieval.Reading;

/// <summary>
/// Gives the names and numbers of a reading exercise other names and numbers, the same in its passages, questions and answers. A fact that
/// is met twice is then two facts: nothing is left to remember, and a model can only get better by reading.
/// </summary>
sealed partial class NameSubstitution
{
    static readonly string[] calendar =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
         "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    readonly HashSet<string> names;
    readonly string[] starts, ends;

    /// <param name="texts">What to learn from which words are names: those that are never written small.</param>
    public NameSubstitution(IEnumerable<string> texts)
    {
        var (capital, small) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (string text in texts)
            foreach (var match in Word().EnumerateMatches(text))
            {
                string word = text.Substring(match.Index, match.Length);
                if (!char.IsUpper(word[0])) small.Add(word);
                else if (word.Length > 2 && char.IsLower(word[1])) capital.Add(word);
            }
        names = [.. capital.Where(word => !small.Contains(word.ToLowerInvariant()) && !calendar.Contains(word))];
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        starts = [.. sorted.Select(name => name[..(name.Length / 2)]).Distinct()];
        ends = [.. sorted.Select(name => name[(name.Length / 2)..]).Distinct()];
    }

    /// <summary>One exercise's other names: a function that exchanges them in a text, the same for all texts.</summary>
    public Func<string, string> Draw(Random random)
    {
        var (given, taken) = (new Dictionary<string, string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        return text => NameOrNumber().Replace(text, match =>
        {
            string old = match.Value;
            if (char.IsLetter(old[0]) && !names.Contains(old)) return old;
            if (given.TryGetValue(old, out string? other)) return other;
            do other = char.IsDigit(old[0]) ? Number(old, random) : starts[random.Next(starts.Length)] + ends[random.Next(ends.Length)];
            while (!taken.Add(other) && old.Length > 1);
            return given[old] = other;
        });
    }

    // As many digits; what may be a year stays near one.
    static string Number(string old, Random random)
    {
        if (old.Length == 4 && old.StartsWith("20", StringComparison.Ordinal)) return "20" + random.Next(10, 40);
        return string.Concat(old.Select((digit, i) => (char)('0' + (i == 0 && digit != '0' ? random.Next(1, 10) : random.Next(10)))));
    }

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\p{Lu}\p{Ll}\p{L}+|\p{Nd}+")]
    private static partial Regex NameOrNumber();
}
