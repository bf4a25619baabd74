using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>Makes what a reader is trained on: a question and passages such as a search returns, and where the answer stands in them.</summary>
sealed class ReadingExamples(ReadingPool pool, IReadOnlyList<SearchedFact> searched, ReadingLayout layout, ReadingRecipe recipe, int seed)
{
    readonly ReadingExercises exercises = new(pool, seed);
    readonly QuestionVariation variation = new(recipe, pool.Paragraphs.Select(paragraph => paragraph.Text));

    // Searched facts by kind: those that something found answers, those that have an answer, those that no document states.
    readonly SearchedFact[][] answering = ByKind(searched.Where(fact => fact.Found.Any(passage => passage.Answers)));
    readonly SearchedFact[][] known = ByKind(searched.Where(fact => fact.Asked.Answer is not null));
    readonly SearchedFact[][] unknown = ByKind(searched.Where(fact => fact.Asked.Answer is null));

    /// <summary>Draws examples; no two share their placeholders, few share a fact and its passages.</summary>
    public IReadOnlyList<SpanExample> Draw(int count)
    {
        var examples = new List<SpanExample>();
        while (examples.Count < count)
        {
            Operation.Current.Report("reading exercises", examples.Count, count, "questions");
            var random = exercises.Random;
            bool answered = random.NextDouble() >= recipe.UnanswerableShare;
            bool found = answering.Length > 0 && random.NextDouble() < recipe.SearchedShare;
            SpanExample? example;
            do example = found ? Searched(answered) : Drawn(answered); while (example is null);
            examples.Add(example);
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
        return Example([.. fact.Questions.Select(question => question.Question)], answered ? fact.Answer : null, [.. chosen.Select(p => new ReadingPassage(pool.Paragraphs[p].Text, fact.Paragraphs.Contains(p)))]);
    }

    // What a search found, in its order, some of it left out; for a question that is not to be answered, what states its answer too. Half of
    // those ask for a fact that no document states. Null where the answer was cut off.
    SpanExample? Searched(bool answered)
    {
        var random = exercises.Random;
        var fact = answered ? Any(answering) : unknown.Length == 0 || random.Next(2) == 0 ? Any(known) : Any(unknown);
        string? answer = fact.Asked.Answer;
        const double leftOut = 0.2;
        int passages = random.Next(recipe.LeastPassages, recipe.MostPassages + 1), best = fact.Found.TakeWhile(passage => !passage.Answers).Count();
        List<ReadingPassage> shown = [];
        for (int i = 0; i < fact.Found.Count && shown.Count < passages; i++)
        {
            bool hidden = !answered && answer is not null && fact.Found[i].Text.Contains(answer, StringComparison.Ordinal);
            if (answered && i == best || !hidden && random.NextDouble() >= leftOut) shown.Add(fact.Found[i]);
        }
        return shown.Count == 0 || answered && !shown.Any(passage => passage.Answers) ? null : Example(fact.Phrasings, answered ? answer : null, shown);
    }

    // Each kind as likely as another.
    SearchedFact Any(SearchedFact[][] kinds)
    {
        var kin = kinds[exercises.Random.Next(kinds.Length)];
        return kin[exercises.Random.Next(kin.Length)];
    }

    // Points at the answer in all passages that state it. Null where it was cut off.
    SpanExample? Example(IReadOnlyList<string> phrasings, string? answer, IReadOnlyList<ReadingPassage> passages)
    {
        var prompt = layout.Prompt([.. passages.Select(passage => passage.Text)], variation.Draw(phrasings, exercises.Random), recipe.Spec.ContextLength, exercises.Random);
        if (answer is null) return new SpanExample(prompt.Tokens, 0, 0);
        string wanted = Placeholders.Spaced(answer)[1..];
        var stands = new List<(int Start, int End)>();
        for (int passage = 0; passage < prompt.Passages.Count; passage++)
        {
            if (!passages[passage].Answers) continue;
            var (text, _, places) = prompt.Passages[passage];
            int at = text.IndexOf(wanted, StringComparison.Ordinal);
            int first = Array.FindIndex(places, place => place.Start <= at && at < place.End), last = Array.FindLastIndex(places, place => place.Start < at + wanted.Length && at + wanted.Length <= place.End);
            if (at >= 0 && first >= 0 && last >= first) stands.Add((prompt.Starts[passage] + first, prompt.Starts[passage] + last));
        }
        return stands.Count == 0 ? null : new SpanExample(prompt.Tokens, stands[0].Start, stands[0].End) { More = stands[1..] };
    }

    static SearchedFact[][] ByKind(IEnumerable<SearchedFact> facts) => [.. facts.GroupBy(fact => fact.Asked.Kind).Select(kin => kin.ToArray())];
}
