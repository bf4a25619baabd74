using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>Who may look at whom in a stack of blocks, beside what a layer's own window says.</summary>
/// <param name="Causal">Nobody looks at what comes later.</param>
/// <param name="Start">Position of the first query.</param>
/// <param name="KeyMask">[batch, keys] bool, false for padding; null: all keys.</param>
/// <param name="Bias">[1, heads, queries, keys] added to the scores (relative positions), or [batch, 1, queries, keys] (tree attention), or null.</param>
/// <param name="Positions">[batch, time] where tokens do not stand at their place in the row, or null.</param>
/// <param name="NextPositions">[batch, time] of the tokens to be predicted, or null: each by <paramref name="Ahead"/> further than the token itself.</param>
/// <param name="Ahead">1 where rotary queries stand at the place of the token to be predicted (<see cref="ModelSpec.TargetPositions"/>), else 0.</param>
sealed record AttentionView(bool Causal, int Start = 0, Tensor? KeyMask = null, Tensor? Bias = null, Tensor? Positions = null, Tensor? NextPositions = null, int Ahead = 0)
{
    /// <summary>Positions that queries are turned by, or null: in order from <see cref="Start"/> + <see cref="Ahead"/>.</summary>
    public Tensor? QueryPositions => Ahead == 0 ? Positions : NextPositions ?? Positions?.add(1);

    /// <summary>Whether libtorch's causal flag says it all.</summary>
    public bool IsPlainlyCausal(long queries, long keys, int? window) => Causal && queries == keys && window is null && KeyMask is null && Bias is null;

    /// <summary>
    /// What is added to the scores, broadcastable to [batch, heads, queries, keys]: 0 or the bias where looking is allowed, −∞ elsewhere; null
    /// where nothing is to be added.
    /// </summary>
    public Tensor? Scores(long queries, long keys, int? window, Device device)
    {
        Tensor? allowed = null;
        if ((Causal && queries > 1) || window is not null)
        {
            var row = arange(Start, Start + queries, device: device).unsqueeze(1);
            var column = arange(keys, device: device).unsqueeze(0);
            allowed = column <= row;
            if (window is { } width) allowed = allowed.logical_and(column > row - width);
        }
        if (KeyMask is not null)
        {
            var visible = KeyMask.unsqueeze(1).unsqueeze(1);   // [batch, 1, 1, keys]
            allowed = allowed is null ? visible : allowed.logical_and(visible);
        }
        if (allowed is null) return Bias;
        var start = Bias ?? zeros(1, device: device);
        return start.masked_fill(allowed.logical_not(), double.NegativeInfinity);
    }
}
