using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Models.Kernels;

namespace LlmLab.Training;

/// <summary>Computes gradients of batches; the ways to do so differ in speed and give the same numbers up to rounding.</summary>
public interface IGradientEngine : IDisposable
{
    /// <summary>Adds the gradient of a batch's mean loss, times <paramref name="share"/>, to the gradients; returns the mean loss in nats.</summary>
    /// <param name="batch">Tokens and targets.</param>
    /// <param name="share">1 / accumulation steps.</param>
    /// <param name="number">The batch's number: with the seed it decides the dropout.</param>
    double Accumulate(Batch batch, double share, long number);

    /// <summary>Sums the threads' gradients into the buffer's and returns the length of the whole (its Euclidean norm).</summary>
    double Reduce();

    /// <summary>Sets all gradients to zero, for the next step.</summary>
    void Clear();

    /// <summary>The engine for a choice of kernels and precision.</summary>
    /// <exception cref="InvalidInputException">The compiled kernels are asked for where they cannot serve: why.</exception>
    public static IGradientEngine Create(Kernels kernels, LanguageModel model, ParameterBuffer buffer, WorkerPool pool, Precision precision, long seed, int sequences, int length, bool checkpointing = false, bool pointing = false)
    {
        if (kernels != Kernels.Compiled) return new GradientEngine(model, buffer, pool, precision, seed, checkpointing);
        if (precision != Precision.BFloat16)
            throw new InvalidInputException($"The compiled kernels multiply in bfloat16, and {precision} is asked for: leave out --precision or --kernels.");
        if (CompiledWeights.WhyNot(model.Spec, length, pointing) is { } reason)
            throw new InvalidInputException($"The compiled kernels do not serve here ({reason}): use --kernels libTorch.");
        return new CompiledGradientEngine(model, buffer, pool, sequences, length);
    }
}
