using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>One layer: attention, then feed-forward, each with its norm and its residual connection.</summary>
public sealed class Block : nn.Module
{
    readonly ModelSpec spec;
    readonly int layer;
    readonly Normalization attentionNorm, feedForwardNorm;
    readonly Attention attention;
    readonly FeedForward feedForward;
    readonly Parameter? residualScale, initialScale;

    /// <summary>The block of one layer.</summary>
    public Block(ModelSpec spec, int layer, Rotary? rotary) : base(nameof(Block))
    {
        (this.spec, this.layer) = (spec, layer);
        register_module("attention_norm", attentionNorm = new Normalization(spec, spec.Width));
        register_module("attention", attention = new Attention(spec, layer, rotary));
        register_module("feed_forward_norm", feedForwardNorm = new Normalization(spec, spec.Width));
        register_module("feed_forward", feedForward = new FeedForward(spec));
        if (spec.InitialEmbeddingSkip)
        {
            register_parameter("residual_scale", residualScale = new Parameter(ones(1)));
            register_parameter("initial_scale", initialScale = new Parameter(zeros(1)));
        }
    }

    /// <summary>[batch, time, width] → [batch, time, width].</summary>
    /// <param name="x">The residual stream.</param>
    /// <param name="initial">The residual stream before the first block.</param>
    /// <param name="tokens">[batch, time].</param>
    /// <param name="pass">Cache, dropout and watcher.</param>
    public Tensor Forward(Tensor x, Tensor initial, Tensor tokens, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        if (residualScale is not null) x = residualScale.to(x.dtype) * x + initialScale!.to(x.dtype) * initial;
        if (spec.NormPlacement == NormPlacement.Pre)
        {
            x = Join(x, attention.Forward(attentionNorm.call(x).to(pass.OperandType), tokens, pass));
            x = Join(x, feedForward.Forward(feedForwardNorm.call(x).to(pass.OperandType), pass));
        }
        else
        {
            x = attentionNorm.call(Join(x, attention.Forward(x.to(pass.OperandType), tokens, pass)));
            x = feedForwardNorm.call(Join(x, feedForward.Forward(x.to(pass.OperandType), pass)));
        }
        pass.Watch?.Invoke($"blocks.{layer}.output", x);
        return scope.MoveToOuter(x);
    }

    // The residual stream stays in its own type, float32, whatever the products' operands are.
    Tensor Join(Tensor x, Tensor change) => spec.ResidualConnections ? x + change : change.to(x.dtype);
}
