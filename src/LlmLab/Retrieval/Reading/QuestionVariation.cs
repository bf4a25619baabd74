using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>
/// Varies the questions of exercises, so that a reader learns what each of their words asks for and not phrasings by heart: two phrasings of
/// a fact are asked at once, words are left out, exchanged or made up (<see cref="WordNoise"/>). What a question is about always stays, the
/// words that all phrasings of a fact share, and so do question words and what "what" and "which" ask for: without "when" or "which day",
/// nothing tells a date from a place.
/// </summary>
/// <param name="recipe">How much.</param>
/// <param name="texts">What words are exchanged for those of.</param>
sealed class QuestionVariation(ReadingRecipe recipe, IEnumerable<string> texts)
{
    static readonly HashSet<string> questionWords = ["who", "whom", "whose", "what", "which", "when", "where", "why", "how", "much", "many", "long", "old", "far", "often"];

    readonly WordNoise noise = new(texts);

    /// <summary>A question for a fact.</summary>
    /// <param name="phrasings">All that ask for it.</param>
    /// <param name="random">Decides.</param>
    public string Draw(IReadOnlyList<string> phrasings, Random random)
    {
        string question = phrasings[random.Next(phrasings.Count)];
        if (phrasings.Count < 2 || random.NextDouble() >= recipe.VariedShare) return question;
        HashSet<string> kept = [.. Words(phrasings[0])];
        foreach (string phrasing in phrasings.Skip(1)) kept.IntersectWith(Words(phrasing));
        kept.UnionWith(questionWords);
        if (random.NextDouble() < recipe.JoinedShare) question += " " + phrasings[random.Next(phrasings.Count)];
        foreach (var (word, next) in Words(question).Zip(Words(question).Skip(1)))
            if (word is "what" or "which") kept.Add(next);
        return noise.Apply(question, recipe.NoiseShare, random, word => kept.Contains(Bare(word)));
    }

    static IEnumerable<string> Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Bare);

    static string Bare(string word) => word.Trim('.', ',', ':', ';', '?', '!', '–', '(', ')').ToLowerInvariant();
}
