namespace LlmLab.Data.Company;

/// <summary>Counts the content words that a question and a passage have in common.</summary>
static class ContentWords
{
    static readonly HashSet<string> functionWords = new(
        ("a about above according after all am an and any are as at be been before behind below between both but by can could did do does done down for from had has have he her here him his how i if in into is it its " +
        "itself just may me more most much must my no nor not of off on once one only onto or other our out over own please shall she should so some such than that the their them then there these they this those through to too under until up upon " +
        "us very was we were what when where which while who whom whose why will with within without would you your many long far").Split(' '), StringComparer.Ordinal);

    /// <summary>How many distinct content words of the question stand in the sentence, the subject's and answer's words apart.</summary>
    public static int Shared(string question, string sentence, string subject, string answer)
    {
        var apart = Stems(subject);
        apart.UnionWith(Stems(answer));
        var words = Stems(question);
        words.ExceptWith(apart);
        words.IntersectWith(Stems(sentence));
        return words.Count;
    }

    // Six letters are enough to see "approve" in "approved": a rough stem that errs towards finding words shared.
    static HashSet<string> Stems(string text)
    {
        var stems = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
                continue;
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
                i++;
            var word = text[start..i].ToLowerInvariant();
            if (!functionWords.Contains(word))
                stems.Add(word.Length <= 5 ? word.TrimEnd('s') : word[..Math.Min(word.Length, 6)].TrimEnd('s', 'e', 'd'));
        }
        return stems;
    }
}
