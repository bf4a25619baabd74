using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>What stands on top of the blocks: logits of tokens, tied to the embedding or not, and logits of classes.</summary>
sealed class Head
{
    readonly ModelSpec spec;
    readonly Parameter tokenTable;
    readonly Projection? untied, transform, pooler, classes, spans;
    readonly Normalization? transformNorm;
    readonly Parameter? bias;

    /// <summary>Builds the parts that the spec asks for and registers them with the model.</summary>
    public Head(ModelSpec spec, Parameter tokenTable, Action<string, nn.Module> register, Action<string, Parameter> registerParameter, Device? device)
    {
        (this.spec, this.tokenTable) = (spec, tokenTable);
        if (!spec.TiedEmbeddings) register("head", untied = new Projection(spec.Width, spec.VocabularySize, false, device));
        if (spec.HeadTransform)
        {
            register("head_transform", transform = new Projection(spec.Width, spec.Width, true, device));
            register("head_norm", transformNorm = new Normalization(spec, spec.Width, device));
            registerParameter("head_bias", bias = new Parameter(zeros(spec.VocabularySize, device: device)));
        }
        if (spec.ClassCount > 0)
        {
            register("pooler", pooler = new Projection(spec.Width, spec.Width, true, device));
            register("classes", classes = new Projection(spec.Width, spec.ClassCount, true, device));
        }
        if (spec.SpanHead) register("spans", spans = new Projection(spec.Width, 2, true, device));
    }

    public Tensor Logits(Tensor hidden, ForwardPass pass)   // [..., width] → [..., vocabulary]
    {
        using var scope = NewDisposeScope();
        var x = hidden.to(pass.OperandType);
        if (transform is not null) x = transformNorm!.call(nn.functional.gelu(transform.call(x)));
        if (spec is { ScaledTiedHead: true, TiedEmbeddings: true }) x = x * Math.Pow(spec.Width, -0.5);
        var logits = (untied is not null ? untied.call(x) : nn.functional.linear(x, tokenTable.to(x.dtype))).to(ScalarType.Float32);
        if (bias is not null) logits = logits + bias;
        if (spec.LogitSoftCap is { } cap) logits = cap * (logits / cap).tanh();
        return scope.MoveToOuter(logits);
    }

    public (Tensor Pooled, Tensor Logits) Classify(Tensor hidden, ForwardPass pass)
    {
        if (pooler is null) throw new InvalidInputException("This model tells no classes apart: its spec's ClassCount is 0.");
        using var scope = NewDisposeScope();
        var pooled = pooler.call(hidden.narrow(1, 0, 1).squeeze(1).to(pass.OperandType)).tanh();
        return (scope.MoveToOuter(pooled.to(ScalarType.Float32)), scope.MoveToOuter(classes!.call(pooled).to(ScalarType.Float32)));
    }

    public Tensor Spans(Tensor hidden, ForwardPass pass)
    {
        if (spans is null) throw new InvalidInputException("This model points at no spans: its spec's SpanHead is false.");
        return spans.call(hidden.to(pass.OperandType)).to(ScalarType.Float32);
    }
}
