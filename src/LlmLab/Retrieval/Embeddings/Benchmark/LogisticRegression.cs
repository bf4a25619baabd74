using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>Multinomial logistic regression on all examples at once: deterministic.</summary>
sealed class LogisticRegression : IDisposable
{
    const int Steps = 150;
    readonly Tensor weights;   // [width + 1, classes]; the last row is the bias

    LogisticRegression(Tensor weights) => this.weights = weights;

    /// <summary>Learns from examples.</summary>
    /// <param name="inputs">A vector each.</param>
    /// <param name="classes">The class of each, from 0.</param>
    /// <param name="count">Number of classes.</param>
    /// <param name="penalty">Weight of half the squared length of the weights, relative to the mean loss times the number of examples (1: scikit-learn's C = 1).</param>
    public static LogisticRegression Fit(float[][] inputs, int[] classes, int count, double penalty = 0.05)
    {
        using var scope = NewDisposeScope();
        var x = WithBias(inputs);
        var y = tensor(classes.Select(c => (long)c).ToArray());
        var weights = zeros(x.shape[1], count).requires_grad_(true);
        var (mean, square) = (zeros_like(weights), zeros_like(weights));
        for (int step = 1; step <= Steps; step++)
        {
            using var inner = NewDisposeScope();
            var loss = nn.functional.cross_entropy(matmul(x, weights), y) + penalty / 2 / inputs.Length * weights.square().sum();
            var gradient = autograd.grad([loss], [weights])[0];
            using var none = no_grad();
            // Adam (Kingma and Ba 2014) with a rate that falls to 0.
            mean.lerp_(gradient, 0.1);
            square.mul_(0.99).addcmul_(gradient, gradient, 0.01);
            double rate = 0.2 * (1 - (step - 1.0) / Steps) / (1 - Math.Pow(0.9, step));
            weights.addcdiv_(mean, (square / (1 - Math.Pow(0.99, step))).sqrt_().add_(1e-8), -rate);
        }
        return new LogisticRegression(weights.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>The likeliest class of each input.</summary>
    public int[] Predict(float[][] inputs)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return [.. matmul(WithBias(inputs), weights).argmax(1).data<long>().Select(c => (int)c)];
    }

    static Tensor WithBias(float[][] inputs) => tensor(inputs.SelectMany(v => v.Append(1 / MathF.Sqrt(v.Length))).ToArray(), [inputs.Length, inputs[0].Length + 1]) * Math.Sqrt(inputs[0].Length);

    public void Dispose() => weights.Dispose();
}
