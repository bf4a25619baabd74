using LlmLab.Retrieval.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Retrieval.Embeddings;

public sealed class WordTableEmbeddingGeneratorTests
{
    public WordTableEmbeddingGeneratorTests() => Training.TorchThreads.One();

    // Two topics, each with synonyms that never meet in one text but share their neighbours.
    static readonly string[] texts =
    [
        .. Enumerable.Range(0, 40).Select(i => $"the {(i % 2 == 0 ? "car" : "automobile")} drives on the road with an engine and {(i % 3 == 0 ? "wheels" : "fuel")}"),
        .. Enumerable.Range(0, 40).Select(i => $"a {(i % 2 == 0 ? "doctor" : "physician")} treats patients in hospital with {(i % 3 == 0 ? "medicine" : "care")} and rest"),
    ];

    static double Cosine(WordTableEmbeddingGenerator generator, string x, string y)
    {
        float[][] found = generator.Embed([x, y]);
        return System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(found[0], found[1]);
    }

    static WordTableEmbeddingGenerator Train(bool latent) => latent ? LatentSemanticAnalysis.Train(texts, 2) : WordVectors.Train(texts, 8);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Train_SynonymsThatNeverMeet_AreNearerThanOtherWords(bool latent)
    {
        using var generator = Train(latent);
        Assert.True(Cosine(generator, "car", "automobile") > Cosine(generator, "car", "physician") + 0.3);
        Assert.True(Cosine(generator, "doctor", "physician") > Cosine(generator, "doctor", "automobile") + 0.3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Save_ThenLoad_SameFingerprintAndVectors(bool latent)
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-words-").FullName;
        using var generator = Train(latent);
        using var again = Train(latent);
        Assert.Equal(generator.Info.Fingerprint, again.Info.Fingerprint);
        generator.Save(folder);
        using var loaded = WordTableEmbeddingGenerator.Load(folder);
        Assert.Equal(generator.Info, loaded.Info);
        Assert.Equal(generator.Embed([texts[3]])[0], loaded.Embed([texts[3]])[0]);
        File.Delete(Path.Combine(folder, "words.json"));
        Assert.Contains("words.json", Assert.Throws<InvalidInputException>(() => WordTableEmbeddingGenerator.Load(folder)).Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Embed_NoKnownWord_Zeros()
    {
        using var generator = Train(latent: true);
        Assert.All(generator.Embed(["zzz !?", ""]), vector => Assert.All(vector, x => Assert.Equal(0, x)));
        Assert.Contains("give more texts", Assert.Throws<InvalidInputException>(() => LatentSemanticAnalysis.Train(["one two", "three"])).Message);
    }

    [Fact]
    public void TruncatedSvd_RandomMatrix_ValuesAndDirectionsOfTheFullDecomposition()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4);
        var dense = randn([40, 25], generator: random) * (rand([40, 25], generator: random) < 0.3).to(ScalarType.Float32);
        var rows = Enumerable.Range(0, 40).Select(i =>
        {
            float[] row = [.. dense[i].data<float>()];
            int[] places = [.. Enumerable.Range(0, 25).Where(j => row[j] != 0)];
            return (places, places.Select(j => row[j]).ToArray());
        }).ToArray();
        var (values, vectors) = new SparseMatrix(rows, 25).TruncatedSvd(6, seed: 2, iterations: 30);
        var (_, expected, directions) = linalg.svd(dense, fullMatrices: false);
        for (int k = 0; k < 6; k++)
        {
            Assert.Equal(expected[k].item<float>(), values[k], 1e-3f);
            float[] found = [.. Enumerable.Range(0, 25).Select(j => vectors[j * 6 + k])];
            Assert.Equal(1, Math.Abs(System.Numerics.Tensors.TensorPrimitives.Dot<float>(found, [.. directions[k].data<float>()])), 1e-3);
        }
    }
}
