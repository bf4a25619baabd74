namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// The losses of language models, in double precision and written out: what training and evaluation compute faster on tensors is tested
/// against these. All logarithms are natural; a logit row is [vocabulary].
/// </summary>
public static class TokenLoss
{
    /// <summary>The logarithms of the probabilities that a row of logits stands for; no overflow, however large the logits are.</summary>
    public static double[] LogSoftmax(ReadOnlySpan<double> logits)
    {
        var highest = double.NegativeInfinity;
        foreach (var logit in logits) highest = Math.Max(highest, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - highest);
        var normalizer = highest + Math.Log(sum);
        var result = new double[logits.Length];
        for (var i = 0; i < result.Length; i++) result[i] = logits[i] - normalizer;
        return result;
    }

    /// <summary>The loss of one position: −ln of the probability of the token that came, in nats.</summary>
    /// <exception cref="InvalidInputException">The token is not in the vocabulary.</exception>
    public static double NegativeLogLikelihood(ReadOnlySpan<double> logits, int target)
    {
        if (target < 0 || target >= logits.Length) throw new InvalidInputException($"The target token is {target}; with {logits.Length} logits it must be 0 to {logits.Length - 1}.");
        return -LogSoftmax(logits)[target];
    }

    /// <summary>The mean loss over the positions that count, in nats a token; NaN if none does.</summary>
    /// <param name="logits">One row a position.</param>
    /// <param name="targets">The token that came at each position.</param>
    /// <param name="ignore">Positions that do not count, such as padding or the prompt.</param>
    /// <exception cref="InvalidInputException">The counts differ or a token is not in the vocabulary.</exception>
    public static double CrossEntropy(IReadOnlyList<double[]> logits, IReadOnlyList<int> targets, IReadOnlyList<bool>? ignore = null) =>
        Mean(logits, targets, ignore, (row, target) => NegativeLogLikelihood(row, target));

    /// <summary>
    /// The mean loss against targets of which a share is spread evenly over the vocabulary, as PyTorch's <c>label_smoothing</c>
    /// (C. Szegedy et al., "Rethinking the Inception architecture", 2016).
    /// </summary>
    /// <param name="logits">One row a position.</param>
    /// <param name="targets">The token that came at each position.</param>
    /// <param name="smoothing">The share, 0 to 1.</param>
    /// <param name="ignore">Positions that do not count.</param>
    /// <exception cref="InvalidInputException">The counts differ or a token is not in the vocabulary.</exception>
    public static double SmoothedCrossEntropy(IReadOnlyList<double[]> logits, IReadOnlyList<int> targets, double smoothing, IReadOnlyList<bool>? ignore = null) =>
        Mean(logits, targets, ignore, (row, target) => (1 - smoothing) * NegativeLogLikelihood(row, target) - smoothing * LogSoftmax(row).Average());

    /// <summary>The perplexity of a mean loss in nats: among how many equally likely tokens the model chooses.</summary>
    public static double Perplexity(double nats) => Math.Exp(nats);

    /// <summary>A loss in nats as bits.</summary>
    public static double Bits(double nats) => nats / Math.Log(2);

    /// <summary>
    /// Bits a byte of text: the measure that models with different tokenizers share.
    /// </summary>
    /// <param name="nats">Sum of the losses of all tokens.</param>
    /// <param name="bytes">UTF-8 bytes of the text that the tokens stand for, above 0.</param>
    public static double BitsPerByte(double nats, long bytes) => bytes > 0
        ? Bits(nats) / bytes
        : throw new InvalidInputException($"Bits a byte were asked for of {bytes} bytes; there must be at least one.");

    /// <summary>How undecided a distribution is, in nats: 0 to ln of the vocabulary's size.</summary>
    public static double Entropy(ReadOnlySpan<double> logits)
    {
        var entropy = 0.0;
        foreach (var logarithm in LogSoftmax(logits)) entropy -= Expected(logarithm, logarithm);
        return entropy;
    }

    /// <summary>The Kullback–Leibler divergence of Q from P in nats: what it costs to take P for Q. Not symmetric.</summary>
    /// <exception cref="InvalidInputException">The rows differ in length.</exception>
    public static double Divergence(ReadOnlySpan<double> logitsP, ReadOnlySpan<double> logitsQ)
    {
        if (logitsP.Length != logitsQ.Length) throw new InvalidInputException($"A divergence was asked for of {logitsP.Length} and {logitsQ.Length} logits; both need the same vocabulary.");
        var (p, q) = (LogSoftmax(logitsP), LogSoftmax(logitsQ));
        var divergence = 0.0;
        for (var i = 0; i < p.Length; i++) divergence += Expected(p[i], p[i] - q[i]);
        return divergence;
    }

    // What has probability 0 contributes nothing, also where its logarithm is infinite.
    static double Expected(double logarithm, double value) => Math.Exp(logarithm) is > 0 and var probability ? probability * value : 0;

    static double Mean(IReadOnlyList<double[]> logits, IReadOnlyList<int> targets, IReadOnlyList<bool>? ignore, Func<double[], int, double> loss)
    {
        if (logits.Count != targets.Count || ignore is not null && ignore.Count != targets.Count)
            throw new InvalidInputException($"There are {logits.Count} rows of logits, {targets.Count} targets and {ignore?.Count ?? targets.Count} marks; each position needs one of each.");
        return Enumerable.Range(0, targets.Count).Where(i => ignore is null || !ignore[i]).Select(i => loss(logits[i], targets[i])).DefaultIfEmpty(double.NaN).Average();
    }
}
