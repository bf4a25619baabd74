namespace LlmLab.Models;

public sealed partial record ModelSpec
{
    /// <summary>
    /// A modern decoder of a depth: width 64 × depth, heads of 64 (128 from width 1,024 on), rotary positions, RMSNorm without gains, norms
    /// of queries and keys, ReLU², untied head, soft cap, projections that start at zero, the first embedding seen again (nanochat's model).
    /// <see cref="Training.DepthRecipe"/> derives the training too and gives the reasons.
    /// </summary>
    /// <param name="depth">Layers.</param>
    /// <param name="vocabularySize">Number of different tokens.</param>
    /// <param name="contextLength">Most tokens at once.</param>
    public static ModelSpec FromDepth(int depth, int vocabularySize, int contextLength = 256)
    {
        int width = 64 * depth;
        return new ModelSpec
        {
            VocabularySize = vocabularySize,
            ContextLength = contextLength,
            LayerCount = depth,
            Width = width,
            HeadCount = Math.Max(1, width / (width >= 1_024 ? 128 : 64)),
            Positions = PositionKind.Rotary,
            Norm = NormKind.RmsNorm,
            NormGain = false,
            NormAfterEmbedding = true,
            QueryKeyNorm = true,
            Activation = Activation.ReluSquared,
            TiedEmbeddings = false,
            LogitSoftCap = 15,
            ZeroInitialisedProjections = true,
            InitialEmbeddingSkip = true,
            WeightDeviation = null,
            EmbeddingDeviation = 0.8,
            HeadDeviation = 0.001,
        }.Checked();
    }
}
