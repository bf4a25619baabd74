using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Reading;

/// <summary>An answer read from passages.</summary>
/// <param name="Text">The answer, or <see cref="ReadingLayout.Refusal"/>.</param>
/// <param name="Refused">Whether no passage was found to answer.</param>
/// <param name="RefusalLogOdds">Logit of "no passage answers" less that of the best answer.</param>
/// <param name="Confidence">Probability of the answer given that there is one, 0 to 1.</param>
/// <param name="Passage">Index of the passage that the answer stands in; null where it refused.</param>
public sealed record ReadingAnswer(string Text, bool Refused, double RefusalLogOdds, double Confidence, int? Passage);

/// <summary>
/// Answers questions from passages, with a model that <see cref="ReadingTraining"/> trained: it points at the answer (Devlin et al. 2018), so
/// that it can say nothing that no passage says. Safe to call from several threads.
/// <code>
/// using var reader = Reader.Load(run);
/// var answer = reader.Answer("Who leads Amber Lantern?", ["Amber Lantern is led by Yara Dunwick."]);
/// </code>
/// </summary>
public sealed class Reader : IDisposable
{
    const int MostAnswerTokens = 32;

    readonly LanguageModel model;
    readonly ReadingLayout layout;

    /// <summary>A reader over a model; it disposes of the model.</summary>
    /// <exception cref="InvalidInputException">The model points at no spans.</exception>
    public Reader(LanguageModel model, VocabularyTokenizer tokenizer, double refusalThreshold = 0)
    {
        if (model.Spec is not { Family: ModelFamily.Encoder, SpanHead: true })
            throw new InvalidInputException("A reader needs an encoder that points at answers (SpanHead): train one with `llmlab reader train`.");
        (this.model, layout, RefusalThreshold) = (model, new ReadingLayout(tokenizer), refusalThreshold);
        model.eval();
    }

    /// <summary>The reader of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="refusalThreshold">Log-odds above which it refuses; null: as the run was calibrated.</param>
    /// <exception cref="InvalidInputException">The run trained no reader.</exception>
    public static Reader Load(Run run, double? refusalThreshold = null) => new(run.LoadModel(), run.LoadTokenizer(), refusalThreshold ?? ReaderSettings.Of(run).RefusalThreshold);

    /// <summary>Log-odds above which it refuses; <see cref="RefusalCalibration"/> finds a good one.</summary>
    public double RefusalThreshold { get; set; }

    /// <summary>The most tokens that passages and question may have together.</summary>
    public int PromptBudget => model.Spec.ContextLength;

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="passages">Texts that may answer it, the most relevant first; those that do not fit the context are not read.</param>
    /// <exception cref="InvalidInputException">The question is empty or longer than the context.</exception>
    public ReadingAnswer Answer(string question, IReadOnlyList<string> passages)
    {
        var prompt = layout.Prompt(passages, question, PromptBudget);
        float[] logits = Logits(prompt.Tokens);
        double none = logits[0] + logits[1], best = double.NegativeInfinity, total = 0;
        var (at, first, last) = (-1, 0, 0);
        foreach (var (passage, i, j) in Spans(prompt))
            if (logits[2 * i] + logits[2 * j + 1] is var score && score > best) (best, at, first, last) = (score, passage, i, j);
        foreach (var (_, i, j) in Spans(prompt)) total += Math.Exp(logits[2 * i] + logits[2 * j + 1] - best);
        double logOdds = none - best;
        if (at < 0 || logOdds > RefusalThreshold) return new ReadingAnswer(ReadingLayout.Refusal, true, logOdds, at < 0 ? 0 : 1 / total, null);
        return new ReadingAnswer(prompt.TextOf(at, first, last), false, logOdds, 1 / total, at);
    }

    // All that could be an answer: passage, first and last token.
    static IEnumerable<(int Passage, int First, int Last)> Spans(ReadingPrompt prompt)
    {
        for (int passage = 0; passage < prompt.Passages.Count; passage++)
        {
            int start = prompt.Starts[passage], end = start + prompt.Passages[passage].Tokens.Length;
            for (int i = start; i < end; i++)
                for (int j = i; j < Math.Min(end, i + MostAnswerTokens); j++) yield return (passage, i, j);
        }
    }

    // Of each token that an answer begins with it, and that one ends with it.
    float[] Logits(int[] tokens)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var pass = new ForwardPass();
        var input = new ModelInput(tensor(tokens.Select(t => (long)t).ToArray()).unsqueeze(0));
        return [.. model.Spans(model.Hidden(input, pass), pass).data<float>()];   // [1, time, 2]
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();
}
