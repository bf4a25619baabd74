using LlmLab.Evaluation.Harness.Scoring;
using LlmLab.Models;
using LlmLab.Tokenizers;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// An encoder that fills in masks, under evaluation. It gives no likelihood of a text, but a pseudo-log-likelihood by which two sentences can be
/// compared (J. Salazar et al. 2020): the sum over the tokens of the log-probability of each, hidden, given all the others. Of a pair with
/// <see cref="SentencePair.SharedTokens"/> only the tokens that both sentences have are hidden and scored (N. Nangia et al. 2020).
/// <code>
/// using var model = EvaluatedMaskedModel.Open("bert-base-uncased");
/// var score = model.PairLogLikelihoods([new("The cats sleep.", "The cats sleeps.")])[0];
/// </code>
/// A text stands as the model knows it: between [CLS] and [SEP], or after the beginning token of a vocabulary trained here; those are never
/// scored. A text longer than the window: each hidden token is seen amid the nearest ones that fit.
/// </summary>
public sealed class EvaluatedMaskedModel : IEvaluatedModel, IDisposable
{
    static readonly string[] masks = ["[MASK]", ReservedTokens.Mask, "<mask>"];
    static readonly (string Before, string? After)[] frames = [("[CLS]", "[SEP]"), (ReservedTokens.BeginningOfSequence, null), ("<s>", "</s>")];

    readonly LanguageModel model;
    readonly VocabularyTokenizer tokenizer;
    readonly int[] before, after;
    readonly MaskedScorer scorer;
    readonly Lazy<string> fingerprint;

    /// <summary>Puts a model under evaluation; it is disposed with this.</summary>
    /// <param name="model">An encoder that was trained to fill in masks.</param>
    /// <param name="tokenizer">The tokenizer that it was trained with.</param>
    /// <param name="name">What tables call it.</param>
    /// <exception cref="InvalidInputException">The model is no encoder, the tokenizer is not its own, or it has no mask.</exception>
    public EvaluatedMaskedModel(LanguageModel model, VocabularyTokenizer tokenizer, string name = "model")
    {
        if (model.Spec.Family != ModelFamily.Encoder)
            throw new InvalidInputException($"\"{name}\" is of the family {model.Spec.Family}: only encoders fill in masks; a decoder goes into {nameof(EvaluatedLanguageModel)}.");
        model.Spec.CheckVocabulary(tokenizer.VocabularySize, name);
        int mask = masks.Select(tokenizer.FindId).FirstOrDefault(id => id is not null)
            ?? throw new InvalidInputException($"The vocabulary of \"{name}\" has no mask ({string.Join(", ", masks)}): a model without one cannot say how likely a hidden token is.");
        (this.model, this.tokenizer, Name) = (model, tokenizer, name);
        var frame = frames.FirstOrDefault(frame => tokenizer.FindId(frame.Before) is not null && (frame.After is null || tokenizer.FindId(frame.After) is not null));
        (before, after) = (IdOf(frame.Before), IdOf(frame.After));
        scorer = new MaskedScorer(model, mask);
        fingerprint = new(() => StoredModel.FingerprintOf(model, tokenizer) + "-masked");
    }

    /// <summary>Opens a run (its folder or its name in the workspace), a checkpoint's folder in a run, or a folder in Hugging Face's form.</summary>
    /// <param name="pathOrName">Which; null: the workspace's current model.</param>
    /// <exception cref="InvalidInputException">There is no such model, it is no encoder, or a file is missing or broken.</exception>
    public static EvaluatedMaskedModel Open(string? pathOrName = null)
    {
        var (model, tokenizer, name) = StoredModel.Load(pathOrName);
        return new(model, tokenizer, name);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string? Fingerprint => fingerprint.Value;

    /// <summary>One hidden token at a time: the plain version.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The same architecture and tokenizer with fresh weights.</summary>
    public EvaluatedMaskedModel Untrained(long seed = 1) => new(new LanguageModel(model.Spec, seed, model.Device), tokenizer, "untrained");

    IEvaluatedModel? IEvaluatedModel.Untrained(long seed) => Untrained(seed);

    /// <summary>The pseudo-log-likelihood of each text over all its tokens.</summary>
    public IReadOnlyList<LogLikelihood> PseudoLogLikelihoods(IReadOnlyList<string> texts) =>
        Score([.. texts.Select(text => tokenizer.Encode(text)).Select(tokens => (tokens, Enumerable.Range(0, tokens.Length).ToArray()))]);

    /// <inheritdoc/>
    public IReadOnlyList<PairLikelihood> PairLogLikelihoods(IReadOnlyList<SentencePair> pairs)
    {
        var scores = Score([.. pairs.SelectMany(Halves)]);
        return [.. pairs.Select((_, i) => new PairLikelihood(scores[2 * i], scores[2 * i + 1]))];
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">Always: a masked model gives no likelihood of what comes next.</exception>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => throw Cannot("it gives no likelihood of a continuation");

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">Always: a pseudo-likelihood is no likelihood, and its perplexity would not compare with a decoder's.</exception>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => throw Cannot("it gives no likelihood of a text, and so no perplexity");

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">Always: a masked model does not write.</exception>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests) => throw Cannot("it does not write");

    InvalidInputException Cannot(string what) => new($"{Name} is a masked model (an encoder): {what}; choose tasks that compare two sentences (crows_pairs, company_factuality), or a decoder.");

    IEnumerable<(int[] Tokens, int[] Scored)> Halves(SentencePair pair)
    {
        int[] first = tokenizer.Encode(pair.First), second = tokenizer.Encode(pair.Second);
        if (!pair.SharedTokens) return [(first, [.. Enumerable.Range(0, first.Length)]), (second, [.. Enumerable.Range(0, second.Length)])];
        var shared = SharedTokens.Of(first, second);
        return [(first, [.. shared.Select(places => places.First)]), (second, [.. shared.Select(places => places.Second)])];
    }

    LogLikelihood[] Score((int[] Tokens, int[] Scored)[] texts)
    {
        int room = model.Spec.ContextLength - before.Length - after.Length;
        if (room < 1) throw new InvalidInputException($"The window of {Name}, {model.Spec.ContextLength} tokens, has no room for text.");
        var scores = scorer.Score([.. texts.SelectMany(text => text.Scored.Select(place => Hide(text.Tokens, place, room)))], IsPlain ? 1 : MaskedScorer.TokensAtOnce);
        var found = new LogLikelihood[texts.Length];
        for (int i = 0, next = 0; i < found.Length; i++)
        {
            var own = scores.AsSpan(next, texts[i].Scored.Length);
            next += own.Length;
            double nats = 0;
            bool greedy = true;
            foreach (var score in own) (nats, greedy) = (nats + score.Nats, greedy && score.IsGreedy);
            found[i] = new LogLikelihood(nats, own.Length, greedy);
        }
        return found;
    }

    HiddenToken Hide(int[] tokens, int place, int room)
    {
        int start = Math.Clamp(place - room / 2, 0, Math.Max(0, tokens.Length - room)), end = Math.Min(tokens.Length, start + room);
        return new HiddenToken([.. before, .. tokens[start..end], .. after], before.Length + place - start);
    }

    int[] IdOf(string? token) => token is not null && tokenizer.FindId(token) is { } id ? [id] : [];

    /// <summary>Frees the model.</summary>
    public void Dispose() => model.Dispose();
}
