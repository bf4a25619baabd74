using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>What a model reads in one pass; a plain tensor of tokens becomes one by itself.</summary>
/// <param name="Tokens">[batch, time] int64.</param>
public sealed record ModelInput(Tensor Tokens)
{
    /// <summary>Encoder–decoder: what the encoder reads, [batch, source time] int64.</summary>
    public Tensor? Source { get; init; }

    /// <summary>True where a token may be looked at, false for padding: [batch, time] bool, of the source in an encoder–decoder; null: everywhere.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>The kind of each token, [batch, time] int64; null: all of kind 0.</summary>
    public Tensor? TokenTypes { get; init; }

    /// <summary>The position of each token, [batch, time] int64, where it is not that in the tensor (permuted orders).</summary>
    public Tensor? Positions { get; init; }

    /// <summary>
    /// Which tokens each may look at, [batch, queries, keys] bool, instead of itself and all before it: several texts, or the branches of
    /// one, in one row (tree attention; SpecInfer, Miao et al. 2023). For decoders, with <see cref="Positions"/>, without a cache.
    /// </summary>
    public Tensor? Visible { get; init; }

    /// <summary>
    /// The position of the token that each is to predict, [batch, time] int64 (<see cref="ModelSpec.TargetPositions"/>); in an
    /// encoder–decoder, the place in the source of the sentinel whose span it belongs to.
    /// </summary>
    public Tensor? NextPositions { get; init; }

    /// <summary>Wraps tokens.</summary>
    public static implicit operator ModelInput(Tensor tokens) => new(tokens);
}
