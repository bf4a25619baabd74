using LlmLab.Tokenizers;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>A request in tokens.</summary>
/// <param name="Parts">What to score; more than one where the continuation alone exceeds the window.</param>
/// <param name="DroppedTokens">Tokens of the context, from its start, that do not fit.</param>
sealed record EncodedRequest(IReadOnlyList<ScoredSequence> Parts, int DroppedTokens)
{
    public int TokenCount => Parts.Sum(part => part.Scored);
}

/// <summary>
/// Turns texts into token sequences as EleutherAI's lm-evaluation-harness does: white space at the end of a context moves to the
/// continuation (a leading space belongs to its word's token), both are encoded together and split where the context's own tokens end,
/// so that the continuation begins with the token that the model would meet in running text.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="window">Tokens that the model reads at once.</param>
sealed class RequestEncoding(Tokenizer tokenizer, int window)
{
    static readonly string[] before = [ReservedTokens.BeginningOfSequence, "<|begin_of_text|>", "<s>"], between = ["<|endoftext|>", "</s>", "\n"];

    readonly bool always = Find(tokenizer, before) is not null;

    /// <summary>The token that stands before a text: a beginning token, else what ends a text or a line in this vocabulary; null where there is none.</summary>
    public int? Beginning { get; } = Find(tokenizer, before) ?? Find(tokenizer, between);

    /// <summary>A context and its continuation; too long a context loses tokens from its start, a continuation never any.</summary>
    public EncodedRequest Encode(LogLikelihoodRequest request)
    {
        string context = request.Context.TrimEnd();
        string continuation = string.Concat(request.Context.AsSpan(context.Length), request.Continuation);
        if (request.Continuation.Length == 0) throw new InvalidInputException("A continuation to score is empty: give at least one character.");
        int[] given = Tokens(context, beginning: context.Length == 0), whole = Tokens(context + continuation, beginning: context.Length == 0);
        // Where a merge reached across the border and left nothing, the continuation keeps its own tokens.
        int[] scored = whole.Length > given.Length ? whole[given.Length..] : [.. tokenizer.EncodeToIds(continuation)];
        if (scored.Length == 0) return new EncodedRequest([], 0);
        int[] all = [.. given, .. scored];
        if (all.Length - 1 <= window) return new EncodedRequest([new ScoredSequence(all, scored.Length)], 0);
        if (scored.Length <= window)
        {
            // Cut in steps, so that continuations of about the same length still share the context that is left.
            int step = Math.Max(1, window / 8), excess = all.Length - 1 - window;
            int dropped = Math.Min((excess + step - 1) / step * step, given.Length - 1);
            return new EncodedRequest([new ScoredSequence(all[dropped..], scored.Length)], dropped);
        }
        return new EncodedRequest([.. ScoredSequence.Windows(all[(given.Length - 1)..], 1, window)], given.Length - 1);
    }

    /// <summary>A whole text, in windows.</summary>
    public EncodedRequest EncodeRolling(string text)
    {
        int[] tokens = Tokens(text, beginning: true);
        return new EncodedRequest(tokens.Length < 2 ? [] : [.. ScoredSequence.Windows(tokens, 1, window)], 0);
    }

    /// <summary>A prompt, cut from its start so that the answer has room: <paramref name="most"/> tokens, but at most half the window.</summary>
    public (int[] Tokens, int Dropped) EncodePrompt(string prompt, int most)
    {
        int[] tokens = Tokens(prompt, beginning: prompt.Length == 0);
        int room = Math.Max(window - most, (window + 1) / 2), dropped = Math.Max(0, tokens.Length - room);
        return (tokens[dropped..], dropped);
    }

    int[] Tokens(string text, bool beginning)
    {
        var tokens = tokenizer.EncodeToIds(text);
        if (!beginning && !always) return [.. tokens];
        int first = Beginning ?? throw new InvalidInputException("A text is to be scored from its first token, but the vocabulary has neither a beginning nor an end of text nor a line end to stand before it.");
        return [first, .. tokens];
    }

    static int? Find(Tokenizer tokenizer, IEnumerable<string> names) => tokenizer is VocabularyTokenizer vocabulary
        ? names.Select(name => vocabulary.FindId(name) ?? (name == "\n" && vocabulary.EncodeToIds(name) is [var one] ? one : (int?)null)).FirstOrDefault(id => id is not null)
        : null;
}
