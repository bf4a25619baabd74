using LlmLab.Models;

namespace LlmLab.Training;

/// <summary>What training computes.</summary>
public static class TrainingCost
{
    /// <summary>
    /// Floating-point operations of a training step for each of its tokens, a multiply-add being two: forward, and twice that backward,
    /// 6·N + 12·layers·width·length with N the weights that take part in products (Kaplan et al. 2020; Chowdhery et al. 2022, appendix B).
    /// Attention counts as if unmasked, as is usual, so that figures can be compared; look-ups in tables count nothing.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="length">Tokens of a training sequence.</param>
    /// <param name="sourceLength">Tokens that an encoder–decoder reads for each sequence; the encoder's work is counted for the sequence's own tokens.</param>
    public static double FlopsPerToken(LanguageModel model, int length, int sourceLength = 0)
    {
        var spec = model.Spec;
        double inner = spec.HeadCount * spec.HeadSize, ratio = (double)sourceLength / length, weights = 0;
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.dim() == 2 && !IsTable(name))
                weights += parameter.numel() * (name.StartsWith("encoder.", StringComparison.Ordinal) ? ratio : 1);
        if (spec.TiedEmbeddings) weights += (double)spec.VocabularySize * spec.Width;
        double scores = spec.DecoderLayers * (double)length;
        if (spec.Family == ModelFamily.EncoderDecoder) scores += spec.LayerCount * ratio * sourceLength + spec.DecoderLayers * (double)sourceLength;
        return 6 * weights + 12 * inner * scores;
    }

    static bool IsTable(string name) =>
        name is "tokens" or "positions" or "next_positions" or "token_types" || name.EndsWith("value_tokens", StringComparison.Ordinal) || name.Contains("relative", StringComparison.Ordinal);
}
