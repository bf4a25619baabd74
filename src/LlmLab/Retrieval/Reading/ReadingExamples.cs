using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>Makes what a reader is trained on: a question and passages such as a search returns, and where the answer stands in them.</summary>
sealed class ReadingExamples(ReadingPool pool, IReadOnlyList<SearchedFact> searched, ReadingLayout layout, ReadingRecipe recipe, int seed)
{
    readonly ReadingExercises exercises = new(pool, seed);
    readonly SearchedFact[][] byKind = [.. searched.GroupBy(fact => fact.Asked.Kind).Select(kin => kin.ToArray())];

    /// <summary>Draws examples; no two share their placeholders, few share a fact and its passages.</summary>
    public IReadOnlyList<SpanExample> Draw(int count)
    {
        var examples = new List<SpanExample>();
        while (examples.Count < count)
        {
            Operation.Current.Report("reading exercises", examples.Count, count, "questions");
            var random = exercises.Random;
            bool answered = random.NextDouble() >= recipe.UnanswerableShare;
            if ((byKind.Length > 0 && random.NextDouble() < recipe.SearchedShare ? Searched(answered) : Drawn(answered)) is { } example) examples.Add(example);
        }
        return examples;
    }

    // Passages drawn from all projects. Null where the answer was cut off.
    SpanExample? Drawn(bool answered)
    {
        var random = exercises.Random;
        int number = exercises.AnyFact(fact => !answered || fact.Answer is not null && fact.Paragraphs.Count > 0);
        var fact = pool.Facts[number];
        int passages = random.Next(recipe.LeastPassages, recipe.MostPassages + 1);
        int sameEntity = random.Next(0, Math.Min(4, passages)), sameKind = random.Next(1, Math.Max(2, passages - sameEntity));
        var chosen = exercises.Select(number, answered, sameEntity, sameKind, Math.Max(0, passages - (answered ? 1 : 0) - sameEntity - sameKind));
        return Example(fact.Questions[random.Next(fact.Questions.Count)].Question, answered ? fact.Answer : null, [.. chosen.Select(p => new ReadingPassage(pool.Paragraphs[p].Text, fact.Paragraphs.Contains(p)))]);
    }

    // What a search found, in its order, some of it left out; for a question that is not to be answered, what states its answer too. Null where
    // fact and draw do not fit: half of the draws without an answer keep only facts that no document states, which are fewer, so that
    // questions without an answer come out somewhat rarer than the recipe says, and those about unknown facts less than half of them.
    SpanExample? Searched(bool answered)
    {
        var random = exercises.Random;
        var kin = byKind[random.Next(byKind.Length)];
        bool unknown = !answered && random.Next(2) == 0;
        var fact = kin[random.Next(kin.Length)];
        string? answer = fact.Asked.Answer;
        if (answered && answer is null || unknown && answer is not null) return null;
        const double leftOut = 0.2;
        int passages = random.Next(recipe.LeastPassages, recipe.MostPassages + 1), best = fact.Found.TakeWhile(passage => !passage.Answers).Count();
        List<ReadingPassage> shown = [];
        for (int i = 0; i < fact.Found.Count && shown.Count < passages; i++)
        {
            bool hidden = !answered && answer is not null && fact.Found[i].Text.Contains(answer, StringComparison.Ordinal);
            if (answered && i == best || !hidden && random.NextDouble() >= leftOut) shown.Add(fact.Found[i]);
        }
        if (shown.Count == 0 || answered && !shown.Any(passage => passage.Answers)) return null;
        return Example(fact.Phrasings[random.Next(fact.Phrasings.Count)], answered ? answer : null, shown);
    }

    // Points at the first passage that states the answer. Null where it was cut off.
    SpanExample? Example(string question, string? answer, IReadOnlyList<ReadingPassage> passages)
    {
        double hidden = exercises.Random.Next(2) * recipe.HiddenShare;   // half of the questions keep all their words
        var prompt = layout.Prompt([.. passages.Select(passage => passage.Text)], question, recipe.Spec.ContextLength, exercises.Random, hidden);
        if (answer is null) return new SpanExample(prompt.Tokens, 0, 0);
        string wanted = Placeholders.Spaced(answer)[1..];
        for (int passage = 0; passage < prompt.Passages.Count; passage++)
        {
            if (!passages[passage].Answers) continue;
            var (text, _, places) = prompt.Passages[passage];
            int at = text.IndexOf(wanted, StringComparison.Ordinal);
            int first = Array.FindIndex(places, place => place.Start <= at && at < place.End), last = Array.FindLastIndex(places, place => place.Start < at + wanted.Length && at + wanted.Length <= place.End);
            if (at >= 0 && first >= 0 && last >= first) return new SpanExample(prompt.Tokens, prompt.Starts[passage] + first, prompt.Starts[passage] + last);
        }
        return null;
    }
}
