namespace LlmLab.Generation;

/// <summary>Draws tokens from logits: temperature, top-k, top-p, by a seeded generator of its own.</summary>
public sealed class TokenSampler(GenerationOptions options)
{
    ulong state = (ulong)options.Seed;
    int[] order = [];
    double[] probabilities = [];

    /// <summary>Draws one token.</summary>
    /// <param name="logits">One a token of the vocabulary.</param>
    public int Draw(ReadOnlySpan<float> logits)
    {
        if (options.Temperature == 0) return Likeliest(logits);
        if (order.Length != logits.Length) (order, probabilities) = (new int[logits.Length], new double[logits.Length]);
        for (int i = 0; i < order.Length; i++) (order[i], probabilities[i]) = (i, -logits[i]);
        Array.Sort(probabilities, order);   // likeliest first; equal ones fall in a fixed order
        int count = Math.Min(options.TopK ?? order.Length, order.Length);
        double best = -probabilities[0], sum = 0;
        for (int i = 0; i < count; i++) sum += probabilities[i] = Math.Exp((-probabilities[i] - best) / options.Temperature);
        if (options.TopP is { } share)
        {
            double reached = 0;
            int kept = 0;
            while (kept < count && reached < share * sum) reached += probabilities[kept++];
            (count, sum) = (kept, reached);
        }
        double drawn = NextDouble() * sum;
        for (int i = 0; i < count - 1; i++)
        {
            drawn -= probabilities[i];
            if (drawn < 0) return order[i];
        }
        return order[count - 1];
    }

    static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }

    // SplitMix64 (Steele, Lea and Flood 2014).
    double NextDouble()
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
