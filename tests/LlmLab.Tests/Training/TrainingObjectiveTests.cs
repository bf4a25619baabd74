using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class TrainingObjectiveTests : WorkspaceTest
{
    static readonly int first = ReservedTokens.All.Count, size = first + 12;
    const int Length = 16;

    static readonly ModelSpec encoder = new()
    {
        Family = ModelFamily.Encoder,
        VocabularySize = size,
        ContextLength = Length,
        LayerCount = 2,
        Width = 32,
        HeadCount = 2,
        HeadTransform = true,
        Positions = PositionKind.Rotary,
    };
    static readonly ModelSpec encoderDecoder = new() { Family = ModelFamily.EncoderDecoder, VocabularySize = size, ContextLength = Length, LayerCount = 2, Width = 32, HeadCount = 2, Positions = PositionKind.RelativeBias, Norm = NormKind.RmsNorm };
    static readonly ModelSpec permuting = new() { VocabularySize = size, ContextLength = Length, LayerCount = 2, Width = 32, HeadCount = 2, TargetPositions = true };

    static readonly ModelSpec placed = encoderDecoder with { Positions = PositionKind.Rotary, TargetPositions = true, HeadTransform = true };

    static ModelSpec SpecOf(ObjectiveKind kind) => kind switch { ObjectiveKind.Masked => encoder, ObjectiveKind.Denoising => encoderDecoder, _ => permuting };

    // Counting modulo 12 with a skip now and then, above the reserved tokens.
    static TrainingData Counting()
    {
        var random = new Random(1);
        int[] tokens = new int[8_000];
        for (int i = 1; i < tokens.Length; i++) tokens[i] = (tokens[i - 1] + (random.Next(10) == 0 ? 2 : 1)) % 12;
        var (training, validation) = TokenDataset.FromTokens("counting", tokens.Select(t => t + first).ToArray(), size).Split();
        return new TrainingData(training, validation);
    }

    static (Batch Windows, Batch Batch) Prepared(ObjectiveKind kind)
    {
        var objective = TrainingObjective.Create(kind, SpecOf(kind), Length, 3);
        var (windows, batch) = (new Batch(200, Length), objective.NewBatch(200));
        new BatchSampler(Counting().Training, 200, Length, 5).Next(windows);
        objective.Prepare(windows, batch, 7);
        return (windows, batch);
    }

    [Fact]
    public void Prepare_Masked_HidesFifteenPerCentEightyOfThemByTheMask()
    {
        var (windows, batch) = Prepared(ObjectiveKind.Masked);
        int mask = ReservedTokens.All.ToList().IndexOf(ReservedTokens.Mask);
        int[] hidden = [.. Enumerable.Range(0, batch.Targets.Length).Where(i => batch.Targets[i] >= 0)];
        Assert.Equal(0.15 * batch.Targets.Length, hidden.Length, 80.0);   // 480 ± 20
        Assert.Equal(0.8, hidden.Count(i => batch.Tokens[i] == mask) / (double)hidden.Length, 0.07);
        Assert.Equal(0.1 + 0.1 / 12, hidden.Count(i => batch.Tokens[i] == windows.Tokens[i]) / (double)hidden.Length, 0.06);
        Assert.All(hidden, i => Assert.Equal(windows.Tokens[i], batch.Targets[i]));
        Assert.All(Enumerable.Range(0, batch.Targets.Length).Except(hidden), i => Assert.Equal(windows.Tokens[i], batch.Tokens[i]));
        Assert.Equal(hidden.Length, batch.Divisor);
    }

    [Fact]
    public void Prepare_Denoising_SourceAndTargetMakeTheTextAgain()
    {
        var (windows, batch) = Prepared(ObjectiveKind.Denoising);
        int sentinel = ReservedTokens.All.ToList().IndexOf(ReservedTokens.Spares[0]);
        for (int row = 0; row < 200; row++)
        {
            var spans = new Dictionary<long, List<long>>();
            long current = -1;
            foreach (long token in batch.Targets.Skip(row * batch.Length).Take(batch.Length))
            {
                if (token >= sentinel && token < first) spans[current = token] = [];
                else spans[current].Add(token);
            }
            var text = batch.Source!.Skip(row * batch.SourceLength).Take(batch.SourceLength).SelectMany(t => t < first ? spans[t] : [t]);
            Assert.Equal(windows.Tokens.Skip(row * Length).Take(Length), text);
        }
    }

    [Theory]
    [InlineData(ObjectiveKind.Masked)]
    [InlineData(ObjectiveKind.Denoising)]
    public void Create_LargerHiddenShare_HidesAsMuch(ObjectiveKind kind)
    {
        var objective = TrainingObjective.Create(kind, SpecOf(kind), Length, 3, hidden: 0.5);
        var (windows, batch) = (new Batch(200, Length), objective.NewBatch(200));
        new BatchSampler(Counting().Training, 200, Length, 5).Next(windows);
        objective.Prepare(windows, batch, 7);
        Assert.Equal(0.5 * 200 * Length, batch.Targets.Count(t => t >= (kind == ObjectiveKind.Denoising ? first : 0)), 120.0);   // 1,600 ± 28
    }

    [Fact]
    public void Prepare_DenoisingWithTargetPositions_NamesThePlaceOfTheSpansSentinelInTheSource()
    {
        var objective = TrainingObjective.Create(ObjectiveKind.Denoising, placed, Length, 3, hidden: 0.4);
        var (windows, batch) = (new Batch(50, Length), objective.NewBatch(50));
        new BatchSampler(Counting().Training, 50, Length, 5).Next(windows);
        objective.Prepare(windows, batch, 7);
        int sentinel = ReservedTokens.All.ToList().IndexOf(ReservedTokens.Spares[0]);
        for (int row = 0; row < 50; row++)
        {
            long last = -1;
            for (int i = 0; i < batch.Length; i++)
            {
                long token = batch.Tokens[row * batch.Length + i], place = batch.NextPositions![row * batch.Length + i];
                if (token >= sentinel && token < first) last = token;
                if (last < 0) Assert.Equal(0, place);   // before the first sentinel
                else Assert.Equal(last, batch.Source![row * batch.SourceLength + place]);
            }
        }
    }

    [Fact]
    public void Score_Denoising_SentinelsTakeNoPartInTheOddsOfWords()
    {
        using var data = Counting();
        using var model = new LanguageModel(placed, seed: 3);
        var before = ObjectiveEvaluation.Score(model, data, ObjectiveKind.Denoising);
        using (TorchSharp.torch.no_grad()) model.get_parameter("head_bias")!.narrow(0, ReservedTokens.All.ToList().IndexOf(ReservedTokens.Spares[0]), ReservedTokens.Spares.Count).fill_(20);
        Assert.Equal(before, ObjectiveEvaluation.Score(model, data, ObjectiveKind.Denoising));
    }

    [Fact]
    public void Prepare_Permutation_EachTargetIsTheTokenAtItsPosition()
    {
        var (windows, batch) = Prepared(ObjectiveKind.Permutation);
        for (int i = 0; i < batch.Tokens.Length; i++)
        {
            int row = i / Length * Length;
            Assert.Equal(windows.Tokens[row + batch.Positions![i]], batch.Tokens[i]);
            if (batch.Targets[i] >= 0) Assert.Equal(windows.Tokens[row + batch.NextPositions![i]], batch.Targets[i]);
        }
        Assert.Equal(Enumerable.Range(0, Length).Select(i => (long)i), batch.Positions!.Take(Length).Order());
    }

    [Theory]
    [InlineData(ObjectiveKind.Masked)]
    [InlineData(ObjectiveKind.Permutation)]
    [InlineData(ObjectiveKind.Denoising)]
    public void Train_EachObjective_BeatsItsBaselines(ObjectiveKind kind)
    {
        using var data = Counting();
        var options = TrainerTests.Options with
        {
            Objective = kind,
            Steps = kind == ObjectiveKind.Denoising ? 500 : 900,
            BatchSize = 16,
            Optimizer = OptimizerKind.Muon,
            LearningRate = 5e-3,
            WeightDecay = 0,
            EvaluateEvery = 0,
            SaveEvery = 0,
        };
        using var model = Trainer.Train(SpecOf(kind), data, options, workspace: workspace).LoadModel();
        var score = ObjectiveEvaluation.Score(model, data, kind);
        // What is cut out here follows from its left neighbour; the encoder–decoder is held to frequencies only.
        double margin = kind == ObjectiveKind.Denoising ? score.Unigram - score.Loss - 1 : score.Margin;
        Assert.True(margin > 0.05, $"{kind}: {score}");
    }

    [Theory]
    [InlineData(ObjectiveKind.Masked)]
    [InlineData(ObjectiveKind.Permutation)]
    [InlineData(ObjectiveKind.Denoising)]
    public void Resume_EachObjective_EndsWithTheSameNumbers(ObjectiveKind kind)
    {
        using var data = Counting();
        var options = TrainerTests.Options with { Objective = kind, Steps = 20, EvaluateEvery = 0, SaveEvery = 0 };
        var whole = Trainer.Train(SpecOf(kind), data, options, workspace: workspace);
        var halves = Trainer.Train(SpecOf(kind), data, options, stopAfter: 7, workspace: workspace);
        Trainer.Resume(halves, data);
        Assert.Equal(whole.Result!.ValidationLoss, halves.Result!.ValidationLoss);
    }

    [Fact]
    public void Create_FamilyThatCannotLearnIt_SaysWhichCan() =>
        Assert.Contains("masked for encoders", Assert.Throws<InvalidInputException>(() => TrainingObjective.Create(ObjectiveKind.Masked, permuting, Length, 1)).Message);
}
