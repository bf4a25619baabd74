using LlmLab.Data.Company;
using LlmLab.Models;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;
using LlmLab.Retrieval.Stores;
using LlmLab.Runs;
using LlmLab.Training;
using LlmLab.Training.Tasks;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Retrieval.Embeddings;

public sealed class EncoderEmbeddingGeneratorTests(TrainedEncoder trained) : IClassFixture<TrainedEncoder>
{
    [Fact]
    public async Task GenerateAsync_ManyTextsOrOne_SameVectors()
    {
        using var generator = EncoderEmbeddingGenerator.Load(trained.Run);
        string[] texts = [.. trained.Texts.Take(90), "", new string('x', 5_000)];
        var all = await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(texts.Length, all.Count);
        foreach (int i in (int[])[0, 17, 89, 90, 91])
        {
            var alone = (await generator.GenerateAsync([texts[i]], cancellationToken: TestContext.Current.CancellationToken))[0].Vector.ToArray();
            Assert.Equal(384, alone.Length);
            Assert.Equal(1, Math.Sqrt(alone.Sum(x => x * x)), 1e-4);
            Assert.All(alone.Zip(all[i].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void Load_SameRunTwice_SameFingerprintAndAnotherForAnotherModel()
    {
        using var first = EncoderEmbeddingGenerator.Load(trained.Run.Folder);
        using var second = EncoderEmbeddingGenerator.Load(trained.Run);
        Assert.Equal(first.Info.Fingerprint, second.Info.Fingerprint);
        Assert.Equal(first.Info, EmbeddingModelInfo.Of(first));
        using var other = new EncoderEmbeddingGenerator(new LanguageModel(trained.Run.Spec, 77), trained.Run.LoadTokenizer(), "other");
        Assert.NotEqual(first.Info.Fingerprint, other.Info.Fingerprint);
    }

    [Fact]
    public async Task GenerateAsync_OtherDimensions_Refused()
    {
        using var generator = EncoderEmbeddingGenerator.Load(trained.Run);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => generator.GenerateAsync(["x"], new EmbeddingGenerationOptions { Dimensions = 100 }, TestContext.Current.CancellationToken));
        Assert.Contains("384", error.Message);
    }

    [Fact]
    public async Task Search_TestQuestionsAfterAFewSteps_FindsPassagesBetterThanChance()
    {
        using var generator = EncoderEmbeddingGenerator.Load(trained.Run);
        using var store = VectorStores.Open("memory:");
        using var index = await PassageIndex.OpenAsync(null, store, generator, unit: EmbeddingUnit.Sentence, cancellationToken: TestContext.Current.CancellationToken);
        var parts = CompanyGenerator.Generate(1, 150_000).Where(part => part.Split == CompanySplit.Test).ToArray();
        await index.UpdateAsync(CompanyRetrieval.Documents("test projects", parts), cancellationToken: TestContext.Current.CancellationToken);
        var questions = CompanyRetrieval.Questions(parts.SelectMany(part => part.Questions), index.Keywords.All()).Take(200).ToArray();
        var scores = await RetrievalEvaluation.ScoreAsync("encoder", index, questions, new SearchOptions { Mode = SearchMode.Vectors });
        Assert.True(scores.ReciprocalRank.Value > 0.4, $"MRR@10 {scores.ReciprocalRank.Value:0.000} among {index.Count} passages");
    }

    [Fact]
    public void Constructor_ModelWithoutEmbeddings_Refused() =>
        Assert.Contains("EmbeddingWidth", Assert.Throws<InvalidInputException>(() => new EncoderEmbeddingGenerator(new LanguageModel(trained.Run.Spec with { EmbeddingWidth = 0, LexicalWidth = 0 }), trained.Run.LoadTokenizer(), "none")).Message);
}

/// <summary>An encoder trained for a few steps on a small company.</summary>
public sealed class TrainedEncoder : IDisposable
{
    readonly Workspace workspace = Workspace.Open(Directory.CreateTempSubdirectory("llmlab-encoder-").FullName);

    public TrainedEncoder()
    {
        Training.TorchThreads.One();
        var recipe = EncoderRecipe.For(Scale.Smoke);
        Run = EncoderTraining.TrainOnCompany(1, 150_000, recipe with
        {
            VocabularySize = 1_500,
            Training = recipe.Training with { Steps = 25, Threads = 1, Precision = Precision.Float32 },
            Pairs = recipe.Pairs with { BatchSize = 32 },
        }, workspace: workspace);
        Texts = [.. CompanyPairs.Of(1, 150_000).Select(e => e.Anchor)];
    }

    public Run Run { get; }
    public IReadOnlyList<string> Texts { get; }

    public void Dispose() => Directory.Delete(workspace.Folder, recursive: true);
}
