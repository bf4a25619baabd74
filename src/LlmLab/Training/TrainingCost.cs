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
    /// <param name="length">Tokens of a training window, which the count is shared among.</param>
    /// <param name="targetLength">Tokens that the decoder (or the only stack) reads of a window; null: all.</param>
    /// <param name="sourceLength">Tokens that an encoder–decoder's encoder reads of a window.</param>
    public static double FlopsPerToken(LanguageModel model, int length, int? targetLength = null, int sourceLength = 0)
    {
        var spec = model.Spec;
        double inner = spec.HeadCount * spec.HeadSize, target = targetLength ?? length, source = sourceLength, weights = 0;
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.dim() == 2 && !IsTable(name))
                weights += parameter.numel() * (name.StartsWith("encoder.", StringComparison.Ordinal) ? source : target);
        if (spec.TiedEmbeddings) weights += target * spec.VocabularySize * spec.Width;
        double scores = spec.DecoderLayers * target * target;
        if (spec.Family == ModelFamily.EncoderDecoder) scores += spec.LayerCount * source * source + spec.DecoderLayers * target * source;
        return (6 * weights + 12 * inner * scores) / length;
    }

    static bool IsTable(string name) =>
        name is "tokens" or "positions" or "next_positions" or "token_types" || name.EndsWith("value_tokens", StringComparison.Ordinal) || name.Contains("relative", StringComparison.Ordinal);
}
