using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Makes one vector of a text (Reimers and Gurevych 2019, Sentence-BERT: the mean of the activations, here projected; with
/// <see cref="ModelSpec.WeightedPooling"/>, each place counts as much as a projection of its activation says). With
/// <see cref="ModelSpec.LexicalWidth"/> a second part stands beside it: a sum of vectors of the words themselves, each weighted by what the
/// encoder thinks of its place, so that names that were never trained on still count. Each part has length 1 before they are joined.
/// </summary>
sealed class SentenceHead
{
    readonly ModelSpec spec;
    readonly Projection semantic;
    readonly Parameter? lexicalTable, lexicalShare;
    readonly Projection? lexicalWeight, poolingWeight;

    /// <summary>Builds the parts that the spec asks for and registers them with the model.</summary>
    public SentenceHead(ModelSpec spec, Action<string, nn.Module> register, Action<string, Parameter> registerParameter, Device? device)
    {
        this.spec = spec;
        register("sentence", semantic = new Projection(spec.Width, spec.EmbeddingWidth - spec.LexicalWidth, false, device));
        if (spec.WeightedPooling) register("pooling_weight", poolingWeight = new Projection(spec.Width, 1, true, device));
        if (spec.LexicalWidth == 0) return;
        registerParameter("lexical", lexicalTable = new Parameter(zeros(spec.VocabularySize, spec.LexicalWidth, device: device)));
        registerParameter("lexical_share", lexicalShare = new Parameter(zeros(1, device: device)));
        register("lexical_weight", lexicalWeight = new Projection(spec.Width, 1, true, device));
    }

    /// <summary>[batch, time, width] and [batch, time] → [batch, embedding width], each row of length 1.</summary>
    public Tensor Embed(Tensor hidden, Tensor tokens, Tensor? mask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var x = hidden.to(ScalarType.Float32);
        var seen = (mask ?? ones_like(tokens, dtype: ScalarType.Bool)).to(ScalarType.Float32).unsqueeze(-1);   // [batch, time, 1]
        var counts = poolingWeight is null ? seen : nn.functional.softplus(poolingWeight.call(x)) * seen;
        var mean = (x * counts).sum(1) / counts.sum(1).clamp_min(1e-6);
        var meaning = Unit(semantic.call(mean));
        if (lexicalTable is null) return scope.MoveToOuter(meaning);
        var weight = nn.functional.softplus(lexicalWeight!.call(x)) * seen;   // [batch, time, 1]
        var rows = lexicalTable.index_select(0, tokens.reshape(-1)).view(tokens.shape[0], tokens.shape[1], spec.LexicalWidth);
        var words = Unit((rows * weight).sum(1));
        var share = lexicalShare!.sigmoid();   // of the squared length, and so of the cosine of two texts
        return scope.MoveToOuter(cat([meaning * (1 - share).sqrt(), words * share.sqrt()], -1));
    }

    static Tensor Unit(Tensor x) => x / x.square().sum(-1, keepdim: true).clamp_min(1e-12).sqrt();
}
