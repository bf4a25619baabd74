using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation.Architectures;

/// <summary>What a model sees of a window of which one token is hidden.</summary>
public enum VisibleContext
{
    /// <summary>What stands before it: writing on.</summary>
    Before,
    /// <summary>All the rest of the window: filling in.</summary>
    Around,
}

/// <summary>
/// One measure for all architectures: the same tokens of the same windows are hidden, one at a time, and each model says how likely the true
/// token is. A decoder writes on; an encoder reads a mask; an encoder–decoder reads a sentinel and writes what it stands for; a permutation
/// model reads the rest in any order and the hidden place last. A decoder cannot look to the right: filling in, it sees what stands before.
/// </summary>
public static class HiddenTokenEvaluation
{
    static readonly int mask = Id(ReservedTokens.Mask), begin = Id(ReservedTokens.BeginningOfSequence), sentinel = Id(ReservedTokens.Spares[0]);

    static int Id(string token) => ReservedTokens.All.ToList().IndexOf(token);

    /// <summary>Mean nats a hidden token.</summary>
    /// <param name="model">A model of any family.</param>
    /// <param name="data">Windows are taken from its validation part, from position 0.</param>
    /// <param name="length">Tokens a window.</param>
    /// <param name="context">What is seen.</param>
    /// <param name="windows">Windows at most.</param>
    /// <param name="places">Places of a window that are hidden, one after the other, evenly spread.</param>
    /// <exception cref="InvalidInputException">The validation part is shorter than one window.</exception>
    public static double Loss(LanguageModel model, TrainingData data, int length, VisibleContext context, int windows = 96, int places = 6)
    {
        int count = (int)Math.Min(windows, data.Validation.Length / length);
        if (count < 1) throw new InvalidInputException($"{data.Validation.Name} has {data.Validation.Length} tokens, too few for one window of {length}.");
        long[] text = new long[count * length];
        data.Validation.Read(0, text);
        using var none = no_grad();
        double loss = 0;
        long scored = 0;
        for (int i = 0; i < places; i++)
        {
            Operation.Current.ThrowIfCancelled();
            int place = (int)((i + 0.75) * length / places);
            place = Math.Clamp(place, 1, length - 1);
            using var scope = NewDisposeScope();
            var window = tensor(text, [count, length]);
            var targets = window.select(1, place);
            targets = targets.masked_fill(targets < ReservedTokens.All.Count, -1);   // marks between documents are not words
            var losses = nn.functional.cross_entropy(Logits(model, window, place, context), targets, ignore_index: -1, reduction: nn.Reduction.Sum);
            loss += losses.item<float>();
            scored += (targets >= 0).sum().item<long>();
        }
        return loss / Math.Max(1, scored);
    }

    // [windows, vocabulary] of the hidden token.
    static Tensor Logits(LanguageModel model, Tensor window, int place, VisibleContext context)
    {
        long count = window.shape[0], length = window.shape[1];
        var pass = new ForwardPass();
        var (before, after) = (window.narrow(1, 0, place), window.narrow(1, place + 1, length - place - 1));
        bool around = context == VisibleContext.Around && after.shape[1] > 0;
        Tensor Fixed(long value, long columns = 1) => full([count, columns], value, dtype: ScalarType.Int64);
        switch (model.Spec)
        {
            case { Family: ModelFamily.Encoder }:
                return model.Logits(cat(around ? [before, Fixed(mask), after] : [before, Fixed(mask)], 1), pass).select(1, place);
            case { Family: ModelFamily.EncoderDecoder }:
                var source = cat(around ? [before, Fixed(sentinel), after] : [before, Fixed(sentinel)], 1);
                return model.Logits(new ModelInput(cat([Fixed(begin), Fixed(sentinel)], 1)) { Source = source, NextPositions = model.Spec.TargetPositions ? cat([Fixed(0), Fixed(place)], 1) : null }, pass).select(1, 1);
            case { TargetPositions: true } when around:
                var positions = cat([arange(place), arange(place + 1, length)], 0);
                var next = cat([positions.narrow(0, 1, length - 2), tensor(new long[] { place })], 0);
                return model.Logits(new ModelInput(cat([before, after], 1)) { Positions = positions.expand(count, length - 1).contiguous(), NextPositions = next.expand(count, length - 1).contiguous() }, pass).select(1, length - 2);
            default:
                return model.Logits(before, pass).select(1, place - 1);
        }
    }
}
