using LlmLab.Data.Company;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>How an embedding model is made: tokenizer, architecture, drawing of pairs, training.</summary>
public sealed record EncoderRecipe
{
    /// <summary>Tokens of the byte-level BPE vocabulary.</summary>
    public int VocabularySize { get; init; } = 4_096;

    /// <summary>The architecture; its vocabulary is the tokenizer's.</summary>
    public ModelSpec Spec { get; init; } = new()
    {
        Family = ModelFamily.Encoder,
        VocabularySize = 1,
        ContextLength = 128,
        LayerCount = 2,
        Width = 128,
        HeadCount = 4,
        Positions = PositionKind.Rotary,
        NormGain = false,
        NormAfterEmbedding = true,
        Activation = Activation.ReluSquared,
        ZeroInitialisedProjections = true,
        WeightDeviation = null,
        EmbeddingDeviation = 0.8,
        EmbeddingWidth = 384,
        LexicalWidth = 192,
        WeightedPooling = true,
    };

    /// <summary>How pairs are drawn and scored.</summary>
    public ContrastiveOptions Pairs { get; init; } = new() { BatchSize = 96, NegativesEach = 1 };

    /// <summary>Steps, rates and schedule.</summary>
    public TrainingOptions Training { get; init; } = new()
    {
        Steps = 450,
        LearningRate = 3e-3,
        EmbeddingLearningRate = 1e-2,
        WarmupSteps = 20,
        Schedule = ScheduleKind.Linear,
        FinalShare = 0,
        WeightDecay = 0.01,
        LogEvery = 20,
        SaveEvery = 0,
        EvaluateEvery = 0,
    };

    /// <summary>The guide's recipe at a scale: seconds at smoke, one to two minutes on a laptop's four cores.</summary>
    public static EncoderRecipe For(Scale scale) => scale switch
    {
        Scale.Smoke => new EncoderRecipe { VocabularySize = 2_048, Training = new EncoderRecipe().Training with { Steps = 30 }, Pairs = new ContrastiveOptions { BatchSize = 64, NegativesEach = 1 } },
        _ => new EncoderRecipe(),
    };
}

/// <summary>Trains embedding models on pairs of texts by contrast.</summary>
public static class EncoderTraining
{
    /// <summary>Trains a tokenizer on the pairs' texts and an encoder on the pairs.</summary>
    /// <param name="examples">The pairs.</param>
    /// <param name="recipe">How; null: the current scale's.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="tokenizer">A tokenizer to use instead of a new one.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    /// <returns>A run that <see cref="EncoderEmbeddingGenerator.Load(Run)"/> reads.</returns>
    public static Run Train(IReadOnlyList<ContrastiveExample> examples, EncoderRecipe? recipe = null, string name = "embeddings", VocabularyTokenizer? tokenizer = null, Workspace? workspace = null)
    {
        recipe ??= EncoderRecipe.For(Scales.Current);
        var passages = examples.SelectMany(e => e.Positives).Distinct(StringComparer.Ordinal).ToArray();
        tokenizer ??= BpeTrainer.Train(passages.Concat(examples.Select(e => e.Anchor)), new BpeTrainingOptions { VocabularySize = recipe.VocabularySize });
        var spec = recipe.Spec with { VocabularySize = tokenizer.VocabularySize };
        var task = new ContrastiveTask(examples, tokenizer, recipe.Pairs with { MostTokens = Math.Min(recipe.Pairs.MostTokens, spec.ContextLength) });
        return TaskTrainer.Train(spec, tokenizer, [new(task)], recipe.Training with { BatchSize = recipe.Pairs.BatchSize }, name, model => WeighWords(model, tokenizer, passages), workspace: workspace);
    }

    /// <summary>The same on the example company's questions and passages, those of the training part alone.</summary>
    /// <param name="seed">The company's seed.</param>
    /// <param name="bytes">The company's size.</param>
    /// <param name="recipe">How; null: the current scale's.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    public static Run TrainOnCompany(ulong seed, long bytes, EncoderRecipe? recipe = null, string name = "embeddings", Workspace? workspace = null) =>
        Train(CompanyPairs.Of(seed, bytes), recipe, name, workspace: workspace);

    // The lexical part starts as TF-IDF in random directions (random indexing, Kanerva et al. 2000): a search engine before the first step.
    static void WeighWords(LanguageModel model, VocabularyTokenizer tokenizer, IReadOnlyList<string> passages)
    {
        if (model.Spec.LexicalWidth == 0) return;
        float[] holding = new float[model.Spec.VocabularySize];
        foreach (string passage in passages)
            foreach (int token in tokenizer.Encode(passage).Distinct()) holding[token]++;
        using var none = no_grad();
        using var scope = NewDisposeScope();
        float[] weights = [.. holding.Select(count => MathF.Log((passages.Count + 1) / (count + 1)))];
        model.get_parameter("lexical")!.mul_(tensor(weights).unsqueeze(1));
    }
}
