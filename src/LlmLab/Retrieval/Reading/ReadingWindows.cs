using LlmLab.Data;
using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>
/// Makes training windows: some passages, then as many questions about them as fit, of which a share has no answer in the passages.
/// One reading serves a dozen answers, so a step teaches ten times what one question a prompt would; the first question of a window
/// sees exactly what a single one sees later.
/// </summary>
sealed class ReadingWindows(ReadingPool pool, ReadingLayout layout, ReadingRecipe recipe, int seed, NameSubstitution? substitution = null)
{
    readonly ReadingExercises exercises = new(pool, seed);
    Func<string, string> renamed = text => text;   // this window's other names

    /// <summary>Windows one after the other, each of exactly <paramref name="length"/> tokens.</summary>
    /// <param name="name">The dataset's name.</param>
    /// <param name="count">Number of windows.</param>
    /// <param name="length">Tokens a window.</param>
    /// <param name="vocabularySize">Tokens in the vocabulary.</param>
    /// <param name="otherWeight">Loss weight of what is not an answer.</param>
    public TokenDataset Write(string name, int count, int length, int vocabularySize, double otherWeight)
    {
        // One token more: the target of the last window's last token.
        int[] tokens = new int[count * length + 1];
        float[] weights = new float[tokens.Length];
        Array.Fill(tokens, layout.Padding);
        for (int window = 0; window < count; window++)
        {
            Operation.Current.Report("reading exercises", window, count, "windows");
            double progress = (double)window / count;
            var part = tokens.AsSpan(window * length, length);
            var weight = weights.AsSpan(window * length, length);
            if (progress < recipe.CopyingShare && window % 4 != 3) FillWithCopies(part, weight, vocabularySize);
            else Fill(part, weight, (float)otherWeight, progress);
        }
        return TokenDataset.FromTokens(name, tokens, vocabularySize, weights: weights);
    }

    // Copying is what reading ends with, and is learned fastest where nothing else can be: pieces of tokens without sense, each read twice.
    void FillWithCopies(Span<int> window, Span<float> weights, int vocabularySize)
    {
        var random = exercises.Random;
        var pieces = Enumerable.Range(0, random.Next(2, 8)).Select(_ => Enumerable.Range(0, random.Next(6, 30)).Select(_ => random.Next(ReservedTokens.All.Count, vocabularySize)).ToArray()).ToList();
        var tokens = layout.Begin(pieces);
        while (tokens.Count < window.Length)
        {
            int[] piece = pieces[random.Next(pieces.Count)];
            int from = random.Next(piece.Length - 4);
            tokens.Add(layout.Padding);
            for (int i = from; i < piece.Length && tokens.Count < window.Length; i++)
            {
                if (i > from) weights[tokens.Count] = 1;
                tokens.Add(piece[i]);
            }
        }
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens)[..window.Length].CopyTo(window);
    }

    void Fill(Span<int> window, Span<float> weights, float otherWeight, double progress)
    {
        var random = exercises.Random;
        if (substitution is not null) renamed = substitution.Draw(random);
        int target = exercises.AnyFact(fact => fact.Answer is not null || fact.Paragraphs.Count == 0);
        int passages = random.Next(recipe.LeastPassages, recipe.MostPassages + 1);
        // Two passages first, then more and more: which one answers is easier to find out while there are few.
        if (recipe.GrowingShare > 0) passages = Math.Max(2, (int)Math.Round(passages * Math.Min(1, 0.25 + 0.75 * progress / recipe.GrowingShare)));
        int sameEntity = random.Next(0, Math.Min(4, passages)), sameKind = random.Next(1, Math.Max(2, passages - sameEntity));
        var chosen = exercises.Select(target, pool.Facts[target].Answer is not null && random.NextDouble() < 0.9, sameEntity, sameKind, Math.Max(0, passages - 1 - sameEntity - sameKind));
        int room = window.Length * recipe.PassageShare / 100;
        while (chosen.Count > 1 && chosen.Sum(p => Tokens(p).Length + 1) > room) chosen.RemoveAt(chosen.Count - 1);

        var tokens = layout.Begin(chosen.Select(Tokens).Select(t => t.Length > room ? t[..room] : t));
        var weight = new List<float>(Enumerable.Repeat(otherWeight, tokens.Count)) { [0] = 0 };
        var (answerable, unanswerable) = (Answerable(chosen), Unanswerable(chosen, target));
        int a = 0, u = 0;
        while (true)
        {
            bool none = unanswerable.Count > 0 && (answerable.Count == 0 || random.NextDouble() < recipe.UnanswerableShare);
            if (!none && answerable.Count == 0) break;
            int fact = none ? unanswerable[u++ % unanswerable.Count] : answerable[a++ % answerable.Count];
            var asked = pool.Facts[fact].Questions;
            int before = tokens.Count;
            layout.Ask(tokens, Tokens(asked[random.Next(asked.Count)].Question));
            int answer = tokens.Count;
            tokens.AddRange(none ? layout.RefusalTokens : Tokens(pool.Facts[fact].Answer!));
            tokens.Add(layout.EndOfTurn);
            if (tokens.Count > window.Length)
            {
                tokens.RemoveRange(before, tokens.Count - before);
                break;
            }
            weight.AddRange(Enumerable.Repeat(otherWeight, answer - before));
            // A refusal is one decision, whatever its spelling; an answer is a decision and a copy.
            weight.AddRange(Enumerable.Range(0, tokens.Count - answer).Select(i => none && i > 0 ? 0.1f : 1));
        }
        tokens.CopyTo(window);
        weight.CopyTo(weights);
    }

    // Each fact that the passages state, in random order.
    List<int> Answerable(List<int> chosen)
    {
        List<int> facts = [.. chosen.SelectMany(p => pool.Paragraphs[p].Facts).Distinct()];
        exercises.Shuffle(facts);
        return facts;
    }

    // Facts about entities that the passages speak of, and of kinds that they state, which no passage states.
    List<int> Unanswerable(List<int> chosen, int target)
    {
        var stated = chosen.SelectMany(p => pool.Paragraphs[p].Facts).Append(target).Distinct().Select(f => pool.Facts[f]).ToArray();
        var near = stated.SelectMany(fact => pool.OfEntity(fact.Entity));
        var far = stated.Select(fact => pool.OfKind(fact.Kind)).Select(kin => kin[exercises.Random.Next(kin.Count)]);
        List<int> facts = [.. near.Concat(far).Distinct().Where(f => !chosen.Any(p => States(p, f)))];
        exercises.Shuffle(facts);
        return facts;
    }

    bool States(int paragraph, int fact) =>
        pool.Paragraphs[paragraph].Facts.Contains(fact) || pool.Facts[fact].Answer is { } answer && pool.Paragraphs[paragraph].Text.Contains(answer, StringComparison.Ordinal);

    int[] Tokens(int paragraph) => Tokens(pool.Paragraphs[paragraph].Text);

    int[] Tokens(string text) => layout.Encode(renamed(text));
}
