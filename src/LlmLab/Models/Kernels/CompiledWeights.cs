using System.Runtime.InteropServices;

namespace LlmLab.Models.Kernels;

/// <summary>A weight matrix [outputs, inputs] and its two packed forms, for the way forward and back.</summary>
/// <param name="Offset">Its place in the flat buffers of weights and gradients.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Forward">The transpose, [inputs, outputs padded to 16].</param>
/// <param name="Backward">[outputs padded to 16, inputs].</param>
sealed record CompiledMatrix(long Offset, int Outputs, int Inputs, Panels Forward, Panels Backward)
{
    public int PaddedOutputs => Forward.Columns;
}

/// <summary>Where a layer's weights lie; −1 for a vector that the spec leaves out.</summary>
sealed record CompiledLayer(CompiledMatrix Packed, CompiledMatrix Output, CompiledMatrix Up, CompiledMatrix Down, long AttentionGain, long FeedForwardGain, long ResidualScale, long InitialScale, long ShortConvolution);

/// <summary>
/// A model's weights as the compiled pass reads them: bfloat16 copies of the matrices, packed anew after each optimizer step, and the
/// places of the rest in the flat float32 buffer.
/// </summary>
sealed unsafe class CompiledWeights : IDisposable
{
    readonly List<CompiledMatrix> matrices = [];
    readonly List<nint> memory = [];
    readonly IReadOnlyDictionary<string, long> offsets;

    /// <param name="spec">A spec for which <see cref="WhyNot"/> is null.</param>
    /// <param name="offsets">Each parameter's place in the flat buffer, by its name in <see cref="LanguageModel"/>.</param>
    public CompiledWeights(ModelSpec spec, IReadOnlyDictionary<string, long> offsets)
    {
        (Spec, this.offsets) = (spec, offsets);
        int inner = spec.HeadCount * spec.HeadSize;
        Layers = [.. Enumerable.Range(0, spec.LayerCount).Select(layer => new CompiledLayer(
            Matrix($"blocks.{layer}.attention.packed.weight", 3 * inner, spec.Width),
            Matrix($"blocks.{layer}.attention.output.weight", spec.Width, inner),
            Matrix($"blocks.{layer}.feed_forward.up.weight", spec.FeedForwardSize, spec.Width),
            Matrix($"blocks.{layer}.feed_forward.down.weight", spec.Width, spec.FeedForwardSize),
            Place($"blocks.{layer}.attention_norm.weight"),
            Place($"blocks.{layer}.feed_forward_norm.weight"),
            Place($"blocks.{layer}.residual_scale"),
            Place($"blocks.{layer}.initial_scale"),
            Place($"blocks.{layer}.short_convolution.weight")))];
        if (spec.Family == ModelFamily.Decoder) Head = Matrix(spec.TiedEmbeddings ? "tokens" : "head.weight", spec.VocabularySize, spec.Width);
        Tokens = offsets["tokens"];
        Positions = Place("positions");
        EmbeddingGain = Place("embedding_norm.weight");
        FinalGain = Place("final_norm.weight");
        SpanWeight = Place("spans.weight");
        SpanBias = Place("spans.bias");
    }

    public ModelSpec Spec { get; }
    public CompiledLayer[] Layers { get; }
    /// <summary>Logits of tokens; null in an encoder, which points at answers.</summary>
    public CompiledMatrix? Head { get; }
    public long Tokens { get; }
    public long Positions { get; }
    public long EmbeddingGain { get; }
    public long FinalGain { get; }
    /// <summary>[2, width].</summary>
    public long SpanWeight { get; }
    /// <summary>[2].</summary>
    public long SpanBias { get; }

    /// <summary>Why this machine or spec cannot use the compiled pass, in a few words; null if it can.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="length">Tokens of a training sequence, or of the longest text.</param>
    /// <param name="pointing">It learns to point at answers instead of predicting tokens.</param>
    public static string? WhyNot(ModelSpec spec, int length, bool pointing = false) => spec switch
    {
        _ when !Product.IsSupported => "a processor without AVX2",
        { Family: not ModelFamily.Decoder } when !(pointing && spec is { Family: ModelFamily.Encoder, SpanHead: true }) => "an encoder",
        { TargetPositions: true } or { TokenTypeCount: > 0 } or { HeadTransform: true } or { ScaledAttention: false } or { ScaledTiedHead: true } => "parts that common decoders lack",
        { Positions: PositionKind.RelativeBias } => "relative positions",
        { Dropout: > 0 } => "dropout",
        { Biases: true } => "biases",
        { NormPlacement: not NormPlacement.Pre } => "norms after the sum",
        { ResidualConnections: false } => "no residual connections",
        { IsGated: true } => "a gated feed-forward layer",
        { ValueEmbeddings: true } => "value embeddings",
        { SlidingWindow: not null } => "a sliding window",
        { Positions: PositionKind.Sinusoidal } => "sinusoidal positions",
        { QueryKeyNorm: true, NormGain: true } => "gains in the norms of queries and keys",
        _ when spec.KeyValueHeads != spec.HeadCount => "shared key and value heads",
        _ when spec.QueryKeyNorm && spec.Norm != NormKind.RmsNorm => "LayerNorm of queries and keys",
        _ when spec.Width % 16 != 0 || spec.HeadSize % 16 != 0 || spec.FeedForwardSize % 16 != 0 || length % 16 != 0 => "a width, head width or length that is no multiple of 16",
        _ => null,
    };

    /// <summary>Packs this worker's share of the matrices from the float32 weights.</summary>
    public void Pack(float* values, int worker, int workers)
    {
        for (int i = worker; i < matrices.Count; i += workers)
        {
            var matrix = matrices[i];
            BFloat16.PackTransposed(values + matrix.Offset, matrix.Inputs, matrix.Outputs, matrix.Forward);
            BFloat16.Pack(values + matrix.Offset, matrix.Inputs, matrix.Outputs, matrix.Backward);
        }
    }

    long Place(string name) => offsets.TryGetValue(name, out long offset) ? offset : -1;

    CompiledMatrix Matrix(string name, int outputs, int inputs)
    {
        int padded = (outputs + 15) / 16 * 16;
        var matrix = new CompiledMatrix(offsets[name], outputs, inputs, NewPanels(inputs, padded), NewPanels(padded, inputs));
        matrices.Add(matrix);
        return matrix;
    }

    Panels NewPanels(int rows, int columns)
    {
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)rows * (nuint)columns * sizeof(ushort), 64);
        memory.Add(address);
        return new Panels((ushort*)address, rows, columns);
    }

    public void Dispose()
    {
        foreach (nint address in memory) NativeMemory.AlignedFree((void*)address);
        memory.Clear();
    }
}
