namespace LlmLab.Training.Tasks;

/// <summary>
/// Disturbs a text's ordinary words, so that what learns from it relies on no single one: a word is left out, becomes another word, or a
/// word that does not exist (the letters of another, shuffled). Names and numbers stay: words that begin with anything but a small letter.
/// After Wei and Zou 2019 (EDA) and Gao et al. 2021 (SimCSE); invented words stand for those that were never trained on.
/// </summary>
sealed class WordNoise
{
    readonly string[] words;

    /// <summary>Noise from the words of some texts.</summary>
    public WordNoise(IEnumerable<string> texts) =>
        words = [.. texts.SelectMany(t => t.Split(' ')).Select(w => w.Trim('.', ',', '?', ':', ';', '!', '"', '\'', '(', ')')).Where(IsOrdinary).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Disturbs up to a share of the words; how many differs from call to call, down to none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The largest share.</param>
    /// <param name="random">Decides.</param>
    /// <param name="keeps">Which words stay as they are, beside names and numbers; null: none.</param>
    public string Apply(string text, double most, Random random, Predicate<string>? keeps = null)
    {
        double share = most * random.NextDouble();
        string[] parts = text.Split(' ');
        var kept = new List<string>(parts.Length);
        foreach (string part in parts)
        {
            if (!IsOrdinary(part) || keeps?.Invoke(part) == true || random.NextDouble() >= share) kept.Add(part);
            else if (random.Next(3) is var how and > 0 && words.Length > 0) kept.Add(how == 1 ? Another(random) : Invented(random));
        }
        return kept.Count == 0 ? text : string.Join(' ', kept);
    }

    static bool IsOrdinary(string word) => word.Length > 0 && char.IsLower(word[0]);

    string Another(Random random) => words[random.Next(words.Length)];

    string Invented(Random random)
    {
        char[] letters = Another(random).ToCharArray();
        random.Shuffle(letters);
        return new string(letters);
    }
}
