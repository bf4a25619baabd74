using LlmLab.Charts;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>One line of <see cref="ModelAnalysis.Components"/>.</summary>
/// <param name="Component">The part of the model.</param>
/// <param name="Parameters">Its learned numbers.</param>
/// <param name="ForwardFlops">Floating-point operations a token of a forward pass over a full context, a multiply-add being two.</param>
public sealed record ComponentCost(string Component, long Parameters, double ForwardFlops);

/// <summary>Statistics of one activation or gradient.</summary>
/// <param name="Name">Where: "blocks.0.output", or a parameter's name.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Deviation">Standard deviation.</param>
/// <param name="Largest">Largest absolute value.</param>
public sealed record TensorStatistics(string Name, double Mean, double Deviation, double Largest);

/// <summary>Views into a model for people who want to see how it works.</summary>
public static class ModelAnalysis
{
    /// <summary>Parameters and operations by component; the last line is the sum.</summary>
    public static IReadOnlyList<ComponentCost> Components(LanguageModel model)
    {
        var spec = model.Spec;
        string Part(string name) => name switch
        {
            "tokens" => "token embedding",
            "positions" or "next_positions" or "relative.weight" or "encoder_relative.weight" => "positions",
            "head.weight" or "head_bias" => "head",
            _ when name.Contains("norm", StringComparison.Ordinal) || name.EndsWith("_scale", StringComparison.Ordinal) => "norms and scales",
            _ when name.Contains("encoder_attention", StringComparison.Ordinal) => "attention over the encoder",
            _ when name.Contains("value_tokens", StringComparison.Ordinal) => "value embeddings",
            _ when name.Contains("attention", StringComparison.Ordinal) => "attention: projections",
            _ when name.Contains("feed_forward", StringComparison.Ordinal) => "feed-forward",
            _ => "other",
        };
        var lines = model.named_parameters().GroupBy(p => Part(p.name)).Select(group => new ComponentCost(group.Key, group.Sum(p => p.parameter.numel()),
            group.Where(p => p.parameter.dim() == 2 && p.name is not ("tokens" or "positions" or "next_positions") && !p.name.EndsWith("value_tokens", StringComparison.Ordinal) && !p.name.Contains("relative", StringComparison.Ordinal)).Sum(p => 2.0 * p.parameter.numel()))).ToList();
        if (spec.TiedEmbeddings) lines.Add(new ComponentCost("head (tied)", 0, 2.0 * spec.VocabularySize * spec.Width));
        // Scores and their mix: 2 products of context × head width a head; a causal mask lets half of it count.
        int stacks = spec.DecoderLayers + (spec.Family == ModelFamily.EncoderDecoder ? spec.LayerCount : 0);
        double scores = stacks * 4.0 * spec.ContextLength * spec.HeadCount * spec.HeadSize * (spec.Family == ModelFamily.Decoder ? 0.5 : 1);
        lines.Add(new ComponentCost("attention: scores and mix", 0, scores));
        lines.Add(new ComponentCost("all", lines.Sum(l => l.Parameters), lines.Sum(l => l.ForwardFlops)));
        return lines;
    }

    /// <summary>All attention maps of a text: one chart a layer and head, rows look at columns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The text, [1, time] int64.</param>
    /// <param name="labels">A label a token.</param>
    public static IReadOnlyList<Chart> AttentionMaps(LanguageModel model, Tensor tokens, IReadOnlyList<string> labels)
    {
        var charts = new List<Chart>();
        Watch(model, tokens, (name, value) =>
        {
            if (!name.EndsWith("attention.weights", StringComparison.Ordinal)) return;
            string layer = name.Split('.')[1];
            for (int head = 0; head < value.shape[1]; head++)
                charts.Add(new Chart($"layer {layer}, head {head}") { Heatmap = new Heatmap(Matrix(value[0, head]), labels, labels), XLabel = "looked at", YLabel = "looks" });
        });
        return charts;
    }

    /// <summary>
    /// What the model would predict after each layer, if the head read that layer's output (the logit lens, nostalgebraist 2020): the
    /// likeliest token and its probability at every position.
    /// </summary>
    /// <returns>For each layer, for each position, the token and its probability.</returns>
    public static IReadOnlyList<IReadOnlyList<(int Token, double Probability)>> LogitLens(LanguageModel model, Tensor tokens)
    {
        var layers = new List<IReadOnlyList<(int, double)>>();
        Watch(model, tokens, (name, value) =>
        {
            if (!name.EndsWith(".output", StringComparison.Ordinal) || !name.StartsWith("blocks.", StringComparison.Ordinal)) return;
            var (best, index) = model.LogitsOf(model.Normalise(value), new ForwardPass())[0].softmax(-1).max(-1);
            layers.Add([.. Enumerable.Range(0, (int)best.shape[0]).Select(i => ((int)index[i].item<long>(), (double)best[i].item<float>()))]);
        });
        return layers;
    }

    /// <summary>Mean, deviation and largest value of every activation of a text, layer by layer.</summary>
    public static IReadOnlyList<TensorStatistics> Activations(LanguageModel model, Tensor tokens)
    {
        var result = new List<TensorStatistics>();
        Watch(model, tokens, (name, value) => result.Add(Statistics(name, value)));
        return result;
    }

    /// <summary>The same of every parameter's gradient for a text and its targets.</summary>
    public static IReadOnlyList<TensorStatistics> Gradients(LanguageModel model, Tensor tokens, Tensor targets)
    {
        using var scope = NewDisposeScope();
        model.zero_grad();
        model.Loss(tokens, targets).backward();
        var result = model.named_parameters().Where(p => p.parameter.grad is not null).Select(p => Statistics(p.name, p.parameter.grad!)).ToArray();
        model.zero_grad();
        return result;
    }

    /// <summary>The token embeddings on their two principal components.</summary>
    /// <param name="model">The model.</param>
    /// <param name="labels">A label a token.</param>
    public static Chart EmbeddingProjection(LanguageModel model, IReadOnlyList<string> labels)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var table = model.get_parameter("tokens")!.narrow(0, 0, Math.Min(labels.Count, model.Spec.VocabularySize));
        var centred = table - table.mean([0], keepdim: true);
        var (_, _, directions) = linalg.svd(centred, fullMatrices: false);
        var points = matmul(centred, directions.narrow(0, 0, 2).t());   // [tokens, 2]
        double[] Column(int i) => [.. points.select(1, i).contiguous().data<float>().Select(v => (double)v)];
        return new Chart("token embeddings: two principal components")
        {
            Series = [new Series("", Column(0), Column(1)) { Mark = Mark.Points, Labels = [.. labels.Take((int)points.shape[0])], ShowLabels = points.shape[0] <= 120 }],
            XLabel = "first component",
            YLabel = "second component",
        };
    }

    static void Watch(LanguageModel model, Tensor tokens, Action<string, Tensor> see)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        model.Logits(tokens, new ForwardPass { Watch = see });
    }

    static TensorStatistics Statistics(string name, Tensor value)
    {
        using var scope = NewDisposeScope();
        var full = value.detach().to(ScalarType.Float32);
        double deviation = full.numel() > 1 ? full.std().item<float>() : 0;
        return new TensorStatistics(name, full.mean().item<float>(), deviation, full.abs().max().item<float>());
    }

    static double[,] Matrix(Tensor value)
    {
        var (rows, columns) = (value.shape[0], value.shape[1]);
        float[] numbers = [.. value.contiguous().data<float>()];
        double[,] result = new double[rows, columns];
        for (int i = 0; i < numbers.Length; i++) result[i / columns, i % columns] = numbers[i];
        return result;
    }
}
