namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>Tokens of which the last ones are scored, each given all before it; they fit the model's window.</summary>
/// <param name="Tokens">At most one more than the window: the last is only predicted, never read.</param>
/// <param name="Scored">How many at the end are scored, 1 to <c>Tokens.Length</c> − 1.</param>
sealed record ScoredSequence(int[] Tokens, int Scored)
{
    /// <summary>
    /// Cuts a text into sequences that fit a window, so that every token from <paramref name="first"/> on is scored once: non-overlapping
    /// windows, each after one token of context, the last one filled up with context from its left (lm-evaluation-harness's rolling windows).
    /// </summary>
    /// <param name="tokens">The text; its first token is context.</param>
    /// <param name="first">Index of the first token to score, at least 1.</param>
    /// <param name="window">Tokens that the model reads at once.</param>
    public static IEnumerable<ScoredSequence> Windows(int[] tokens, int first, int window)
    {
        for (int done = first; done < tokens.Length;)
        {
            int end = Math.Min(done + window, tokens.Length), start = Math.Max(0, end - window - 1);
            yield return new ScoredSequence(tokens[start..end], end - done);
            done = end;
        }
    }
}

/// <summary>What was found about the scored tokens of a sequence.</summary>
/// <param name="Nats">Sum of their natural log-probabilities.</param>
/// <param name="IsGreedy">Each was the likeliest at its place.</param>
readonly record struct SequenceScore(double Nats, bool IsGreedy);
