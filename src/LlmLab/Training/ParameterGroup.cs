namespace LlmLab.Training;

/// <summary>What a parameter is to the optimizer.</summary>
public enum ParameterRole
{
    /// <summary>A matrix inside a block: Muon's part.</summary>
    Matrix,
    /// <summary>A table of vectors: tokens, positions, value embeddings.</summary>
    Embedding,
    /// <summary>The untied output head.</summary>
    Head,
    /// <summary>Gains, biases, scales, and the small gates.</summary>
    Vector,
}

/// <summary>A stretch of the flat buffer with a rate and a decay of its own.</summary>
/// <param name="Start">First number.</param>
/// <param name="End">One past the last.</param>
/// <param name="Rate">Highest learning rate.</param>
/// <param name="Decay">Decoupled weight decay.</param>
public readonly record struct ParameterRange(long Start, long End, double Rate, double Decay);

/// <summary>Sorts a model's parameters by what they are to the optimizer.</summary>
public static class ParameterGroups
{
    /// <summary>The role of a parameter, by its name and shape.</summary>
    public static ParameterRole RoleOf(ParameterSegment segment)
    {
        string name = segment.Name;
        if (name is "tokens" or "positions" or "next_positions" or "token_types" or "lexical" or "relative.weight" or "encoder_relative.weight" || name.EndsWith("value_tokens", StringComparison.Ordinal)) return ParameterRole.Embedding;
        if (name == "head.weight") return ParameterRole.Head;
        if (segment.Shape.Length < 2 || name.StartsWith("lexical_", StringComparison.Ordinal) || name.Contains("value_gate", StringComparison.Ordinal) || name.Contains("short_convolution", StringComparison.Ordinal)) return ParameterRole.Vector;
        return name.StartsWith("blocks.", StringComparison.Ordinal) || name.StartsWith("encoder.", StringComparison.Ordinal) ? ParameterRole.Matrix : ParameterRole.Head;
    }

    /// <summary>The stretches that AdamW or Lion serve, each with its rate.</summary>
    /// <param name="buffer">The parameters.</param>
    /// <param name="options">Rates and decay.</param>
    /// <param name="matricesElsewhere">True where Muon serves the matrices.</param>
    internal static ParameterRange[] Ranges(ParameterBuffer buffer, TrainingOptions options, bool matricesElsewhere) =>
    [
        .. buffer.Segments.Where(s => !matricesElsewhere || RoleOf(s) != ParameterRole.Matrix).Select(s => new ParameterRange(s.Offset, s.Offset + s.Length,
            RoleOf(s) switch
            {
                ParameterRole.Embedding => options.EmbeddingLearningRate,
                ParameterRole.Head => options.HeadLearningRate,
                ParameterRole.Vector => options.VectorLearningRate,
                _ => null,
            } ?? options.LearningRate,
            matricesElsewhere || s.Shape.Length < 2 ? 0 : options.WeightDecay)),
    ];
}
