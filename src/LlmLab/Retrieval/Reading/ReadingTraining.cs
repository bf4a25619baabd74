using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Reading;

/// <summary>Trains a reader: a small model that has learned no facts but to find in passages what a question asks for.</summary>
public static class ReadingTraining
{
    // Projects whose text is enough to learn the vocabulary from.
    const int VocabularyProjects = 200;

    // Passages that a search finds for an exercise, of which some are left out.
    const int FoundPassages = 12;

    /// <summary>Makes the vocabulary and the exercises of a recipe from the training split of its company.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="embeddings">The embedding model of the search that finds passages for some of the exercises; null: it searches by words alone.</param>
    public static (ByteLevelBpeTokenizer Tokenizer, IReadOnlyList<SpanExample> Examples) Prepare(ReadingRecipe recipe, LocalEmbeddingGenerator? embeddings = null)
    {
        var parts = Parts(recipe);
        var tokenizer = BpeTrainer.Train(CommonWords(recipe, [.. parts.Take(VocabularyProjects)]), new BpeTrainingOptions
        {
            VocabularySize = recipe.VocabularySize,
            SpecialTokens = Placeholders.Tokens(recipe.Placeholders),
            MinimumFrequency = 1,
        });
        var searched = recipe.SearchedShare > 0 ? new SearchedFacts(embeddings).FindAsync([.. parts.Take(recipe.SearchedProjects)], question => !question.HeldOut, FoundPassages, 1).GetAwaiter().GetResult() : [];
        var examples = new ReadingExamples(new ReadingPool(parts, question => !question.HeldOut), searched, new ReadingLayout(tokenizer), recipe, 1);
        return (tokenizer, examples.Draw(recipe.Questions));
    }

    // Questions that the threshold of refusal is set on, and projects of the company among which those for validation are asked about.
    const int CalibrationQuestions = 3_000, CalibrationProjects = 100;

    /// <summary>Prepares, trains, and sets the threshold of refusal on validation projects' questions.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="embeddings">The embedding model of the search that finds passages; null: it searches by words alone.</param>
    /// <param name="workspace">Where the run is made; null: the current workspace.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <returns>A run that <see cref="Reader.Load"/> reads.</returns>
    public static Run Train(ReadingRecipe recipe, LocalEmbeddingGenerator? embeddings = null, Workspace? workspace = null, string name = "reader")
    {
        var (tokenizer, examples) = Prepare(recipe, embeddings);
        var run = TaskTrainer.Train(recipe.Spec with { VocabularySize = tokenizer.VocabularySize }, tokenizer, [new(new SpanExtractionTask(examples, recipe.Options.BatchSize))], recipe.Options, name, workspace: workspace);
        Calibrate(run, embeddings, recipe.CompanySeed);
        return run;
    }

    /// <summary>Sets a reader's threshold of refusal on questions about the validation split, in phrasings that no exercise used (as people will ask), with the passages that a search finds, and keeps it with the run.</summary>
    /// <param name="run">The reader's run.</param>
    /// <param name="embeddings">The search's embedding model; null: it searches by words alone.</param>
    /// <param name="companySeed">The company's seed.</param>
    public static RefusalThreshold Calibrate(Run run, LocalEmbeddingGenerator? embeddings = null, ulong companySeed = 1)
    {
        var questions = ReadingQuestions.SearchAsync(Generate(companySeed, CalibrationProjects), CompanySplit.Validation, CalibrationQuestions, embeddings, heldOut: true).GetAwaiter().GetResult();
        using var reader = Reader.Load(run, refusalThreshold: 0);
        var threshold = RefusalCalibration.Calibrate(ReadingEvaluation.Run(reader, questions));
        new ReaderSettings(threshold.Threshold).Save(run);
        return threshold;
    }

    /// <summary>The projects that a recipe trains on.</summary>
    public static IReadOnlyList<CompanyPart> Parts(ReadingRecipe recipe)
    {
        var parts = Generate(recipe.CompanySeed, recipe.Projects).Where(part => part.Split == CompanySplit.Train).ToArray();
        return parts.Length >= 2 ? parts : throw new InvalidInputException($"{recipe.Projects} projects have {parts.Length} in the training split: a reader needs at least 2.");
    }

    // Each word that enough projects use, as often as it is used; the rest of their texts would only be learned in pieces.
    static IEnumerable<string> CommonWords(ReadingRecipe recipe, IReadOnlyList<CompanyPart> parts)
    {
        var counts = new Dictionary<string, (int Projects, int Times)>(StringComparer.Ordinal);
        foreach (var part in parts)
            foreach (var word in Texts([part]).SelectMany(Placeholders.Words).CountBy(word => word))
            {
                var (projects, times) = counts.GetValueOrDefault(word.Key);
                counts[word.Key] = (projects + 1, times + word.Value);
            }
        double least = Math.Max(2, recipe.CommonShare * parts.Count);
        return counts.Where(count => count.Value.Projects >= least).OrderBy(count => count.Key, StringComparer.Ordinal)
            .SelectMany(count => Enumerable.Repeat(count.Key, count.Value.Times));
    }

    static CompanyPart[] Generate(ulong seed, int projects) =>
        [.. Enumerable.Range(0, projects).AsParallel().AsOrdered().Select(number => CompanyGenerator.GeneratePart(seed, number))];

    static IEnumerable<string> Texts(IEnumerable<CompanyPart> parts) => parts.SelectMany(part =>
        part.Documents.Select(document => document.Text).Concat(part.Questions.Where(question => !question.HeldOut).Select(question => question.Question)));
}
