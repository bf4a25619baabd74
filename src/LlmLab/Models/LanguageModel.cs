using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// A transformer built from a <see cref="ModelSpec"/>: tokens → logits, of the next token in a decoder, of the token itself in an encoder.
/// <code>
/// using var model = new LanguageModel(new ModelSpec { VocabularySize = 65 }, seed: 1);
/// using var logits = model.forward(torch.tensor(new long[] { 1, 2, 3 }).unsqueeze(0));   // [1, 3, 65]
/// </code>
/// </summary>
public sealed partial class LanguageModel : nn.Module<Tensor, Tensor>
{
    readonly Parameter tokenTable;
    readonly Parameter? positionTable, nextPositionTable, typeTable;
    readonly Tensor? sinusoids;
    readonly Normalization? embeddingNorm, finalNorm, encoderNorm;
    readonly RelativeBias? relative, encoderRelative;
    readonly Block[] blocks, encoder;
    readonly Head head;
    readonly SentenceHead? sentence;
    static readonly ForwardPass plain = new();

    /// <summary>Builds the model and draws its initial weights: the same spec and seed give the same weights on every machine and device.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="seed">Of the initial weights.</param>
    /// <param name="device">Where weights and tables lie and passes are computed; null: the processor.</param>
    /// <exception cref="InvalidInputException">The spec makes no model.</exception>
    public LanguageModel(ModelSpec spec, long seed = 1, Device? device = null) : base(nameof(LanguageModel))
    {
        Spec = spec.Checked();
        using var scope = NewDisposeScope();
        bool overEncoder = spec.Family == ModelFamily.EncoderDecoder, pre = spec.NormPlacement == NormPlacement.Pre, relativePositions = spec.Positions == PositionKind.RelativeBias;
        register_parameter("tokens", tokenTable = new Parameter(zeros(spec.VocabularySize, spec.Width, device: device)));
        if (spec.Positions == PositionKind.Learned) register_parameter("positions", positionTable = new Parameter(zeros(spec.ContextLength, spec.Width, device: device)));
        if (spec is { TargetPositions: true, Positions: PositionKind.Learned }) register_parameter("next_positions", nextPositionTable = new Parameter(zeros(spec.ContextLength + 1, spec.Width, device: device)));
        if (spec.TokenTypeCount > 0) register_parameter("token_types", typeTable = new Parameter(zeros(spec.TokenTypeCount, spec.Width, device: device)));
        if (spec.Positions == PositionKind.Sinusoidal) sinusoids = Sinusoids(spec).to(device ?? CPU).DetachFromDisposeScope();
        if (spec.NormAfterEmbedding) register_module("embedding_norm", embeddingNorm = new Normalization(spec, spec.Width, device));
        var rotary = spec.Positions == PositionKind.Rotary ? new Rotary(spec, device) : null;
        if (relativePositions && overEncoder) register_module("encoder_relative", encoderRelative = new RelativeBias(spec, bothWays: true, device));
        if (relativePositions) register_module("relative", relative = new RelativeBias(spec, bothWays: spec.Family == ModelFamily.Encoder, device));
        encoder = overEncoder ? [.. Enumerable.Range(0, spec.LayerCount).Select(layer => new Block(spec, layer, rotary, "encoder", device: device))] : [];
        if (overEncoder) register_module("encoder", nn.ModuleList(encoder));
        if (overEncoder && pre) register_module("encoder_norm", encoderNorm = new Normalization(spec, spec.Width, device));
        blocks = [.. Enumerable.Range(0, spec.DecoderLayers).Select(layer => new Block(spec, layer, rotary, "blocks", overEncoder, device))];
        register_module("blocks", nn.ModuleList(blocks));
        if (pre) register_module("final_norm", finalNorm = new Normalization(spec, spec.Width, device));
        head = new Head(spec, tokenTable, (name, module) => register_module(name, module), (name, parameter) => register_parameter(name, parameter), device);
        if (spec.EmbeddingWidth > 0) sentence = new SentenceHead(spec, (name, module) => register_module(name, module), (name, parameter) => register_parameter(name, parameter), device);
        Initialization.Draw(this, seed);
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();
    }

    /// <summary>Where its weights lie.</summary>
    public Device Device => tokenTable.device;

    /// <summary>What the model was built from.</summary>
    public ModelSpec Spec { get; }

    /// <summary>Rows of queries, keys and values in an attention layer's packed matrix.</summary>
    public IReadOnlyList<long> PackedParts => [(long)Spec.HeadCount * Spec.HeadSize, (long)Spec.KeyValueHeads * Spec.HeadSize, (long)Spec.KeyValueHeads * Spec.HeadSize];

    /// <summary>Number of learned numbers.</summary>
    public long ParameterCount => parameters().Sum(p => p.numel());

    /// <summary>Logits at every position, in float32: [batch, time] int64 → [batch, time, vocabulary].</summary>
    /// <exception cref="InvalidInputException">More tokens than the context holds.</exception>
    public override Tensor forward(Tensor tokens) => Logits(tokens, plain);

    /// <summary>Logits with a cache, another precision, dropout or a watcher.</summary>
    public Tensor Logits(ModelInput input, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(LogitsOf(Hidden(input, pass), pass));
    }

    /// <summary>The activations that the head reads: [batch, time] → [batch, time, width].</summary>
    /// <param name="input">Tokens, and for an encoder–decoder the source.</param>
    /// <param name="pass">Cache, precision, dropout, watcher.</param>
    /// <param name="encoded">The encoder's output if it was computed before (<see cref="Encode"/>), so that generation does so once.</param>
    public Tensor Hidden(ModelInput input, ForwardPass pass, Tensor? encoded = null)
    {
        using var scope = NewDisposeScope();
        int start = pass.Cache?.Length ?? 0;
        long time = input.Tokens.shape[1];
        bool overEncoder = Spec.Family == ModelFamily.EncoderDecoder;
        if (overEncoder && encoded is null) encoded = Encode(input, pass);
        var x = Embed(input.Tokens, overEncoder ? input with { TokenTypes = null } : input, start, pass);
        var bias = relative?.Scores(start, time, start + time, x.device);
        var view = input.Visible is { } visible
            ? TreeView(visible, input.Positions, pass)
            : new AttentionView(Spec.Family != ModelFamily.Encoder, start, overEncoder ? null : input.Mask, bias, overEncoder ? null : input.Positions, input.NextPositions, Spec.TargetPositions && !overEncoder ? 1 : 0);
        if (overEncoder && Spec.TargetPositions && input.NextPositions is null)
            throw new InvalidInputException("This encoder–decoder wants to know which place of the source each target token stands for: the next positions are missing.");
        var encoderView = new AttentionView(false, 0, input.Mask, NextPositions: input.NextPositions, Ahead: Spec.TargetPositions ? 1 : 0);
        var initial = x;
        foreach (var block in blocks) x = block.Forward(x, initial, input.Tokens, view, pass, encoded, encoderView);
        if (finalNorm is not null) x = finalNorm.call(x);
        pass.Watch?.Invoke("final", x);
        pass.Cache?.Advance((int)time);
        return scope.MoveToOuter(x);
    }

    /// <summary>Runs the encoder of an encoder–decoder: [batch, source time] → [batch, source time, width].</summary>
    /// <exception cref="InvalidInputException">There is no source, or it is longer than the context.</exception>
    public Tensor Encode(ModelInput input, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var source = input.Source ?? throw new InvalidInputException("An encoder–decoder reads a source and writes a target: the source is missing.");
        var x = Embed(source, new ModelInput(source) { TokenTypes = input.TokenTypes }, 0, pass with { Cache = null }, "encoder.");
        var view = new AttentionView(false, 0, input.Mask, encoderRelative?.Scores(0, source.shape[1], source.shape[1], x.device));
        var initial = x;
        foreach (var block in encoder) x = block.Forward(x, initial, source, view, pass with { Cache = null });
        if (encoderNorm is not null) x = encoderNorm.call(x);
        pass.Watch?.Invoke("encoder.final", x);
        return scope.MoveToOuter(x);
    }

    /// <summary>The final norm, which the head expects; activations as they are where the blocks end with one.</summary>
    internal Tensor Normalise(Tensor hidden) => finalNorm is null ? hidden : finalNorm.call(hidden);

    /// <summary>Logits of activations, in float32: [..., width] → [..., vocabulary].</summary>
    public Tensor LogitsOf(Tensor hidden, ForwardPass pass) => head.Logits(hidden, pass);

    /// <summary>Logits of classes, from the first token's activation: [batch, time, width] → (pooled [batch, width], logits [batch, classes]).</summary>
    /// <exception cref="InvalidInputException">The spec has no classes.</exception>
    public (Tensor Pooled, Tensor Logits) Classify(Tensor hidden, ForwardPass pass) => head.Classify(hidden, pass);

    /// <summary>Logits that an answer begins and ends with each token: [batch, time, width] → [batch, time, 2] (Devlin et al. 2018, section 4.2).</summary>
    /// <exception cref="InvalidInputException">The spec has no span head.</exception>
    public Tensor Spans(Tensor hidden, ForwardPass pass) => head.Spans(hidden, pass);

    /// <summary>Whether rows may hold trees of texts (<see cref="ModelInput.Visible"/>): decoders whose attention depends on nothing but positions added or turned in.</summary>
    public bool TakesTrees => Spec is { Family: ModelFamily.Decoder, SlidingWindow: null, TargetPositions: false, ShortConvolution: 0 } && Spec.Positions != PositionKind.RelativeBias;

    AttentionView TreeView(Tensor visible, Tensor? positions, ForwardPass pass)
    {
        if (!TakesTrees || positions is null || pass.Cache is not null)
            throw new InvalidInputException("Tree attention is for decoders without windows, short convolutions and relative biases; it needs each token's position and no cache.");
        var scores = zeros(visible.shape, device: visible.device).masked_fill(visible.logical_not(), double.NegativeInfinity).unsqueeze(1);   // [batch, 1, queries, keys]
        return new AttentionView(false, 0, null, scores, positions);
    }

    Tensor Embed(Tensor tokens, ModelInput input, int start, ForwardPass pass, string name = "")
    {
        long time = tokens.shape[1];
        if (input.Visible is null && start + time > Spec.ContextLength)
            throw new InvalidInputException($"{start + time} tokens do not fit the model's context of {Spec.ContextLength}: shorten the text, or let generation slide its window.");
        var x = Look(tokenTable, tokens);   // [batch, time, width]
        if (positionTable is not null) x = x + (input.Positions is null ? positionTable.narrow(0, start, time) : Look(positionTable, input.Positions));
        if (nextPositionTable is not null) x = x + (input.NextPositions is null ? nextPositionTable.narrow(0, start + 1, time) : Look(nextPositionTable, input.NextPositions));
        if (typeTable is not null) x = x + (input.TokenTypes is null ? typeTable[0] : Look(typeTable, input.TokenTypes));
        if (sinusoids is not null) x = x + (input.Positions is null ? sinusoids.narrow(0, start, time) : Look(sinusoids, input.Positions));
        if (embeddingNorm is not null) x = embeddingNorm.call(x);
        x = pass.Drop(x, Spec.Dropout);
        pass.Watch?.Invoke(name + "embedding", x);
        return x;
    }

    Tensor Look(Tensor table, Tensor indices) => table.index_select(0, indices.reshape(-1)).view(indices.shape[0], indices.shape[1], Spec.Width);

    // Vaswani et al. 2017, section 3.5: even numbers sines, odd ones cosines.
    static Tensor Sinusoids(ModelSpec spec)
    {
        var rates = exp(arange(0, spec.Width, 2, dtype: ScalarType.Float64) * (-Math.Log(10_000) / spec.Width));
        var angles = outer(arange(spec.ContextLength, dtype: ScalarType.Float64), rates);   // [context, width / 2]
        return stack([angles.sin(), angles.cos()], -1).view(spec.ContextLength, spec.Width).to(ScalarType.Float32);
    }
}
