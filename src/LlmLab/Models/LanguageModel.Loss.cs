using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

public sealed partial class LanguageModel
{
    /// <summary>
    /// Mean loss in nats over the targets: cross-entropy. A target below 0 is not scored; <paramref name="weights"/> (at least 0) weigh
    /// the rest, and the mean is over their sum.
    /// </summary>
    /// <param name="input">Tokens, [batch, time] int64, and what else the family reads.</param>
    /// <param name="targets">[batch, time] int64: the next token in a decoder, the original one in an encoder.</param>
    /// <param name="pass">Precision and dropout.</param>
    /// <param name="weights">[batch, time] float32, or null for equal ones.</param>
    /// <param name="divisor">What the sum is divided by instead of the number of scored targets (or the sum of weights): for parts of a batch.</param>
    public Tensor Loss(ModelInput input, Tensor targets, ForwardPass? pass = null, Tensor? weights = null, double? divisor = null)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(LossOf(Logits(input, pass ?? plain), targets, weights, divisor));
    }

    Tensor LossOf(Tensor allLogits, Tensor targets, Tensor? weights, double? divisor)
    {
        using var scope = NewDisposeScope();
        var logits = allLogits.view(-1, Spec.VocabularySize);
        var flat = targets.reshape(-1);
        if (weights is null && divisor is null)
            return scope.MoveToOuter(nn.functional.cross_entropy(logits, flat, ignore_index: -1));
        if (weights is null)
            return scope.MoveToOuter(nn.functional.cross_entropy(logits, flat, ignore_index: -1, reduction: nn.Reduction.Sum) / divisor!.Value);
        var each = nn.functional.cross_entropy(logits, flat, ignore_index: -1, reduction: nn.Reduction.None) * weights.reshape(-1);
        return scope.MoveToOuter(divisor is { } d ? each.sum() / d : each.sum() / (weights * (targets >= 0)).sum().clamp_min(1e-8));
    }
}
