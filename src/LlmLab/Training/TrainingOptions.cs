using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Interop;

namespace LlmLab.Training;

/// <summary>Element type of the operands of matrix products. Master weights, optimizer state, norms and losses are float32 always.</summary>
public enum Precision
{
    /// <summary>Chosen for this machine by <see cref="MachineSettings"/>: whatever measured faster.</summary>
    Auto,
    /// <summary>32-bit floating point throughout.</summary>
    [JsonStringEnumMemberName("float32")]
    Float32,
    /// <summary>bfloat16 operands with float32 accumulation: the range of float32 with 8 bits of mantissa.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}

/// <summary>What computes forward and backward passes on a processor.</summary>
public enum Kernels
{
    /// <summary>Chosen for this machine by <see cref="MachineSettings"/>: whatever measured faster.</summary>
    Auto,
    /// <summary>libtorch's operators: every architecture, every machine.</summary>
    LibTorch,
    /// <summary>LlmLab's own pass over plain memory, bfloat16 operands: processors with AVX2 (on Linux with AVX-512 BF16 by machine code made at run time), the common decoders and readers.</summary>
    Compiled,
}

/// <summary>How the learning rate moves after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Stays.</summary>
    Constant,
    /// <summary>Half a cosine down to the final share (Loshchilov and Hutter 2016).</summary>
    Cosine,
    /// <summary>A straight line down to the final share.</summary>
    Linear,
    /// <summary>Stays, then a straight line down over the last <see cref="TrainingOptions.CooldownShare"/> of the steps: "warm-up, stable, decay" (Hu et al. 2024).</summary>
    Trapezoid,
}

/// <summary>The rule that turns gradients into steps.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2017) for everything.</summary>
    AdamW,
    /// <summary>Muon for the matrices of the blocks, AdamW for embeddings, head and vectors: fewer steps to the same loss.</summary>
    Muon,
    /// <summary>The sign of an interpolated momentum (Chen et al. 2023): half of AdamW's memory; wants a rate 3 to 10 times lower and more decay.</summary>
    Lion,
}

/// <summary>How training sequences are drawn.</summary>
public enum SamplingKind
{
    /// <summary>Windows at random places, with replacement (nanoGPT).</summary>
    Random,
    /// <summary>Every window once an epoch, in random order, from another starting place each epoch: nothing is read twice before all was read once.</summary>
    Shuffled,
    /// <summary>One after the other, each at a multiple of the length: for data that was laid out window by window, in the order of a curriculum.</summary>
    Aligned,
}

/// <summary>How a model is trained. The defaults are nanoGPT's for small models.</summary>
public sealed record TrainingOptions
{
    static readonly JsonSerializerOptions json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Optimizer steps in all.</summary>
    public int Steps { get; init; } = 2_000;

    /// <summary>What is to be predicted.</summary>
    public ObjectiveKind Objective { get; init; } = ObjectiveKind.Causal;

    /// <summary>
    /// Share of the tokens that masked and denoising training hides. BERT and T5: 0.15; 0.4 learns faster where hidden tokens are few
    /// (Wettig et al. 2022, "Should You Mask 15 %"). Evaluation hides 0.15 always, so that losses can be compared.
    /// </summary>
    public double HiddenShare { get; init; } = TrainingObjective.UsualHiddenShare;

    /// <summary>Sequences a forward pass.</summary>
    public int BatchSize { get; init; } = 12;

    /// <summary>Tokens a sequence; null: the model's context.</summary>
    public int? SequenceLength { get; init; }

    /// <summary>Forward passes whose gradients are averaged into one step.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Tokens of a step, the global batch: gradients of so many batches are accumulated that it is reached; a multiple of the tokens of a
    /// batch. Null: as <see cref="AccumulationSteps"/> says.
    /// </summary>
    public int? TokensPerStep { get; init; }

    /// <summary>
    /// Forget the activations inside blocks and compute them again on the way back (Chen et al. 2016): a third more work for a fraction of
    /// the memory. For libtorch's operators; the compiled kernels go through a batch some 1,024 tokens at a time and hold little anyway.
    /// </summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>Highest learning rate of AdamW.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>AdamW's highest rate for embeddings (tokens, positions, value embeddings); null: <see cref="LearningRate"/>.</summary>
    public double? EmbeddingLearningRate { get; init; }

    /// <summary>AdamW's highest rate for an untied head; null: <see cref="LearningRate"/>.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>AdamW's highest rate for vectors and single numbers (gains, biases, scales); null: <see cref="LearningRate"/>.</summary>
    public double? VectorLearningRate { get; init; }

    /// <summary>Muon's highest rate for the matrices of the blocks: the step's size relative to an orthogonal matrix.</summary>
    public double MuonLearningRate { get; init; } = 0.02;

    /// <summary>Muon's momentum.</summary>
    public double MuonMomentum { get; init; } = 0.95;

    /// <summary>Steps over which Muon's momentum rises from 0.85.</summary>
    public int MuonMomentumWarmupSteps { get; init; } = 300;

    /// <summary>How sequences are drawn from the training tokens.</summary>
    public SamplingKind Sampling { get; init; } = SamplingKind.Random;

    /// <summary>Steps over which the rate rises from near 0.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>How the rate falls afterwards.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Where the rate ends, as a share of its highest value.</summary>
    public double FinalShare { get; init; } = 0.1;

    /// <summary>Trapezoid: share of the steps over which the rate falls.</summary>
    public double CooldownShare { get; init; } = 0.5;

    /// <summary>AdamW's decay of the mean gradient, 0 to 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the mean squared gradient, 0 to 1.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Added to AdamW's root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Share of each matrix that a step of rate 1 takes away (decoupled). Vectors (gains, biases) do not decay; with Muon, embeddings
    /// and head do not either.
    /// </summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>The gradient of all weights is shortened to at most this length; 0 leaves it.</summary>
    public double GradientClip { get; init; } = 1.0;

    /// <summary>
    /// Standard deviations above its mean over the last 128 steps at which a loss or a gradient's length is taken for a spike and the step
    /// skipped; 0: never. Steps whose loss or gradient are not finite are skipped always, and ten in a row end the run.
    /// </summary>
    public double SpikeDeviations { get; init; } = 6;

    /// <summary>
    /// Decay of an exponential moving average of the weights, which is evaluated and kept beside them (0.99 to 0.9999); 0: none.
    /// </summary>
    public double WeightAverageDecay { get; init; }

    /// <summary>Evaluations without a better validation loss after which the run stops; 0: it goes to its end.</summary>
    public int Patience { get; init; }

    /// <summary>By how many nats a validation loss must be lower to count as better.</summary>
    public double SmallestImprovement { get; init; }

    /// <summary>Steps between evaluations on the validation split; 0: only at the end.</summary>
    public int EvaluateEvery { get; init; } = 250;

    /// <summary>Steps between samples of text; 0: only at the end.</summary>
    public int SampleEvery { get; init; }

    /// <summary>Steps between checkpoints; 0: only at the end (and when stopped).</summary>
    public int SaveEvery { get; init; } = 500;

    /// <summary>Steps between lines of metrics.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Newest checkpoints that are kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Seed of initial weights, batches and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Where the model is trained. On a GPU the operands of products are bfloat16 unless <see cref="Precision"/> says otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]   // files of the time before it stay as they are
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Operands of matrix products.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>What computes forward and backward passes.</summary>
    public Kernels Kernels { get; init; } = Kernels.Auto;

    /// <summary>Processor threads; 0: chosen for this machine.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Watts that a busy core is assumed to take, for the estimate of energy where the machine's own counters (RAPL) cannot be read. An
    /// assumption, not a measurement: server processors are specified with 5 to 10 W a core (AMD EPYC 9354: 280 W for 32).
    /// </summary>
    public double AssumedWattsPerCore { get; init; } = 8;

    /// <summary>The options as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, json);

    /// <summary>Reads what <see cref="ToJson"/> wrote and checks it.</summary>
    /// <exception cref="InvalidInputException">Not JSON, an unknown option, or a value out of range.</exception>
    public static TrainingOptions FromJson(string text, string where = "the training options")
    {
        try
        {
            return (JsonSerializer.Deserialize<TrainingOptions>(text, json) ?? throw new JsonException("it is null")).Checked();
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{where} cannot be read as training options: {e.Reason()}", e);
        }
    }

    /// <summary>Returns the options if all lie in their ranges.</summary>
    /// <exception cref="InvalidInputException">One does not.</exception>
    public TrainingOptions Checked()
    {
        AtLeast(1, Steps, nameof(Steps));
        AtLeast(1, BatchSize, nameof(BatchSize));
        AtLeast(1, SequenceLength ?? 1, nameof(SequenceLength));
        AtLeast(1, AccumulationSteps, nameof(AccumulationSteps));
        AtLeast(1, TokensPerStep ?? 1, nameof(TokensPerStep));
        AtLeast(0, Patience, nameof(Patience));
        Within(SpikeDeviations, 0, 1_000, nameof(SpikeDeviations));
        Within(WeightAverageDecay, 0, 0.9999999, nameof(WeightAverageDecay));
        Within(SmallestImprovement, 0, 1_000, nameof(SmallestImprovement));
        if (Patience > 0 && EvaluateEvery == 0) throw new InvalidInputException($"{nameof(Patience)} counts evaluations, but {nameof(EvaluateEvery)} is 0, which evaluates only at the end.");
        if (Device == ComputeDevice.Cuda && Kernels == Kernels.Compiled)
            throw new InvalidInputException("The compiled kernels are for processors: leave out --kernels, or the device cuda.");
        if (ActivationCheckpointing && Kernels == Kernels.Compiled)
            throw new InvalidInputException("Activation checkpointing is for libtorch's operators; the compiled kernels hold the activations of about 1,024 tokens only: leave one of the two out.");
        AtLeast(0, WarmupSteps, nameof(WarmupSteps));
        AtLeast(0, EvaluateEvery, nameof(EvaluateEvery));
        AtLeast(0, SampleEvery, nameof(SampleEvery));
        AtLeast(0, SaveEvery, nameof(SaveEvery));
        AtLeast(1, LogEvery, nameof(LogEvery));
        AtLeast(1, KeepCheckpoints, nameof(KeepCheckpoints));
        AtLeast(0, Threads, nameof(Threads));
        AtLeast(0, MuonMomentumWarmupSteps, nameof(MuonMomentumWarmupSteps));
        Within(MuonLearningRate, 0, 10, nameof(MuonLearningRate));
        Within(MuonMomentum, 0, 0.999999, nameof(MuonMomentum));
        Within(EmbeddingLearningRate ?? 0, 0, 1_000, nameof(EmbeddingLearningRate));
        Within(HeadLearningRate ?? 0, 0, 1_000, nameof(HeadLearningRate));
        Within(VectorLearningRate ?? 0, 0, 1_000, nameof(VectorLearningRate));
        Within(LearningRate, 0, 1_000, nameof(LearningRate));
        Within(FinalShare, 0, 1, nameof(FinalShare));
        Within(CooldownShare, 0, 1, nameof(CooldownShare));
        Within(Beta1, 0, 0.999999, nameof(Beta1));
        Within(HiddenShare, 0.01, 0.9, nameof(HiddenShare));
        Within(Beta2, 0, 0.999999, nameof(Beta2));
        Within(Epsilon, 0, 1, nameof(Epsilon));
        Within(WeightDecay, 0, 1_000, nameof(WeightDecay));
        Within(AssumedWattsPerCore, 0, 1_000, nameof(AssumedWattsPerCore));
        Within(GradientClip, 0, double.MaxValue, nameof(GradientClip));
        return this;
    }

    /// <summary>Forward passes a step for sequences of a length: <see cref="TokensPerStep"/> where it is given, else <see cref="AccumulationSteps"/>.</summary>
    /// <exception cref="InvalidInputException">The tokens a step are no multiple of the tokens a batch.</exception>
    public int PassesPerStep(int length)
    {
        if (TokensPerStep is not { } tokens) return AccumulationSteps;
        int batch = BatchSize * length;
        if (tokens % batch == 0) return tokens / batch;
        int below = tokens / batch * batch;
        throw new InvalidInputException($"{nameof(TokensPerStep)} is {tokens}, no multiple of the {batch} tokens of a batch ({BatchSize} × {length}): choose {(below > 0 ? $"{below} or " : "")}{below + batch}.");
    }

    static void AtLeast(int bound, int value, string name)
    {
        if (value < bound) throw new InvalidInputException($"{name} must be at least {bound}, found {value}.");
    }

    static void Within(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high)) throw new InvalidInputException($"{name} must lie between {low} and {high}, found {value}.");
    }
}
