using System.Globalization;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Runs;

namespace LlmLab.Training;

/// <summary>
/// The memory that training takes, computed before it begins: weights, gradients of each thread, the optimizer's memory, and the activations
/// that the way back needs. Within about a third of what is measured; what the program itself takes (0.2 GB) is not in it.
/// </summary>
/// <param name="States">Bytes of weights, gradients, the optimizer's memory, averaged weights.</param>
/// <param name="Activations">Bytes of activations and logits of one batch, on all threads.</param>
/// <param name="Evaluation">Bytes of activations and logits of an evaluation, on all threads; it takes turns with the batch's.</param>
public sealed record MemoryEstimate(long States, long Activations, long Evaluation)
{
    ModelSpec? spec;
    TrainingOptions? options;
    MeasuredSetting? setting;

    /// <summary>Bytes in all.</summary>
    public long Total => States + Math.Max(Activations, Evaluation);

    /// <summary>The estimate for a recipe.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="options">The training.</param>
    /// <param name="setting">Kernels, precision and threads.</param>
    public static MemoryEstimate Of(ModelSpec spec, TrainingOptions options, MeasuredSetting setting)
    {
        int length = options.SequenceLength ?? spec.ContextLength;
        double parameters = Parameters(spec);
        // Weights, a gradient a thread, the optimizer's two numbers a weight (one for Lion, and for the matrices under Muon).
        double optimizer = options.Optimizer == OptimizerKind.Lion ? 4 : 8;
        double states = parameters * (4 + 4.0 * setting.Threads + optimizer + (options.WeightAverageDecay > 0 ? 4 : 0));
        bool compiled = setting.Kernels == Kernels.Compiled;
        if (compiled) states += 4 * parameters;   // two packed copies in bfloat16
        else states += 4 * parameters * (setting.Precision == Precision.BFloat16 ? 0.5 * setting.Threads : 0);   // casts of the weights, one a thread

        double tokens = (double)options.BatchSize * length, share = Math.Ceiling((double)options.BatchSize / setting.Threads) * length;
        double activations;
        if (compiled)
        {
            double atOnce = Math.Min(share, Math.Max(length, 1_024));
            activations = setting.Threads * atOnce * (CompiledLayer(spec, length) * spec.LayerCount + 6.0 * Math.Max(4 * spec.Width, spec.VocabularySize) + 24.0 * spec.Width);
        }
        else
        {
            double layers = spec.LayerCount + (spec.Family == ModelFamily.EncoderDecoder ? spec.DecoderLayers : 0), layer = LibTorchLayer(spec, length, setting.Precision);
            // With checkpointing each layer keeps what it began with, and one layer at a time is worked through.
            double kept = options.ActivationCheckpointing ? 4.0 * spec.Width * layers + layer : layer * layers;
            // On the way back each thread holds a gradient of the head's whole table before it is added to the others.
            double table = (double)setting.Threads * spec.VocabularySize * spec.Width * (setting.Precision == Precision.BFloat16 ? 6 : 4);
            activations = tokens * (kept + (spec.LogitSoftCap is null ? 12.0 : 16.0) * spec.VocabularySize + 16.0 * spec.Width) + table;
        }
        double evaluation = (double)setting.Threads * EvaluationTokens(spec) * (8.0 * spec.VocabularySize + 2.5 * LibTorchLayer(spec, length, Precision.Float32));
        return new MemoryEstimate((long)states, (long)activations, (long)evaluation) { spec = spec, options = options, setting = setting };
    }

    /// <summary>Tokens that an evaluation reads at once on each thread: fewer where the vocabulary is large, since each brings a logit a token of it.</summary>
    public static int EvaluationTokens(ModelSpec spec) => (int)Math.Clamp((1L << 26) / spec.VocabularySize, 256, 4_096);

    // Bytes a token that a layer keeps for the way back, by libtorch's operators: inputs of norms and products, and what the activation
    // and attention keep. Fused attention keeps no scores; with a mask of its own (windows, relative positions) it keeps them.
    static double LibTorchLayer(ModelSpec spec, int length, Precision precision)
    {
        double operand = precision == Precision.BFloat16 ? 2 : 4, inner = spec.HeadCount * spec.HeadSize, keys = spec.KeyValueHeads * spec.HeadSize;
        double norms = spec.QueryKeyNorm ? 2 : 1, rotations = spec.Positions == PositionKind.Rotary ? 2 : 1;
        double residual = (spec.InitialEmbeddingSkip ? 6 : 4) * 4.0 * spec.Width + (precision == Precision.BFloat16 ? 2.0 * 2 * spec.Width : 0);
        double attention = operand * ((inner + keys) * (1 + norms * rotations) + 2 * keys + 3 * inner) + (spec.QueryKeyNorm ? 4.0 * (inner + keys) : 0);
        double feedForward = operand * spec.FeedForwardSize * (spec.IsGated ? 4 : spec.Activation == Activation.ReluSquared ? 3 : 2);
        double scores = spec.SlidingWindow is not null || spec.Positions == PositionKind.RelativeBias ? 2 * operand * spec.HeadCount * length : 0;
        return residual + attention + feedForward + scores + operand * (2 + 2 * spec.ShortConvolution) * spec.Width;   // a convolution keeps each shifted copy and its product
    }

    // What CompiledPass holds for each token of a layer: see its constructor.
    static double CompiledLayer(ModelSpec spec, int length) =>
        4.0 * (3 * spec.Width + 4 + 2 * spec.HeadCount) + 2.0 * ((spec.ShortConvolution > 0 ? 3 : 2) * spec.Width + 4 * spec.HeadCount * spec.HeadSize + 2 * spec.FeedForwardSize + spec.HeadCount * length);

    /// <summary>Learned numbers of a spec without building it: as many as <see cref="LanguageModel.ParameterCount"/> says.</summary>
    public static long Parameters(ModelSpec spec)
    {
        long width = spec.Width, vocabulary = spec.VocabularySize, inner = (long)spec.HeadCount * spec.HeadSize, keys = (long)spec.KeyValueHeads * spec.HeadSize;
        bool overEncoder = spec.Family == ModelFamily.EncoderDecoder, pre = spec.NormPlacement == NormPlacement.Pre;
        long Matrix(long inputs, long outputs, bool bias) => outputs * (inputs + (bias ? 1 : 0));
        long Norm(long size) => !spec.NormGain ? 0 : spec is { Biases: true, Norm: NormKind.LayerNorm } ? 2 * size : size;

        long attention = Matrix(width, inner, spec.Biases) + Matrix(width, 2 * keys, spec.Biases) + Matrix(inner, width, spec.Biases) + (spec.QueryKeyNorm ? 2 * Norm(spec.HeadSize) : 0);
        long feedForward = (spec.IsGated ? 2 : 1) * Matrix(width, spec.FeedForwardSize, spec.Biases) + Matrix(spec.FeedForwardSize, width, spec.Biases);
        long block = attention + feedForward + 2 * Norm(width) + spec.ShortConvolution * width + (spec.InitialEmbeddingSkip ? 2 : 0);
        long blocks = spec.DecoderLayers * block + (overEncoder ? spec.LayerCount * block + spec.DecoderLayers * (attention + Norm(width)) : 0);
        if (spec.Family != ModelFamily.Decoder) blocks += spec.LayerCount * spec.ShortConvolution * width;   // an encoder's look both ways
        if (spec.ValueEmbeddings) blocks += Enumerable.Range(0, spec.DecoderLayers).Count(spec.HasValueEmbedding) * (vocabulary * keys + Math.Min(32, width) * spec.KeyValueHeads);

        long tables = vocabulary * width + spec.TokenTypeCount * width;
        if (spec.Positions == PositionKind.Learned) tables += spec.ContextLength * width;
        if (spec.Positions == PositionKind.RelativeBias) tables += (overEncoder ? 2 : 1) * spec.RelativeBuckets * spec.HeadCount;
        if (spec is { TargetPositions: true, Positions: PositionKind.Learned }) tables += (spec.ContextLength + 1) * width;

        long norms = (spec.NormAfterEmbedding ? Norm(width) : 0) + (pre ? Norm(width) : 0) + (pre && overEncoder ? Norm(width) : 0);
        long heads = spec.TiedEmbeddings ? 0 : Matrix(width, vocabulary, false);
        if (spec.HeadTransform) heads += Matrix(width, width, true) + Norm(width) + vocabulary;
        if (spec.ClassCount > 0) heads += Matrix(width, width, true) + Matrix(width, spec.ClassCount, true);
        if (spec.SpanHead) heads += Matrix(width, 2, true);
        if (spec.EmbeddingWidth > 0) heads += Matrix(width, spec.EmbeddingWidth - spec.LexicalWidth, false);
        if (spec is { EmbeddingWidth: > 0, WeightedPooling: true }) heads += Matrix(width, 1, true);
        if (spec.LexicalWidth > 0) heads += vocabulary * spec.LexicalWidth + 1 + Matrix(width, 1, true);
        return blocks + tables + norms + heads;
    }

    /// <summary>Refuses what cannot fit.</summary>
    /// <param name="available">Bytes that may be taken; null: what the machine has.</param>
    /// <exception cref="InvalidInputException">It does not fit: what would.</exception>
    public void CheckFits(long? available = null)
    {
        long free = available ?? Free();
        if (Total > free) throw new InvalidInputException(Sentence(string.Create(CultureInfo.InvariantCulture, $"This training does not fit the {Gigabytes(free)} of memory that are free."), free));
    }

    /// <summary>A sentence that says what is needed and what would fit.</summary>
    /// <param name="what">How it begins.</param>
    /// <param name="available">Bytes that may be taken; null: what the machine has.</param>
    internal string Sentence(string what, long? available = null)
    {
        long free = available ?? Free();
        string needs = $"{what} It needs about {Gigabytes(Total)}: {Gigabytes(States)} for weights, gradients and optimizer, {Gigabytes(Math.Max(Activations, Evaluation))} for activations.";
        string[] ways = [.. WhatFits(free)];
        return $"{needs} {(ways.Length > 0 ? $"What would fit: {string.Join("; or ", ways)}." : "No batch would fit: take a smaller model (width, layers, vocabulary) or fewer threads.")}";
    }

    long Free() => setting?.Device == ComputeDevice.Cuda ? CudaDriver.Memory()?.Free ?? long.MaxValue : AvailableMemory.Bytes();

    IEnumerable<string> WhatFits(long free)
    {
        if (spec is null || options is null || setting is null || States > free) yield break;
        long With(TrainingOptions o, ModelSpec s) => Of(s, o, setting).Total;
        if (setting.Kernels != Kernels.Compiled && !options.ActivationCheckpointing && With(options with { ActivationCheckpointing = true }, spec) <= free)
            yield return "activation checkpointing (options.activationCheckpointing)";
        int length = options.SequenceLength ?? spec.ContextLength;
        int batch = Largest(options.BatchSize - 1, b => With(options with { BatchSize = b }, spec) <= free);
        if (batch > 0) yield return $"a batch of {batch} sequences with {Math.Ceiling((double)options.BatchSize * options.PassesPerStep(length) / batch):0} passes a step (options.batchSize, options.accumulationSteps)";
        int shorter = Largest(length - 1, l => With(options with { SequenceLength = l }, spec) <= free) / 16 * 16;
        if (shorter > 0) yield return $"sequences of {shorter} tokens (options.sequenceLength)";
    }

    // The largest number from 1 to a bound for which something that only gets harder still holds; 0 for none.
    static int Largest(int bound, Func<int, bool> holds)
    {
        int low = 0;
        while (low < bound)
        {
            int middle = low + (bound - low + 1) / 2;
            if (holds(middle)) low = middle;
            else bound = middle - 1;
        }
        return low;
    }

    static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
