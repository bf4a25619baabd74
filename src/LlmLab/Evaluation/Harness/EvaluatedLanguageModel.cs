using LlmLab.Evaluation.Harness.Scoring;
using LlmLab.Generation;
using LlmLab.Models;
using LlmLab.Tokenizers;
using LlmLab.Training;
using TorchSharp;

namespace LlmLab.Evaluation.Harness;

/// <summary>
/// A decoder with its tokenizer under evaluation. Contexts that requests have in common are read once and requests go through the model in
/// batches; <see cref="IsPlain"/> switches to one sequence at a time, which gives the same numbers up to rounding (1e-4 nats).
/// <code>
/// using var model = EvaluatedLanguageModel.Open("guide-001");
/// var scores = model.LogLikelihoods([new("The capital of France is", " Paris"), new("The capital of France is", " Rome")]);
/// </code>
/// How texts become tokens is lm-evaluation-harness's way: context and continuation are encoded together and split where the context's own
/// tokens end; white space at the end of a context moves to the continuation; an empty context is a beginning token (or what ends a text or
/// line where the vocabulary has none), which also stands before every context if the vocabulary has one. A context too long for the
/// window loses tokens from its start, an eighth of the window at a time, and each answer says how many; a continuation that alone exceeds the window is scored in windows.
/// </summary>
public sealed class EvaluatedLanguageModel : IEvaluatedModel, IDisposable
{
    readonly LanguageModel model;
    readonly VocabularyTokenizer tokenizer;
    readonly int threads;
    readonly RequestEncoding encoding;
    readonly PlainScorer plain;
    readonly TreeScorer? trees;
    readonly Lazy<string> fingerprint;

    /// <summary>Puts a model under evaluation; it is disposed with this.</summary>
    /// <param name="model">A decoder.</param>
    /// <param name="tokenizer">The tokenizer that it was trained with.</param>
    /// <param name="name">What tables call it.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    /// <exception cref="InvalidInputException">The model is no decoder, or the tokenizer is not its own.</exception>
    public EvaluatedLanguageModel(LanguageModel model, VocabularyTokenizer tokenizer, string name = "model", int threads = 0)
    {
        if (model.Spec.Family != ModelFamily.Decoder)
            throw new InvalidInputException($"\"{name}\" is of the family {model.Spec.Family}: likelihoods of continuations are defined for decoders; an encoder goes into {nameof(EvaluatedMaskedModel)}.");
        model.Spec.CheckVocabulary(tokenizer.VocabularySize, name);
        (this.model, this.tokenizer, Name) = (model, tokenizer, name);
        this.threads = threads > 0 ? threads : model.Device.type == DeviceType.CPU ? Environment.ProcessorCount : 1;
        encoding = new RequestEncoding(tokenizer, model.Spec.ContextLength);
        plain = new PlainScorer(model);
        trees = model.TakesTrees ? new TreeScorer(model, this.threads) : null;
        fingerprint = new(() => StoredModel.FingerprintOf(model, tokenizer));
    }

    /// <summary>Opens a run (its folder or its name in the workspace), a checkpoint's folder in a run, or a folder in Hugging Face's form.</summary>
    /// <param name="pathOrName">Which; null: the workspace's current model.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    /// <exception cref="InvalidInputException">There is no such model, or a file is missing or broken.</exception>
    public static EvaluatedLanguageModel Open(string? pathOrName = null, int threads = 0)
    {
        var (model, tokenizer, name) = StoredModel.Load(pathOrName);
        return new(model, tokenizer, name, threads);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>One sequence at a time, nothing shared: the plain version.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Tokens that went through the model for likelihoods so far, padding included.</summary>
    public long TokensRead => plain.TokensRead + (trees?.TokensRead ?? 0);

    /// <summary>A hash over architecture, weights and vocabulary.</summary>
    public string? Fingerprint => fingerprint.Value;

    /// <summary>The same architecture and tokenizer with fresh weights: what a model scores before it has learned anything.</summary>
    public EvaluatedLanguageModel Untrained(long seed = 1) => new(new LanguageModel(model.Spec, seed, model.Device), tokenizer, "untrained", threads);

    IEvaluatedModel? IEvaluatedModel.Untrained(long seed) => Untrained(seed);

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) => Score([.. requests.Select(encoding.Encode)]);

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) => Score([.. texts.Select(encoding.EncodeRolling)]);

    /// <inheritdoc/>
    public int DroppedTokens(GenerationRequest request) => encoding.EncodePrompt(request.Prompt, request.MaxTokens).Dropped;

    /// <inheritdoc/>
    /// <remarks>The likeliest token each time. A prompt too long for the window loses tokens from its start (<see cref="DroppedTokens"/>).</remarks>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        var answers = new string[requests.Count];
        var cancel = Operation.Current.CancellationToken;
        int next = -1;
        void Work(int worker)
        {
            for (int i; (i = Interlocked.Increment(ref next)) < answers.Length && !cancel.IsCancellationRequested;) answers[i] = Generate(requests[i]);
        }
        int count = Math.Min(threads, answers.Length);
        if (count <= 1) Work(0);
        else
        {
            using var pool = new WorkerPool(count, 1);
            pool.Run(Work);
        }
        cancel.ThrowIfCancellationRequested();
        return answers;
    }

    string Generate(GenerationRequest request)
    {
        var (prompt, _) = encoding.EncodePrompt(request.Prompt, request.MaxTokens);
        if (prompt.Length == 0) prompt = encoding.EncodePrompt("", request.MaxTokens).Tokens;
        var special = tokenizer.SpecialTokens;
        int[] ends = [.. special.Where(token => token.Key is ReservedTokens.EndOfSequence or ReservedTokens.EndOfTurn or ReservedTokens.BeginningOfSequence or "<|endoftext|>" or "</s>").Select(token => token.Value)];
        var options = new GenerationOptions
        {
            MostTokens = Math.Max(1, Math.Min(request.MaxTokens, model.Spec.ContextLength - prompt.Length + 1)),
            Temperature = 0,
            StopTokens = ends,
            ExcludedTokens = [.. special.Values.Except(ends)],
            Overflow = ContextOverflow.Stop,
        };
        var written = new List<int>();
        foreach (int token in new TextGenerator(model, tokenizer).Tokens(prompt, options))
        {
            written.Add(token);
            string text = tokenizer.Decode(written);
            int stop = request.Stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
            if (stop >= 0) return text[..stop];
        }
        return tokenizer.Decode(written);
    }

    LogLikelihood[] Score(EncodedRequest[] requests)
    {
        ScoredSequence[] sequences = [.. requests.SelectMany(request => request.Parts)];
        var scores = IsPlain || trees is null ? plain.Score(sequences) : trees.Score(sequences);
        var found = new LogLikelihood[requests.Length];
        for (int i = 0, next = 0; i < found.Length; i++)
        {
            var own = scores.AsSpan(next, requests[i].Parts.Count);
            next += own.Length;
            // What the vocabulary cannot spell has no likelihood.
            double nats = own.Length == 0 ? double.NegativeInfinity : 0;
            bool greedy = own.Length > 0;
            foreach (var score in own) (nats, greedy) = (nats + score.Nats, greedy && score.IsGreedy);
            found[i] = new LogLikelihood(nats, requests[i].TokenCount, greedy, requests[i].DroppedTokens);
        }
        return found;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => model.Dispose();
}
