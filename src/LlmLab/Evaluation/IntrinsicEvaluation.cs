using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation;

/// <summary>How well a model predicts a text: the measures that need no task.</summary>
/// <param name="Loss">Mean nats a token: −ln of the probability that the model gave to each token, given those before it in its window.</param>
/// <param name="StandardError">Standard error of that mean over windows.</param>
/// <param name="Tokens">Tokens scored.</param>
/// <param name="BitsPerByte">Nats of the whole text / ln 2 / its UTF-8 bytes: comparable between tokenizers; null where the bytes are not known.</param>
public sealed record IntrinsicScore(double Loss, double StandardError, long Tokens, double? BitsPerByte)
{
    /// <summary>e^loss: the number of equally likely tokens that would be as uncertain.</summary>
    public double Perplexity => Math.Exp(Loss);
}

/// <summary>
/// Loss, perplexity and bits per byte of a text. The protocol: non-overlapping windows of the given length from position 0, every
/// token but the first scored once, float32 logits, no minimum over anything.
/// </summary>
public static class IntrinsicEvaluation
{
    /// <summary>Scores a dataset.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The tokens.</param>
    /// <param name="window">Tokens a window; null: the model's context.</param>
    /// <param name="precision">Operands of the model's products.</param>
    /// <param name="pool">Threads to share the windows among; null: this thread with libtorch's own threads.</param>
    /// <param name="batchTokens">Tokens a forward pass: bounds the memory.</param>
    /// <exception cref="InvalidInputException">Fewer than two tokens, or a window longer than the model's context.</exception>
    public static IntrinsicScore Score(LanguageModel model, TokenDataset data, int? window = null, Precision precision = Precision.Float32, WorkerPool? pool = null, int batchTokens = 4_096)
    {
        int length = window ?? model.Spec.ContextLength;
        if (length < 1 || length > model.Spec.ContextLength)
            throw new InvalidInputException($"A window of {length} tokens does not fit the model's context of {model.Spec.ContextLength}.");
        if (data.Length < 2) throw new InvalidInputException($"{data.Name} has {data.Length} token(s): scoring needs at least two.");
        model.Spec.CheckVocabulary(data.VocabularySize, data.Name);
        long scored = data.Length - 1, windows = (scored + length - 1) / length;
        int rows = Math.Max(1, batchTokens / length);
        var chunks = new List<(long First, int Count)>();
        long whole = scored / length;
        for (long first = 0; first < whole; first += rows) chunks.Add((first, (int)Math.Min(rows, whole - first)));
        if (whole < windows) chunks.Add((whole, 1));

        double[] sums = new double[windows];
        var pass = new ForwardPass { OperandType = GradientEngine.TypeOf(precision) };
        var token = Operation.Current.CancellationToken;
        int workers = pool?.Count ?? 1;
        void Work(int worker)
        {
            using var none = no_grad();
            for (int i = worker; i < chunks.Count; i += workers)
            {
                if (token.IsCancellationRequested) return;
                ScoreChunk(model, data, chunks[i], length, pass, sums);
            }
        }
        if (pool is null) Work(0);
        else pool.Run(Work);
        token.ThrowIfCancellationRequested();

        double total = sums.Sum(), loss = total / scored;
        double variance = windows < 2 ? double.NaN : Enumerable.Range(0, (int)whole).Sum(i => Math.Pow(sums[i] / length - loss, 2)) / Math.Max(1, whole - 1);
        return new IntrinsicScore(loss, Math.Sqrt(variance / Math.Max(1, whole)), scored, data.TextBytes > 0 ? total / Math.Log(2) / data.TextBytes : null);
    }

    static void ScoreChunk(LanguageModel model, TokenDataset data, (long First, int Count) chunk, int length, ForwardPass pass, double[] sums)
    {
        using var scope = NewDisposeScope();
        int time = (int)Math.Min(length, data.Length - 1 - chunk.First * length);
        long[] read = new long[chunk.Count * time + 1];
        data.Read(chunk.First * length, read);
        var device = model.Device;
        var tokens = tensor(read.AsMemory(0, chunk.Count * time), [chunk.Count, time], device: device);
        var targets = tensor(read.AsMemory(1, chunk.Count * time), [chunk.Count * time], device: device);
        var logits = model.Logits(tokens, pass).view(-1, model.Spec.VocabularySize);
        var nats = nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.None).view(chunk.Count, time).to(ScalarType.Float64).sum(1).cpu();
        var values = nats.data<double>();
        for (int row = 0; row < chunk.Count; row++) sums[chunk.First + row] = values[row];
    }
}
