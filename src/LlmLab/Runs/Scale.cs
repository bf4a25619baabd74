namespace LlmLab.Runs;

/// <summary>How large the guide's experiments are. Set by <c>--scale</c> or the environment variable <c>LLMLAB_SCALE</c>.</summary>
public enum Scale
{
    /// <summary>Seconds a notebook: that everything runs. For tests.</summary>
    Smoke,
    /// <summary>The default: a laptop's processor, no notebook over three minutes on four cores.</summary>
    Laptop,
    /// <summary>One NVIDIA GPU.</summary>
    Gpu,
}

/// <summary>Reads the scale of this process.</summary>
public static class Scales
{
    /// <summary>The scale that <c>LLMLAB_SCALE</c> names; <see cref="Scale.Laptop"/> where it is unset.</summary>
    /// <exception cref="InvalidInputException">The variable holds another word.</exception>
    public static Scale Current => Parse(Environment.GetEnvironmentVariable("LLMLAB_SCALE"));

    /// <summary>Parses smoke, laptop or gpu; null or empty means laptop.</summary>
    /// <exception cref="InvalidInputException">Another word.</exception>
    public static Scale Parse(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        null or "" or "laptop" => Scale.Laptop,
        "smoke" => Scale.Smoke,
        "gpu" => Scale.Gpu,
        _ => throw new InvalidInputException($"The scale \"{text}\" is unknown: expected smoke, laptop or gpu (--scale, or LLMLAB_SCALE)."),
    };

    /// <summary>The value for the current scale: <c>Scales.Pick(smoke: 50, laptop: 2_000, gpu: 20_000)</c>.</summary>
    public static T Pick<T>(T smoke, T laptop, T gpu) => Current switch { Scale.Smoke => smoke, Scale.Gpu => gpu, _ => laptop };
}
