namespace LlmLab.Generation;

/// <summary>What happens when a text grows beyond the model's context.</summary>
public enum ContextOverflow
{
    /// <summary>Generation ends there.</summary>
    Stop,
    /// <summary>The model forgets the older half: it reads the newer half again and goes on.</summary>
    Slide,
}

/// <summary>How text is drawn from a model.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to write.</summary>
    public int MostTokens { get; init; } = 200;

    /// <summary>Logits are divided by it: below 1 safer, above 1 wilder, 0 always the likeliest token.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draw from the likeliest so many tokens only (Fan et al. 2018); null: from all.</summary>
    public int? TopK { get; init; }

    /// <summary>Draw from the fewest tokens whose probabilities sum to this (nucleus sampling, Holtzman et al. 2019); null: from all.</summary>
    public double? TopP { get; init; }

    /// <summary>Seed of the draws: the same gives the same text.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>End as soon as one of these appears; it is left out of the text.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>End at any of these tokens, which is left out (an end-of-turn token, say).</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Tokens that are never drawn: the reserved ones of a model that was not trained on them, say.</summary>
    public IReadOnlyCollection<int> ExcludedTokens { get; init; } = [];

    /// <summary>What happens at the end of the context.</summary>
    public ContextOverflow Overflow { get; init; } = ContextOverflow.Slide;

    /// <summary>Keep keys and values of the tokens read (fast), or compute everything anew for each token (the plain way that defines it).</summary>
    public bool UseCache { get; init; } = true;

    /// <summary>Returns the options if all lie in their ranges.</summary>
    /// <exception cref="InvalidInputException">One does not.</exception>
    public GenerationOptions Checked()
    {
        if (MostTokens < 1) throw new InvalidInputException($"The number of tokens to write must be at least 1, found {MostTokens}.");
        if (!(Temperature >= 0 && double.IsFinite(Temperature))) throw new InvalidInputException($"The temperature must be at least 0, found {Temperature}.");
        if (TopK < 1) throw new InvalidInputException($"top-k must be at least 1, found {TopK}.");
        if (TopP is { } p && !(p > 0 && p <= 1)) throw new InvalidInputException($"top-p must be above 0 and at most 1, found {p}.");
        if (Stops.Any(s => s.Length == 0)) throw new InvalidInputException("A stop must not be empty.");
        return this;
    }
}
