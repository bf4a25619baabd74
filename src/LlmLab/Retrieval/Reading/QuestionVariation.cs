namespace LlmLab.Retrieval.Reading;

/// <summary>
/// Varies the questions of exercises, so that a reader learns what each of their words asks for and not phrasings by heart: words are left
/// out, words are hidden as if they were unknown (word dropout, Iyyer et al. 2015, ACL), two phrasings of a fact are asked at once. After Wei
/// and Zou 2019 (arXiv:1901.11196: easy data augmentation). What a question is about always stays, the words that all phrasings of a fact
/// share, and so do question words: without "when", nothing tells a date from a place.
/// </summary>
sealed class QuestionVariation(ReadingRecipe recipe)
{
    static readonly HashSet<string> questionWords = ["who", "whom", "whose", "what", "which", "when", "where", "why", "how", "much", "many", "long", "old", "far", "often"];

    /// <summary>A question for a fact, and the share of its known words to hide (<see cref="ReadingLayout.Prompt"/>).</summary>
    /// <param name="phrasings">All that ask for the fact.</param>
    /// <param name="random">Decides.</param>
    public (string Question, double Hidden) Draw(IReadOnlyList<string> phrasings, Random random)
    {
        string question = phrasings[random.Next(phrasings.Count)];
        if (random.NextDouble() >= recipe.VariedShare) return (question, 0);
        if (phrasings.Count < 2) return (question, recipe.HiddenShare);
        HashSet<string> kept = [.. Words(phrasings[0]).Select(Bare)];
        foreach (string phrasing in phrasings.Skip(1)) kept.IntersectWith(Words(phrasing).Select(Bare));
        kept.UnionWith(questionWords);
        if (random.NextDouble() < recipe.JoinedShare) question += " " + phrasings[random.Next(phrasings.Count)];
        double leftOut = random.NextDouble() * recipe.LeftOutShare;
        string[] left = [.. Words(question).Where(word => kept.Contains(Bare(word)) || random.NextDouble() >= leftOut)];
        return (left.Length == 0 ? question : string.Join(' ', left), recipe.HiddenShare);
    }

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static string Bare(string word) => word.Trim('.', ',', ':', ';', '?', '!', '–', '(', ')').ToLowerInvariant();
}
