using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Reading;

/// <summary>An answer read from passages.</summary>
/// <param name="Text">The answer, or <see cref="ReadingLayout.Refusal"/>.</param>
/// <param name="Refused">Whether no passage was found to answer.</param>
/// <param name="RefusalLogOdds">ln(p / (1 − p)) of the model's probability p, before the answer's first token, that nothing answers.</param>
/// <param name="Confidence">Probability of the answer given that there is one, 0 to 1.</param>
/// <param name="Passage">Index of the passage that the answer was copied from; null where it refused, or wrote what stands in none.</param>
public sealed record ReadingAnswer(string Text, bool Refused, double RefusalLogOdds, double Confidence, int? Passage);

/// <summary>
/// Answers questions from passages, with a model that <see cref="ReadingTraining"/> trained. Safe to call from several threads.
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
    public Reader(LanguageModel model, VocabularyTokenizer tokenizer, double refusalThreshold = 0)
    {
        (this.model, layout, RefusalThreshold) = (model, new ReadingLayout(tokenizer), refusalThreshold);
        model.eval();
    }

    /// <summary>The reader of a run.</summary>
    public static Reader Load(Run run, double refusalThreshold = 0) => new(run.LoadModel(), run.LoadTokenizer(), refusalThreshold);

    /// <summary>Log-odds above which it refuses; <see cref="RefusalCalibration"/> finds a good one.</summary>
    public double RefusalThreshold { get; set; }

    /// <summary>The most tokens that passages and question may have together.</summary>
    public int PromptBudget => model.Spec.ContextLength - MostAnswerTokens;

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="passages">Texts that may answer it, the most relevant first; those that do not fit the context are not read.</param>
    /// <exception cref="InvalidInputException">The question is empty or longer than the context.</exception>
    public ReadingAnswer Answer(string question, IReadOnlyList<string> passages)
    {
        var (prompt, read) = layout.Prompt(passages, question, PromptBudget);
        using var none = no_grad();
        using var cache = new KeyValueCache(model.Spec);
        float[] first = Probabilities(prompt, cache);
        int refusal = layout.RefusalTokens[0];
        double refuses = first[refusal];
        double logOdds = Math.Log(Math.Max(refuses, 1e-12)) - Math.Log(Math.Max(1 - refuses, 1e-12));
        if (logOdds > RefusalThreshold) return new ReadingAnswer(ReadingLayout.Refusal, true, logOdds, 1 - refuses, null);
        first[refusal] = 0;
        var written = new List<int>();
        double confidence = 1 / Math.Max(1 - refuses, 1e-12);
        for (float[] next = first; written.Count < MostAnswerTokens; next = Probabilities([written[^1]], cache))
        {
            int best = Array.IndexOf(next, next.Max());
            confidence *= next[best];
            if (best == layout.EndOfTurn) break;
            written.Add(best);
        }
        string text = layout.Decode(written);
        return new ReadingAnswer(text, false, logOdds, Math.Min(1, confidence), Source(text, question, passages, read));
    }

    // The passage that holds the answer; of several, the one with most of the question's words.
    static int? Source(string answer, string question, IReadOnlyList<string> passages, int read)
    {
        if (answer.Length == 0) return null;
        string[] words = question.Split([' ', '?', '.', ','], StringSplitOptions.RemoveEmptyEntries);
        int? best = null;
        int most = -1;
        for (int i = 0; i < read; i++)
        {
            string passage = string.Join(' ', passages[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            if (!passage.Contains(answer, StringComparison.Ordinal)) continue;
            int shared = words.Count(word => passage.Contains(word, StringComparison.OrdinalIgnoreCase));
            if (shared > most) (best, most) = (i, shared);
        }
        return best;
    }

    float[] Probabilities(int[] tokens, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var pass = new ForwardPass { Cache = cache };
        var hidden = model.Hidden(tensor(tokens.Select(t => (long)t).ToArray()).unsqueeze(0), pass);   // [1, time, width]
        return [.. model.LogitsOf(hidden[0, -1], pass).softmax(-1).data<float>()];
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();
}
