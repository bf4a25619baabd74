using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>Makes what a reader is trained on: a question and passages such as a search returns, and where the answer stands in them.</summary>
sealed class ReadingExamples(ReadingPool pool, ReadingLayout layout, ReadingRecipe recipe, int seed)
{
    readonly ReadingExercises exercises = new(pool, seed);

    /// <summary>Draws examples; no two share their placeholders, few share a fact and its passages.</summary>
    public IReadOnlyList<SpanExample> Draw(int count)
    {
        var examples = new List<SpanExample>();
        while (examples.Count < count)
        {
            Operation.Current.Report("reading exercises", examples.Count, count, "questions");
            if (Example() is { } example) examples.Add(example);
        }
        return examples;
    }

    // Null where the answer was cut off.
    SpanExample? Example()
    {
        var random = exercises.Random;
        bool answered = random.NextDouble() >= recipe.UnanswerableShare;
        int number = exercises.AnyFact(fact => !answered || fact.Answer is not null && fact.Paragraphs.Count > 0);
        var fact = pool.Facts[number];
        int passages = random.Next(recipe.LeastPassages, recipe.MostPassages + 1);
        int sameEntity = random.Next(0, Math.Min(4, passages)), sameKind = random.Next(1, Math.Max(2, passages - sameEntity));
        var chosen = exercises.Select(number, answered, sameEntity, sameKind, Math.Max(0, passages - (answered ? 1 : 0) - sameEntity - sameKind));
        string question = fact.Questions[random.Next(fact.Questions.Count)].Question;
        var prompt = layout.Prompt([.. chosen.Select(p => pool.Paragraphs[p].Text)], question, recipe.Spec.ContextLength, random);
        if (!answered) return new SpanExample(prompt.Tokens, 0, 0);

        string answer = Placeholders.Spaced(fact.Answer!)[1..];
        for (int passage = 0; passage < prompt.Passages.Count; passage++)
        {
            if (!fact.Paragraphs.Contains(chosen[passage])) continue;
            var (text, _, places) = prompt.Passages[passage];
            int at = text.IndexOf(answer, StringComparison.Ordinal);
            int first = Array.FindIndex(places, place => place.Start <= at && at < place.End), last = Array.FindLastIndex(places, place => place.Start < at + answer.Length && at + answer.Length <= place.End);
            if (at >= 0 && first >= 0 && last >= first) return new SpanExample(prompt.Tokens, prompt.Starts[passage] + first, prompt.Starts[passage] + last);
        }
        return null;
    }
}
