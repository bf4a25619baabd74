using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// A transformer built from a <see cref="ModelSpec"/>: tokens → logits of the next token.
/// <code>
/// using var model = new LanguageModel(new ModelSpec { VocabularySize = 65 }, seed: 1);
/// using var logits = model.forward(torch.tensor(new long[] { 1, 2, 3 }).unsqueeze(0));   // [1, 3, 65]
/// </code>
/// </summary>
public sealed class LanguageModel : nn.Module<Tensor, Tensor>
{
    readonly Parameter tokenTable;
    readonly Parameter? positionTable;
    readonly Tensor? sinusoids;
    readonly Normalization? embeddingNorm, finalNorm;
    readonly Block[] blocks;
    readonly Projection? head;
    static readonly ForwardPass plain = new();

    /// <summary>Builds the model and draws its initial weights: the same spec and seed give the same weights on every machine.</summary>
    /// <exception cref="InvalidInputException">The spec makes no model.</exception>
    public LanguageModel(ModelSpec spec, long seed = 1) : base(nameof(LanguageModel))
    {
        Spec = spec.Checked();
        using var scope = NewDisposeScope();
        register_parameter("tokens", tokenTable = new Parameter(zeros(spec.VocabularySize, spec.Width)));
        if (spec.Positions == PositionKind.Learned)
            register_parameter("positions", positionTable = new Parameter(zeros(spec.ContextLength, spec.Width)));
        if (spec.Positions == PositionKind.Sinusoidal) sinusoids = Sinusoids(spec).DetachFromDisposeScope();
        if (spec.NormAfterEmbedding) register_module("embedding_norm", embeddingNorm = new Normalization(spec, spec.Width));
        var rotary = spec.Positions == PositionKind.Rotary ? new Rotary(spec) : null;
        blocks = [.. Enumerable.Range(0, spec.LayerCount).Select(layer => new Block(spec, layer, rotary))];
        register_module("blocks", nn.ModuleList(blocks));
        if (spec.NormPlacement == NormPlacement.Pre) register_module("final_norm", finalNorm = new Normalization(spec, spec.Width));
        if (!spec.TiedEmbeddings) register_module("head", head = new Projection(spec.Width, spec.VocabularySize, false));
        Initialization.Draw(this, seed);
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();
    }

    /// <summary>What the model was built from.</summary>
    public ModelSpec Spec { get; }

    /// <summary>Rows of queries, keys and values in an attention layer's packed matrix.</summary>
    public IReadOnlyList<long> PackedParts => [(long)Spec.HeadCount * Spec.HeadSize, (long)Spec.KeyValueHeads * Spec.HeadSize, (long)Spec.KeyValueHeads * Spec.HeadSize];

    /// <summary>Number of learned numbers.</summary>
    public long ParameterCount => parameters().Sum(p => p.numel());

    /// <summary>Logits of the next token at every position, in float32: [batch, time] int64 → [batch, time, vocabulary].</summary>
    /// <exception cref="InvalidInputException">More tokens than the context holds.</exception>
    public override Tensor forward(Tensor tokens) => Logits(tokens, plain);

    /// <summary>Logits with a cache, another precision, dropout or a watcher.</summary>
    public Tensor Logits(Tensor tokens, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(LogitsOf(Hidden(tokens, pass), pass));
    }

    /// <summary>The activations that the head reads: [batch, time] → [batch, time, width].</summary>
    public Tensor Hidden(Tensor tokens, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        int start = pass.Cache?.Length ?? 0;
        long time = tokens.shape[1];
        if (start + time > Spec.ContextLength)
            throw new InvalidInputException($"{start + time} tokens do not fit the model's context of {Spec.ContextLength}: shorten the text, or let generation slide its window.");
        var x = tokenTable.index_select(0, tokens.reshape(-1)).view(tokens.shape[0], time, Spec.Width);   // [batch, time, width]
        if (positionTable is not null) x = x + positionTable.narrow(0, start, time);
        if (sinusoids is not null) x = x + sinusoids.narrow(0, start, time);
        if (embeddingNorm is not null) x = embeddingNorm.call(x);
        x = pass.Drop(x, Spec.Dropout);
        pass.Watch?.Invoke("embedding", x);
        var initial = x;
        foreach (var block in blocks) x = block.Forward(x, initial, tokens, pass);
        if (finalNorm is not null) x = finalNorm.call(x);
        pass.Watch?.Invoke("final", x);
        pass.Cache?.Advance((int)time);
        return scope.MoveToOuter(x);
    }

    /// <summary>Logits of activations, in float32: [..., width] → [..., vocabulary].</summary>
    public Tensor LogitsOf(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var x = hidden.to(pass.OperandType);
        var logits = (head is not null ? head.call(x) : nn.functional.linear(x, tokenTable.to(x.dtype))).to(ScalarType.Float32);
        if (Spec.LogitSoftCap is { } cap) logits = cap * (logits / cap).tanh();
        return scope.MoveToOuter(logits);
    }

    /// <summary>
    /// Mean loss in nats over the targets: cross-entropy of the next token. A target below 0 is not scored; <paramref name="weights"/>
    /// (at least 0) weigh the rest, and the mean is over their sum.
    /// </summary>
    /// <param name="tokens">[batch, time] int64.</param>
    /// <param name="targets">[batch, time] int64, the token after each.</param>
    /// <param name="pass">Precision and dropout.</param>
    /// <param name="weights">[batch, time] float32, or null for equal ones.</param>
    /// <param name="divisor">What the sum is divided by instead of the number of scored targets (or the sum of weights): for parts of a batch.</param>
    public Tensor Loss(Tensor tokens, Tensor targets, ForwardPass? pass = null, Tensor? weights = null, double? divisor = null)
    {
        using var scope = NewDisposeScope();
        var logits = Logits(tokens, pass ?? plain).view(-1, Spec.VocabularySize);
        var flat = targets.reshape(-1);
        if (weights is null && divisor is null)
            return scope.MoveToOuter(nn.functional.cross_entropy(logits, flat, ignore_index: -1));
        if (weights is null)
            return scope.MoveToOuter(nn.functional.cross_entropy(logits, flat, ignore_index: -1, reduction: nn.Reduction.Sum) / divisor!.Value);
        var each = nn.functional.cross_entropy(logits, flat, ignore_index: -1, reduction: nn.Reduction.None) * weights.reshape(-1);
        return scope.MoveToOuter(divisor is { } d ? each.sum() / d : each.sum() / (weights * (targets >= 0)).sum().clamp_min(1e-8));
    }

    // Vaswani et al. 2017, section 3.5: even numbers sines, odd ones cosines.
    static Tensor Sinusoids(ModelSpec spec)
    {
        var rates = exp(arange(0, spec.Width, 2, dtype: ScalarType.Float64) * (-Math.Log(10_000) / spec.Width));
        var angles = outer(arange(spec.ContextLength, dtype: ScalarType.Float64), rates);   // [context, width / 2]
        return stack([angles.sin(), angles.cos()], -1).view(spec.ContextLength, spec.Width).to(ScalarType.Float32);
    }
}
