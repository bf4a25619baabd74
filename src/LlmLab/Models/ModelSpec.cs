using System.Text.Json.Serialization;

namespace LlmLab.Models;

/// <summary>What reads what.</summary>
public enum ModelFamily
{
    /// <summary>Each token sees itself and those before it; predicts the next one (GPT, Llama, Qwen, nanochat).</summary>
    Decoder,
    /// <summary>Each token sees all; predicts masked ones, or represents the text (BERT).</summary>
    Encoder,
    /// <summary>An encoder reads the source, a decoder writes the target and looks at the encoder's output (the original transformer, T5, BART).</summary>
    EncoderDecoder,
}

/// <summary>How the model knows where a token stands.</summary>
public enum PositionKind
{
    /// <summary>No positions: a decoder can still infer some order from its causal mask.</summary>
    None,
    /// <summary>A learned vector a position, added to the embedding (GPT-2, BERT).</summary>
    Learned,
    /// <summary>Fixed sines and cosines, added to the embedding (Vaswani et al. 2017).</summary>
    Sinusoidal,
    /// <summary>Queries and keys are rotated by an angle that grows with the position (Su et al. 2021; Llama, Qwen, nanochat).</summary>
    Rotary,
    /// <summary>A learned number a head and distance, in buckets that widen with the distance, is added to attention scores; shared by all layers of a stack (T5).</summary>
    RelativeBias,
}

/// <summary>How activations are normalised.</summary>
public enum NormKind
{
    /// <summary>Mean 0 and variance 1 over the width, then gain and bias (Ba et al. 2016; GPT-2, BERT).</summary>
    LayerNorm,
    /// <summary>Root mean square 1 over the width, then gain (Zhang and Sennrich 2019; Llama, T5).</summary>
    RmsNorm,
}

/// <summary>Where a block normalises.</summary>
public enum NormPlacement
{
    /// <summary>Before each sub-layer, x + f(norm(x)), and once at the end: trains without tricks (GPT-2 and all since).</summary>
    Pre,
    /// <summary>After each residual sum, norm(x + f(x)) (the original transformer, BERT).</summary>
    Post,
}

/// <summary>The non-linearity of the feed-forward layer.</summary>
public enum Activation
{
    /// <summary>x·Φ(x), exact (Hendrycks and Gimpel 2016; BERT, nanoGPT).</summary>
    Gelu,
    /// <summary>GELU by its tanh approximation (GPT-2).</summary>
    GeluTanh,
    /// <summary>max(0, x) (the original transformer, T5).</summary>
    Relu,
    /// <summary>max(0, x)²: 1–2 % better than GELU in modded-nanogpt and cheaper (So et al. 2021, Primer).</summary>
    ReluSquared,
    /// <summary>silu(gate)·up with three matrices (Shazeer 2020; Llama, Qwen).</summary>
    SwiGlu,
    /// <summary>gelu_tanh(gate)·up with three matrices (Shazeer 2020; T5 1.1).</summary>
    GeGlu,
}

/// <summary>
/// The architecture of a transformer language model as data: every modern trick is a switch here, so that one module serves GPT-2,
/// Llama, Qwen and nanochat alike, and an ablation is <c>spec with { Positions = PositionKind.Learned }</c>. The defaults are GPT-2's.
/// What each trick gained is quoted from public work (nanochat's log, modded-nanogpt's records) or from the project's own runs.
/// </summary>
public sealed partial record ModelSpec
{
    /// <summary>Decoder, encoder, or both.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Decoder;

    /// <summary>Number of different tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Most tokens that the model sees at once.</summary>
    public int ContextLength { get; init; } = 64;

    /// <summary>Number of blocks, each attention then feed-forward.</summary>
    public int LayerCount { get; init; } = 4;

    /// <summary>Blocks of the decoder stack of an encoder–decoder, <see cref="LayerCount"/> being the encoder's; null: as many.</summary>
    public int? DecoderLayerCount { get; init; }

    /// <summary>Width of the residual stream: numbers a token is represented by.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Attention heads a layer.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>
    /// Heads of keys and values: fewer than <see cref="HeadCount"/> is grouped-query attention (Ainslie et al. 2023), 1 is multi-query
    /// (Shazeer 2019): the cache of generation shrinks by the same factor. Null: as many as heads.
    /// </summary>
    public int? KeyValueHeadCount { get; init; }

    /// <summary>Numbers a head. Null: <see cref="Width"/> / <see cref="HeadCount"/>.</summary>
    public int? HeadWidth { get; init; }

    /// <summary>Width inside the feed-forward layer. Null: 4 × width, for gated activations 8/3 × width rounded up to a multiple of 32.</summary>
    public int? FeedForwardWidth { get; init; }

    /// <summary>How positions are known. Rotary: −0.03 nats against learned ones on Shakespeare at 0.8 M parameters.</summary>
    public PositionKind Positions { get; init; } = PositionKind.Learned;

    /// <summary>Base of the rotary angles: position·base^(−2i/headWidth). 1,000–10,000 suits contexts up to 512.</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>Rotate by minus the angle, as nanochat does: the same model family, needed to load its weights.</summary>
    public bool RotaryNegative { get; init; }

    /// <summary>Relative bias: number of buckets, half of them for each direction in an encoder (T5: 32).</summary>
    public int RelativeBuckets { get; init; } = 32;

    /// <summary>Relative bias: distance from which on all share the last bucket (T5: 128).</summary>
    public int RelativeDistance { get; init; } = 128;

    /// <summary>
    /// Each token carries a second position, that of the token to be predicted next, so that a decoder can read and write in any
    /// order: permutation language modelling (XLNet, Yang et al. 2019) in the form of σ-GPT (Pannier et al. 2024), with one stream of
    /// attention instead of XLNet's two. With rotary positions nothing is added: keys are turned by their own position and queries by that
    /// of the token to be predicted, so that attention sees how far each known token stands from the wanted one (as XLNet's relative
    /// positions do). Limits: the order is fixed before a pass, and representations are not those of XLNet's content stream.
    /// In an encoder–decoder with rotary positions the decoder's queries to the source stand at the place of the sentinel whose span they
    /// write, and the source's keys at their own (the first of GLM's two positions, Du et al. 2022), so that a hole's neighbours are near.
    /// </summary>
    public bool TargetPositions { get; init; }

    /// <summary>Kinds of tokens that are marked by an embedding of their own, such as first and second sentence (BERT: 2); 0: none.</summary>
    public int TokenTypeCount { get; init; }

    /// <summary>Stretching of the rotary angles for contexts longer than trained (Llama 3's rule), or null.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>Kind of normalisation.</summary>
    public NormKind Norm { get; init; } = NormKind.LayerNorm;

    /// <summary>Where blocks normalise.</summary>
    public NormPlacement NormPlacement { get; init; } = NormPlacement.Pre;

    /// <summary>Learned gains in norms. nanochat does without: fewer parameters, same loss.</summary>
    public bool NormGain { get; init; } = true;

    /// <summary>Added to the variance before the root.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Normalise the embedding before the first block (nanochat; BERT's LayerNorm of the embeddings).</summary>
    public bool NormAfterEmbedding { get; init; }

    /// <summary>Divide attention scores by √(head width). T5 does not, and starts with smaller weights instead.</summary>
    public bool ScaledAttention { get; init; } = true;

    /// <summary>Normalise queries and keys a head (Henry et al. 2020; Qwen 3, nanochat): steadier attention at high learning rates.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Queries and keys are normalised before (Qwen 3) or after (nanochat) the rotation; without gains it is the same.</summary>
    public bool QueryKeyNormAfterRotation { get; init; }

    /// <summary>Non-linearity of the feed-forward layer.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Use the embedding as output head too (Press and Wolf 2017). Untied: 5,100 → 4,578 steps in modded-nanogpt, with more parameters.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>A tied head reads activations × width^−½ (T5).</summary>
    public bool ScaledTiedHead { get; init; }

    /// <summary>A dense layer, GELU and norm before the head, and a bias a token on its logits (BERT's masked-language-model head).</summary>
    public bool HeadTransform { get; init; }

    /// <summary>Classes that <see cref="LanguageModel.Classify"/> tells apart, from the first token's pooled activation; 0: none.</summary>
    public int ClassCount { get; init; }

    /// <summary>Two logits a token (<see cref="LanguageModel.Spans"/>): that an answer begins with it, and that one ends with it.</summary>
    public bool SpanHead { get; init; }

    /// <summary>Numbers of a text's embedding (<see cref="LanguageModel.Embed(ModelInput, ForwardPass)"/>); 0: none.</summary>
    public int EmbeddingWidth { get; init; }

    /// <summary>
    /// How many of the <see cref="EmbeddingWidth"/> numbers come from the words themselves, weighted by the encoder, instead of from the
    /// mean of its activations: names that were never trained on are then told apart. 0: none.
    /// </summary>
    public int LexicalWidth { get; init; }

    /// <summary>A text's embedding is a weighted mean of its activations, the weights learned, instead of a plain one: what says little may count little.</summary>
    public bool WeightedPooling { get; init; }

    /// <summary>Biases in linear layers and LayerNorms. Without: a bit better and faster (nanoGPT).</summary>
    public bool Biases { get; init; }

    /// <summary>Share of activations set to zero in training, 0 to 1 (Srivastava et al. 2014). For data read many times over.</summary>
    public double Dropout { get; init; }

    /// <summary>Logits become cap·tanh(logits/cap) (Gemma 2; 15 in nanochat: −7 % steps), or null.</summary>
    public double? LogitSoftCap { get; init; }

    /// <summary>Output projections of attention and feed-forward start at zero: every block starts as the identity (muP, modded-nanogpt).</summary>
    public bool ZeroInitialisedProjections { get; init; }

    /// <summary>A learned vector a token is added to the values of alternate layers, gated a head (modded-nanogpt: −13 % steps; nanochat).</summary>
    public bool ValueEmbeddings { get; init; }

    /// <summary>Each block sees the first embedding again: x ← a·x + b·x₀ with learned a and b a layer (modded-nanogpt, nanochat: −0.01 bits per byte at depth 8).</summary>
    public bool InitialEmbeddingSkip { get; init; }

    /// <summary>
    /// Before attention, each token's normalised activation gets a learned share, channel by channel, of those of so many tokens before it,
    /// so that an attention head can look for "what followed this word" in one layer instead of two: copying from the text (induction)
    /// forms in a fraction of the tokens. Smeared keys (Olsson et al. 2022), Canon layers (Allen-Zhu 2025: 3). In encoders the shares are of as many tokens
    /// after it too, so that a hidden token's place knows its neighbours before attention has learned to find them. 0: none.
    /// </summary>
    public int ShortConvolution { get; init; }

    /// <summary>Residual connections. Off only to show why they are there: deep stacks then hardly learn (He et al. 2015).</summary>
    public bool ResidualConnections { get; init; } = true;

    /// <summary>Tokens a position may look back, itself included, in windowed layers (Beltagy et al. 2020; Mistral); null: all.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>With a window: every so many layers one attends to everything (and the last does). 0: all layers are windowed.</summary>
    public int FullAttentionEvery { get; init; }

    /// <summary>Standard deviation of the initial weights of blocks; null: uniform in ±√3/√(inputs), nanochat's choice.</summary>
    public double? WeightDeviation { get; init; } = 0.02;

    /// <summary>Standard deviation of the initial embeddings.</summary>
    public double EmbeddingDeviation { get; init; } = 0.02;

    /// <summary>Standard deviation of the initial untied head.</summary>
    public double HeadDeviation { get; init; } = 0.02;

    /// <summary>Output projections start smaller by 1/√(2·layers) (GPT-2, section 2.3), where they do not start at zero.</summary>
    public bool ScaledResidualInitialisation { get; init; } = true;

    /// <summary>Heads of keys and values, resolved.</summary>
    [JsonIgnore]
    public int KeyValueHeads => KeyValueHeadCount ?? HeadCount;

    /// <summary>Numbers a head, resolved.</summary>
    [JsonIgnore]
    public int HeadSize => HeadWidth ?? Width / HeadCount;

    /// <summary>Width inside the feed-forward layer, resolved.</summary>
    [JsonIgnore]
    public int FeedForwardSize => FeedForwardWidth ?? (IsGated ? (8 * Width / 3 + 31) / 32 * 32 : 4 * Width);

    /// <summary>Whether the feed-forward layer has a gate and so three matrices.</summary>
    [JsonIgnore]
    public bool IsGated => Activation is Activation.SwiGlu or Activation.GeGlu;

    /// <summary>Blocks of the decoder stack, resolved.</summary>
    [JsonIgnore]
    public int DecoderLayers => Family == ModelFamily.EncoderDecoder ? DecoderLayerCount ?? LayerCount : LayerCount;

    /// <summary>The window of a layer, or null where it attends to everything before it.</summary>
    public int? WindowOf(int layer) =>
        SlidingWindow is { } window && (FullAttentionEvery == 0 || ((layer + 1) % FullAttentionEvery != 0 && layer != LayerCount - 1)) ? window : null;

    /// <summary>Whether a layer has a value embedding: every second one, and always the last (nanochat).</summary>
    public bool HasValueEmbedding(int layer) => ValueEmbeddings && layer % 2 == (LayerCount - 1) % 2;
}

/// <summary>Llama 3's stretching of rotary angles to longer contexts: low frequencies are divided by a factor, high ones kept, those between blended.</summary>
/// <param name="Factor">How many times longer the context becomes.</param>
/// <param name="LowFrequencyFactor">Wavelengths above original context / this are stretched fully.</param>
/// <param name="HighFrequencyFactor">Wavelengths below original context / this are kept.</param>
/// <param name="OriginalContextLength">Context that the model was trained with.</param>
public sealed record RotaryScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContextLength);
