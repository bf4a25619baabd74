namespace LlmLab.Retrieval.Reading;

/// <summary>
/// Draws what a search returns for a question: the paragraph that answers (or not), paragraphs about the same entity that say something
/// else, and paragraphs that say the same of other entities. Only what the passages say tells which is which.
/// </summary>
sealed class ReadingExercises(ReadingPool pool, int seed)
{
    readonly Random random = new(seed);

    public Random Random => random;

    /// <summary>A fact, each kind as likely as another.</summary>
    public int AnyFact(Func<ReadingFact, bool> fit)
    {
        while (true)
        {
            var kin = pool.OfKind(pool.Kinds[random.Next(pool.Kinds.Count)]);
            int fact = kin[random.Next(kin.Count)];
            if (fit(pool.Facts[fact])) return fact;
        }
    }

    /// <summary>Paragraphs for a fact.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="withAnswer">Whether a paragraph that states it is among them.</param>
    /// <param name="sameEntity">Paragraphs about its entity that say something else, at most.</param>
    /// <param name="sameKind">Paragraphs that say the same of other entities.</param>
    /// <param name="others">Any paragraphs.</param>
    public List<int> Select(int fact, bool withAnswer, int sameEntity, int sameKind, int others)
    {
        var target = pool.Facts[fact];
        var chosen = new List<int>();
        bool Fits(int paragraph) => !chosen.Contains(paragraph) && !target.Paragraphs.Contains(paragraph) && (target.Answer is null || !pool.Paragraphs[paragraph].Text.Contains(target.Answer, StringComparison.Ordinal));
        if (withAnswer) chosen.Add(target.Paragraphs[random.Next(target.Paragraphs.Count)]);
        Take(pool.OfEntity(target.Entity), sameEntity);
        Take(pool.OfKind(target.Kind), sameKind);
        for (int tries = 0; others > 0 && tries < 100; tries++)
        {
            int paragraph = random.Next(pool.Paragraphs.Count);
            if (!Fits(paragraph)) continue;
            chosen.Add(paragraph);
            others--;
        }
        Shuffle(chosen);
        return chosen;

        void Take(IReadOnlyList<int> facts, int count)
        {
            for (int tries = 0; count > 0 && tries < 40; tries++)
            {
                var other = pool.Facts[facts[random.Next(facts.Count)]];
                if (other.Paragraphs.Count == 0 || other == target) continue;
                int paragraph = other.Paragraphs[random.Next(other.Paragraphs.Count)];
                if (!Fits(paragraph)) continue;
                chosen.Add(paragraph);
                count--;
            }
        }
    }

    void Shuffle(List<int> list)
    {
        for (int i = list.Count - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
    }
}
