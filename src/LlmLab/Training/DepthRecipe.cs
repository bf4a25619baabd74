using System.Globalization;
using LlmLab.Models;

namespace LlmLab.Training;

/// <summary>A complete recipe that follows from one number, the depth, with the reason for each of the others (nanochat's dial).</summary>
/// <param name="Spec">The architecture.</param>
/// <param name="Options">The training.</param>
/// <param name="Reasons">A sentence for every derived number.</param>
public sealed record DepthRecipe(ModelSpec Spec, TrainingOptions Options, IReadOnlyList<string> Reasons)
{
    // What nanochat tuned at: width 768, half a million tokens a step. Rates are scaled from there.
    const double ReferenceWidth = 768, ReferenceBatch = 524_288, ReferenceTokens = 2.2e9;

    /// <summary>Derives width, heads, tokens, batch and rates from a depth.</summary>
    /// <param name="depth">Layers, 1 to 64.</param>
    /// <param name="vocabularySize">Number of different tokens.</param>
    /// <param name="contextLength">Tokens a sequence.</param>
    /// <param name="tokensPerParameter">Compute-optimal ratio: 20 after Hoffmann et al. 2022; nanochat trains with 8 to 12.</param>
    /// <exception cref="InvalidInputException">A depth or ratio out of range.</exception>
    public static DepthRecipe FromDepth(int depth, int vocabularySize, int contextLength = 256, double tokensPerParameter = 20)
    {
        if (depth is < 1 or > 64) throw new InvalidInputException($"The depth must lie between 1 and 64, found {depth}.");
        if (!(tokensPerParameter > 0)) throw new InvalidInputException($"Tokens per parameter must be above 0, found {tokensPerParameter}.");
        var spec = ModelSpec.FromDepth(depth, vocabularySize, contextLength);
        double matrices = 12.0 * depth * spec.Width * spec.Width + (double)vocabularySize * spec.Width;   // without the token table, which multiplies nothing
        double tokens = tokensPerParameter * matrices;
        double batch = Math.Max(contextLength * 4, ReferenceBatch * Math.Pow(tokens / ReferenceTokens, 0.383));
        int sequences = Math.Max(4, (int)Math.Round(batch / contextLength));
        int steps = Math.Max(50, (int)Math.Round(tokens / ((double)sequences * contextLength)));
        double byBatch = Math.Sqrt((double)sequences * contextLength / ReferenceBatch), byWidth = Math.Sqrt(ReferenceWidth / spec.Width);
        var options = new TrainingOptions
        {
            Steps = steps,
            BatchSize = sequences,
            Optimizer = OptimizerKind.Muon,
            Schedule = ScheduleKind.Trapezoid,
            CooldownShare = 0.5,
            FinalShare = 0,
            WarmupSteps = Math.Min(40, steps / 10),
            MuonMomentumWarmupSteps = Math.Min(300, steps / 5),
            MuonLearningRate = Math.Max(0.005, 0.02 * byBatch),
            EmbeddingLearningRate = 0.3 * Math.Max(0.3, byBatch * byWidth),
            HeadLearningRate = 0.004 * Math.Max(0.3, byBatch * byWidth),
            VectorLearningRate = 0.015,
            Beta1 = 0.8,
            Beta2 = 0.95,
            Epsilon = 1e-10,
            WeightDecay = 0,
            GradientClip = 0,
            Sampling = SamplingKind.Shuffled,
        };
        string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        return new DepthRecipe(spec, options.Checked(),
        [
            Say($"Width {spec.Width}: 64 × the depth, so that models grow in both directions together (nanochat)."),
            Say($"{spec.HeadCount} heads of {spec.HeadSize}: 64 wide, 128 from width 1,024 on."),
            Say($"{tokens:N0} tokens: {tokensPerParameter} for each of the {matrices:N0} weights that multiply (Hoffmann et al. 2022)."),
            Say($"{sequences} sequences of {contextLength} tokens a step: the best batch grows with tokens^0.383."),
            Say($"{steps:N0} steps: tokens divided by tokens a step."),
            Say($"Muon at {options.MuonLearningRate:0.0000}: 0.02 × √(batch / {ReferenceBatch:N0}), not below 0.005, which small batches were seen to need."),
            Say($"Embeddings at {options.EmbeddingLearningRate:0.000}, head at {options.HeadLearningRate:0.0000}: likewise, and × √({ReferenceWidth} / width)."),
        ]);
    }
}
