using LlmLab.Models;
using LlmLab.Models.Kernels;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

/// <summary>A run that was stopped and resumed ends with the bits of one that never was, whatever computes and decides in it.</summary>
public sealed class ResumeTests : WorkspaceTest
{
    static readonly ModelSpec spec = TrainerTests.Spec with { LayerCount = 1, Positions = PositionKind.Rotary, Norm = NormKind.RmsNorm, NormGain = false, QueryKeyNorm = true, InitialEmbeddingSkip = true, TiedEmbeddings = false };

    public static TheoryData<OptimizerKind, Precision, Kernels> Ways
    {
        get
        {
            var ways = new TheoryData<OptimizerKind, Precision, Kernels>();
            foreach (var optimizer in Enum.GetValues<OptimizerKind>())
            {
                ways.Add(optimizer, Precision.Float32, Kernels.LibTorch);
                ways.Add(optimizer, Precision.BFloat16, Kernels.LibTorch);
                ways.Add(optimizer, Precision.BFloat16, Kernels.Compiled);
            }
            return ways;
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public void Resume_WithAverageStoppingAndGuard_EndsWithTheSameBits(OptimizerKind optimizer, Precision precision, Kernels kernels)
    {
        Assert.SkipUnless(kernels != Kernels.Compiled || Product.IsSupported, "this processor has no AVX2");
        var options = TrainerTests.Options with
        {
            Steps = 75,
            Optimizer = optimizer,
            Precision = precision,
            Kernels = kernels,
            EvaluateEvery = 15,
            Sampling = SamplingKind.Shuffled,
            WeightAverageDecay = 0.95,
            Patience = 3,
            SmallestImprovement = 0.001,
            SpikeDeviations = 0.01,       // so low that steps are skipped on both sides of a stop
            ActivationCheckpointing = kernels == Kernels.LibTorch && optimizer == OptimizerKind.Lion,
        };
        using var data = TrainerTests.Counting();
        var whole = Trainer.Train(spec, data, options, workspace: workspace);
        var parts = Trainer.Train(spec, data, options, stopAfter: 8, workspace: workspace);
        Trainer.Resume(Run.Open(parts.Folder), data, stopAfter: 69);
        Trainer.Resume(Run.Open(parts.Folder), data);
        Assert.Equal(whole.Metrics.Select(Numbers), parts.Metrics.Select(Numbers));
        Assert.Equal(Files(whole), Files(parts));
        var (one, two) = (whole.Result!, parts.Result!);
        Assert.Equal((one.Steps, one.ValidationLoss, one.AverageValidationLoss, one.BestStep, one.StoppedEarly, one.SkippedSteps), (two.Steps, two.ValidationLoss, two.AverageValidationLoss, two.BestStep, two.StoppedEarly, two.SkippedSteps));
        // Under Lion the losses of these few steps only fall: nothing lies above their mean.
        Assert.True(one.SkippedSteps > 0 || one.StoppedEarly || optimizer == OptimizerKind.Lion);
    }

    static (int, long, double?, double?, double?, int?, double?) Numbers(Metrics m) => (m.Step, m.Tokens, m.TrainLoss, m.ValidationLoss, m.AverageValidationLoss, m.SkippedSteps, m.GradientNorm);

    static Dictionary<string, string> Files(Run run) => Directory.EnumerateFiles(run.LatestCheckpoint!, "*.safetensors").Append(Path.Combine(run.Folder, "best.safetensors"))
        .ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))));
}
