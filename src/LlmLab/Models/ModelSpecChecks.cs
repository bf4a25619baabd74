using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Models;

public sealed partial record ModelSpec
{
    static readonly JsonSerializerOptions json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The spec as indented JSON, every switch written out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, json);

    /// <summary>Reads what <see cref="ToJson"/> wrote and checks it.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="where">The file, for the error.</param>
    /// <exception cref="InvalidInputException">Not JSON, an unknown switch, or values that make no model.</exception>
    public static ModelSpec FromJson(string text, string where = "the model spec")
    {
        try
        {
            return (JsonSerializer.Deserialize<ModelSpec>(text, json) ?? throw new JsonException("it is null")).Checked();
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{where} cannot be read as a model spec: {e.Reason()}", e);
        }
    }

    /// <summary>Returns the spec if it makes a model.</summary>
    /// <exception cref="InvalidInputException">It does not; the sentence names the property, what it is, and what it must be.</exception>
    public ModelSpec Checked()
    {
        Positive(VocabularySize, nameof(VocabularySize));
        Positive(ContextLength, nameof(ContextLength));
        Positive(LayerCount, nameof(LayerCount));
        Positive(Width, nameof(Width));
        Positive(HeadCount, nameof(HeadCount));
        if (HeadWidth is null && Width % HeadCount != 0)
            throw new InvalidInputException($"The width {Width} is not divisible by the {HeadCount} heads: choose a width of {Width / HeadCount * HeadCount} or {(Width / HeadCount + 1) * HeadCount}, or set {nameof(HeadWidth)}.");
        Positive(KeyValueHeads, nameof(KeyValueHeadCount));
        if (HeadCount % KeyValueHeads != 0)
            throw new InvalidInputException($"{HeadCount} heads cannot share {KeyValueHeads} key-value heads evenly: {nameof(KeyValueHeadCount)} must divide {nameof(HeadCount)}.");
        Positive(HeadSize, nameof(HeadWidth));
        if (Positions == PositionKind.Rotary && HeadSize % 2 != 0)
            throw new InvalidInputException($"Rotary positions turn pairs of numbers, but a head is {HeadSize} wide: make it even ({nameof(HeadWidth)}, or width / heads).");
        if (Positions == PositionKind.Sinusoidal && Width % 2 != 0)
            throw new InvalidInputException($"Sinusoidal positions need an even width, found {Width}.");
        if (RotaryBase <= 1) throw new InvalidInputException($"{nameof(RotaryBase)} must be above 1, found {RotaryBase}.");
        Positive(FeedForwardSize, nameof(FeedForwardWidth));
        if (NormEpsilon < 0) throw new InvalidInputException($"{nameof(NormEpsilon)} must not be negative, found {NormEpsilon}.");
        if (Dropout is < 0 or >= 1) throw new InvalidInputException($"{nameof(Dropout)} must be at least 0 and below 1, found {Dropout}.");
        if (ShortConvolution is < 0 or > 16) throw new InvalidInputException($"{nameof(ShortConvolution)} must be 0 to 16 earlier tokens, found {ShortConvolution}.");
        if (ShortConvolution > 0 && TargetPositions && Family == ModelFamily.Decoder)
            throw new InvalidInputException($"{nameof(ShortConvolution)} looks at neighbours in the text, so it is for models that read in order: set it to 0, or {nameof(TargetPositions)} to false.");
        if (LogitSoftCap <= 0) throw new InvalidInputException($"{nameof(LogitSoftCap)} must be above 0 (null switches it off), found {LogitSoftCap}.");
        if (SlidingWindow is { } window) Positive(window, nameof(SlidingWindow));
        if (FullAttentionEvery < 0) throw new InvalidInputException($"{nameof(FullAttentionEvery)} must not be negative, found {FullAttentionEvery}.");
        if (DecoderLayerCount is { } decoderLayers) Positive(decoderLayers, nameof(DecoderLayerCount));
        if (Family != ModelFamily.Decoder && (SlidingWindow is not null || ValueEmbeddings))
            throw new InvalidInputException($"Sliding windows and value embeddings are switches of decoders; this spec is of the family {Family}.");
        if (TargetPositions && (Family, Positions, SlidingWindow) is not ((ModelFamily.Decoder, PositionKind.Learned or PositionKind.Rotary, null) or (ModelFamily.EncoderDecoder, PositionKind.Rotary, null)))
            throw new InvalidInputException($"{nameof(TargetPositions)} needs a decoder with learned or rotary positions, or an encoder–decoder with rotary ones, without a sliding window; found {Family} with {Positions}{(SlidingWindow is null ? "" : $" and a window of {SlidingWindow}")}.");
        if (Positions == PositionKind.RelativeBias && (RelativeBuckets < 4 || RelativeBuckets % 2 != 0 || RelativeDistance < RelativeBuckets))
            throw new InvalidInputException($"Relative positions need an even number of at least 4 buckets and a distance of at least that, found {RelativeBuckets} and {RelativeDistance}.");
        if (EmbeddingWidth < 0 || LexicalWidth < 0 || LexicalWidth > 0 && LexicalWidth >= EmbeddingWidth)
            throw new InvalidInputException($"{nameof(LexicalWidth)} is a part of {nameof(EmbeddingWidth)}: both at least 0 and the first below the second, found {LexicalWidth} and {EmbeddingWidth}.");
        if (TokenTypeCount < 0 || ClassCount < 0) throw new InvalidInputException($"{nameof(TokenTypeCount)} and {nameof(ClassCount)} must not be negative.");
        if (EmbeddingDeviation < 0 || HeadDeviation < 0 || WeightDeviation < 0)
            throw new InvalidInputException("Standard deviations of initial weights must not be negative.");
        return this;
    }

    /// <summary>Checks that tokens of a tokenizer fit this model.</summary>
    /// <exception cref="InvalidInputException">The tokenizer knows more tokens than the model.</exception>
    public void CheckVocabulary(int tokenizerSize, string tokenizer)
    {
        if (tokenizerSize > VocabularySize)
            throw new InvalidInputException($"The tokenizer {tokenizer} has {tokenizerSize} tokens but the model's vocabulary only {VocabularySize}: use the tokenizer that the model was trained with, or train a model with VocabularySize {tokenizerSize}.");
    }

    static void Positive(int value, string name)
    {
        if (value < 1) throw new InvalidInputException($"{name} must be at least 1, found {value}.");
    }
}
