using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>One layer: attention, in a decoder over an encoder attention to that too, then feed-forward, each with norm and residual connection.</summary>
public sealed class Block : nn.Module
{
    readonly ModelSpec spec;
    readonly string label;
    readonly Normalization attentionNorm, feedForwardNorm;
    readonly Normalization? encoderNorm;
    readonly Attention attention;
    readonly Attention? encoderAttention;
    readonly FeedForward feedForward;
    readonly ShortConvolution? convolution;
    readonly Parameter? residualScale, initialScale;

    /// <summary>The block of one layer.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="layer">Its number in its stack.</param>
    /// <param name="rotary">Rotary tables, or null.</param>
    /// <param name="stack">What a watcher calls the stack: "blocks" or "encoder".</param>
    /// <param name="overEncoder">Whether it also looks at an encoder's output.</param>
    /// <param name="device">Where its weights lie; null: the processor.</param>
    public Block(ModelSpec spec, int layer, Rotary? rotary, string stack = "blocks", bool overEncoder = false, Device? device = null) : base(nameof(Block))
    {
        (this.spec, label) = (spec, $"{stack}.{layer}");
        register_module("attention_norm", attentionNorm = new Normalization(spec, spec.Width, device));
        register_module("attention", attention = new Attention(spec, layer, rotary, label + ".attention", device: device));
        if (overEncoder)
        {
            register_module("encoder_norm", encoderNorm = new Normalization(spec, spec.Width, device));
            register_module("encoder_attention", encoderAttention = new Attention(spec, layer, rotary, label + ".encoder_attention", overEncoder: true, device));
        }
        register_module("feed_forward_norm", feedForwardNorm = new Normalization(spec, spec.Width, device));
        register_module("feed_forward", feedForward = new FeedForward(spec, device));
        if (spec.ShortConvolution > 0) register_module("short_convolution", convolution = new ShortConvolution(spec, layer, spec.Family == ModelFamily.Encoder || stack == "encoder", device));
        if (spec.InitialEmbeddingSkip)
        {
            register_parameter("residual_scale", residualScale = new Parameter(ones(1, device: device)));
            register_parameter("initial_scale", initialScale = new Parameter(zeros(1, device: device)));
        }
    }

    /// <summary>[batch, time, width] → [batch, time, width].</summary>
    /// <param name="x">The residual stream.</param>
    /// <param name="initial">The residual stream before the first block.</param>
    /// <param name="tokens">[batch, time].</param>
    /// <param name="view">Who may look at whom.</param>
    /// <param name="pass">Cache, dropout and watcher.</param>
    /// <param name="encoded">The encoder's output, [batch, source time, width].</param>
    /// <param name="encoderView">Which of it may be looked at.</param>
    internal Tensor Forward(Tensor x, Tensor initial, Tensor tokens, AttentionView view, ForwardPass pass, Tensor? encoded = null, AttentionView? encoderView = null)
    {
        using var scope = NewDisposeScope();
        if (residualScale is not null) x = residualScale.to(x.dtype) * x + initialScale!.to(x.dtype) * initial;
        x = Add(x, attentionNorm, y => attention.Forward(convolution is null ? y : convolution.Forward(y, pass.Cache, view.KeyMask), tokens, view, pass), pass);
        if (encoderAttention is not null) x = Add(x, encoderNorm!, y => encoderAttention.Forward(y, tokens, encoderView!, pass, encoded!), pass);
        x = Add(x, feedForwardNorm, y => feedForward.Forward(y, pass), pass);
        pass.Watch?.Invoke(label + ".output", x);
        return scope.MoveToOuter(x);
    }

    // The residual stream stays in its own type, float32, whatever the products' operands are.
    Tensor Add(Tensor x, Normalization norm, Func<Tensor, Tensor> layer, ForwardPass pass)
    {
        bool before = spec.NormPlacement == NormPlacement.Pre;
        var change = layer((before ? norm.call(x) : x).to(pass.OperandType));
        var sum = spec.ResidualConnections ? x + change : change.to(x.dtype);
        return before ? sum : norm.call(sum);
    }
}
