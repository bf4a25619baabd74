using System.Text;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.LanguageModels;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Fluency;

/// <summary>How surprising texts are to a model that did not write them.</summary>
/// <param name="Reference">The judging model's name.</param>
/// <param name="Loss">Nats a token over all texts, with a bootstrap interval over texts.</param>
/// <param name="BitsPerByte">Bits a byte over all texts, comparable between judging models.</param>
/// <param name="ByText">Nats a token of each text; NaN for one of which no token was scored.</param>
/// <param name="Skipped">Texts of which no token was scored, such as empty ones.</param>
public sealed record ReferencePerplexity(string Reference, Estimate Loss, double BitsPerByte, IReadOnlyList<double> ByText, int Skipped)
{
    /// <summary>e to the loss.</summary>
    public double Perplexity => Math.Exp(Loss.Value);

    /// <summary>
    /// Scores samples of one model by another (as W. Fedus et al., "MaskGAN", 2018, and many since). Low is fluent to the reference, or dull: a
    /// text that repeats itself is likely too, so read it beside <see cref="Text.Diversity"/>; people's own texts show what value to aim at.
    /// </summary>
    /// <param name="reference">The judging model: a better or larger one, or an n-gram model of people's texts.</param>
    /// <param name="texts">The samples; empty ones are counted and left out.</param>
    /// <exception cref="InvalidInputException">No text could be scored.</exception>
    public static ReferencePerplexity Of(IEvaluatedModel reference, IReadOnlyList<string> texts)
    {
        int[] written = [.. Enumerable.Range(0, texts.Count).Where(i => texts[i].Length > 0)];
        var answers = reference.RollingLogLikelihoods([.. written.Select(i => texts[i])]);
        double[] byText = [.. Enumerable.Repeat(double.NaN, texts.Count)];
        for (var i = 0; i < written.Length; i++)
            if (answers[i].TokenCount > 0) byText[written[i]] = -answers[i].Nats / answers[i].TokenCount;
        int[] scored = [.. Enumerable.Range(0, written.Length).Where(i => answers[i].TokenCount > 0)];
        if (scored.Length == 0) throw new InvalidInputException($"{reference.Name} was to judge {texts.Count} samples, and none has a token that it scores; give at least one text that is not empty.");
        var loss = Bootstrap.Of(scored.Length, draw => -draw.Sum(i => answers[scored[i]].Nats) / draw.Sum(i => (double)answers[scored[i]].TokenCount));
        return new(reference.Name, loss, TokenLoss.BitsPerByte(-scored.Sum(i => answers[i].Nats), scored.Sum(i => (long)Encoding.UTF8.GetByteCount(texts[written[i]]))), byText, texts.Count - scored.Length);
    }
}
