using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

/// <summary>What is refused before any long work, in one sentence.</summary>
public sealed class BadInputTests : WorkspaceTest
{
    static readonly ModelSpec spec = TrainerTests.Spec;
    static readonly TrainingOptions options = TrainerTests.Options with { Kernels = Kernels.LibTorch };

    string Refused(ModelSpec architecture, TrainingData data, TrainingOptions? training = null)
    {
        using (data)
        {
            string message = Assert.Throws<InvalidInputException>(() => Trainer.Train(architecture, data, training ?? options, workspace: workspace)).Message;
            Assert.Empty(Run.List(workspace));
            Assert.DoesNotContain('\n', message);
            return message;
        }
    }

    [Fact]
    public void Train_HeadsThatDoNotDivideTheWidth_NamesWidthsThatWork() =>
        Assert.Contains("choose a width of 30 or 33", Refused(spec with { HeadCount = 3 }, TrainerTests.Counting()));

    [Fact]
    public void Train_TokenizerLargerThanTheModelsVocabulary_IsRefused()
    {
        var tokenizer = WordLevelTrainer.TrainCharacters(["abcdefghijklmnopqrstuvwxyz"]);
        var counting = TrainerTests.Counting();
        Assert.Contains("the tokenizer", Refused(spec, counting with { Tokenizer = tokenizer }));
        Assert.Contains("vocabulary", Refused(spec with { VocabularySize = 11 }, TrainerTests.Counting()));
    }

    [Fact]
    public void Train_EmptyDocument_IsNamed()
    {
        var data = TokenDataset.FromTokens("two", Enumerable.Range(0, 100).Select(i => i % 12).ToArray(), 12, 100, documentStarts: [0, 40, 40, 70]);
        Assert.Contains("Document 2 of two is empty", Refused(spec, new TrainingData(data, TrainerTests.Counting().Validation)));
    }

    [Theory]
    [InlineData(float.NaN, "loss weight of token 7")]
    [InlineData(-1f, "loss weight of token 7")]
    public void Train_LossWeightInAFileThatIsNoNumber_IsNamed(float weight, string words)
    {
        string folder = Path.Combine(workspace.Folder, "tokens");
        using (var writer = new TokenDatasetWriter(folder, "weighted", 12, "a test"))
        {
            writer.Add([.. Enumerable.Range(0, 100).Select(i => i % 12)], 100, [.. Enumerable.Repeat(1f, 100)]);
            writer.Complete().Dispose();
        }
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "weights.bin"));
        BitConverter.TryWriteBytes(bytes.AsSpan(7 * 4), weight);
        File.WriteAllBytes(Path.Combine(folder, "weights.bin"), bytes);
        Assert.Contains(words, Refused(spec, new TrainingData(TokenDataset.Open(folder), TrainerTests.Counting().Validation)));
    }

    [Fact]
    public void Resume_CheckpointWithNaN_NamesTheTensor()
    {
        using var data = TrainerTests.Counting();
        var run = Trainer.Train(spec, data, options, stopAfter: 3, workspace: workspace);
        string file = Path.Combine(run.LatestCheckpoint!, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(file, bytes);
        Assert.Contains("NaN", Assert.Throws<InvalidInputException>(() => Trainer.Resume(run, data)).Message);
        Assert.Contains("NaN", Assert.Throws<InvalidInputException>(() => run.LoadModel()).Message);
    }

    [Fact]
    public void Train_ModelThatFitsNoMachine_SaysWhatItNeeds()
    {
        string message = Refused(spec with { Width = 65_536, HeadCount = 512, LayerCount = 200 }, TrainerTests.Counting());
        Assert.Contains("does not fit", message);
        Assert.Contains("smaller model", message);
    }

    [Theory]
    [InlineData("Patience", "patience")]
    public void Checked_PatienceWithoutEvaluations_IsRefused(string word, string _) =>
        Assert.Contains(word, Assert.Throws<InvalidInputException>(() => (options with { Patience = 2, EvaluateEvery = 0 }).Checked()).Message);

    [Fact]
    public void Checked_CheckpointingOnCompiledKernels_IsRefused() =>
        Assert.Contains("libtorch", Assert.Throws<InvalidInputException>(() => (options with { ActivationCheckpointing = true, Kernels = Kernels.Compiled }).Checked()).Message);
}
