using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;

namespace LlmLab.Retrieval.Reading;

/// <summary>Trains a reader: a small model that has learned no facts but to find in passages what a question asks for, and to copy it.</summary>
public static class ReadingTraining
{
    // Projects whose text is enough to learn the vocabulary from.
    const int VocabularyProjects = 60;

    /// <summary>Makes the exercises of a recipe from the training split of its company.</summary>
    /// <returns>Training and validation windows (the latter of other projects of the training split) and the tokenizer.</returns>
    public static TrainingData Prepare(ReadingRecipe recipe)
    {
        var parts = Parts(recipe);
        int held = Math.Max(1, parts.Count / 20);
        var tokenizer = BpeTrainer.Train(Texts(parts.Skip(held).Take(VocabularyProjects)), new BpeTrainingOptions { VocabularySize = recipe.VocabularySize, Pattern = TwoDigits });
        var layout = new ReadingLayout(tokenizer);
        int length = recipe.Options.SequenceLength ?? recipe.Spec.ContextLength;
        var training = new ReadingWindows(new ReadingPool(parts.Skip(held), question => !question.HeldOut), layout, recipe, 1,
            recipe.Renamed ? new NameSubstitution(Texts(parts.Skip(held))) : null);
        var validation = new ReadingWindows(new ReadingPool(parts.Take(held), question => !question.HeldOut), layout, recipe, 2);
        return new TrainingData(
            training.Write("company-reading", recipe.Windows, length, tokenizer.VocabularySize, recipe.OtherWeight),
            validation.Write("company-reading-validation", Math.Clamp(recipe.Windows / 50, 8, 64), length, tokenizer.VocabularySize, recipe.OtherWeight), tokenizer);
    }

    /// <summary>Prepares and trains.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="workspace">Where the run is made; null: the current workspace.</param>
    /// <param name="name">What the run's folder is named after.</param>
    public static Run Train(ReadingRecipe recipe, Workspace? workspace = null, string name = "reader")
    {
        using var data = Prepare(recipe);
        return Trainer.Train(recipe.Spec with { VocabularySize = data.VocabularySize }, data, recipe.Options, name, workspace: workspace);
    }

    /// <summary>The projects that a recipe trains on.</summary>
    public static IReadOnlyList<CompanyPart> Parts(ReadingRecipe recipe)
    {
        var parts = Enumerable.Range(0, recipe.Projects).AsParallel().AsOrdered()
            .Select(number => CompanyGenerator.GeneratePart(recipe.CompanySeed, number)).Where(part => part.Split == CompanySplit.Train).ToArray();
        return parts.Length >= 2 ? parts : throw new InvalidInputException($"{recipe.Projects} projects have {parts.Length} in the training split: a reader needs at least 2.");
    }

    // Numbers in groups of two digits: few enough tokens that each is met often, and few enough a number that the place in it is not lost.
    const string TwoDigits = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    static IEnumerable<string> Texts(IEnumerable<CompanyPart> parts) => parts.SelectMany(part =>
        part.Documents.Select(document => document.Text).Concat(part.Questions.Where(question => !question.HeldOut).Select(question => question.Question)));
}
