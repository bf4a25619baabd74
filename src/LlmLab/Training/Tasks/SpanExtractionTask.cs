using System.IO.Hashing;
using System.Runtime.InteropServices;
using LlmLab.Interop;
using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training.Tasks;

/// <summary>A text in which an answer stands, or not.</summary>
/// <param name="Tokens">Question and passages; the first token stands for "no answer".</param>
/// <param name="Start">The answer's first token; 0 where there is none.</param>
/// <param name="End">The answer's last token; 0 where there is none.</param>
public sealed record SpanExample(int[] Tokens, int Start, int End)
{
    /// <summary>Further places where the same answer stands: any of them is right.</summary>
    public IReadOnlyList<(int Start, int End)> More { get; init; } = [];

    /// <summary>All places: the first and the further ones.</summary>
    internal IEnumerable<(int Start, int End)> Places => More.Prepend((Start, End));
}

/// <summary>
/// Learns to point at answers: of all tokens of a text, where the answer begins and where it ends, or the first token where there is none
/// (Devlin et al. 2018, BERT on SQuAD 2.0). The loss is the mean of the two choices' cross-entropies; where an answer stands in several
/// places, of the probability that they have together (marginal likelihood, Clark and Gardner 2018, arXiv:1710.10723).
/// </summary>
public sealed class SpanExtractionTask : ITrainingTask
{
    readonly IReadOnlyList<SpanExample> examples;
    readonly int batchSize;

    /// <param name="examples">The texts, taken in this order and over again; shuffle them before.</param>
    /// <param name="batchSize">Texts a batch.</param>
    /// <exception cref="InvalidInputException">No example, or a span outside its text.</exception>
    public SpanExtractionTask(IReadOnlyList<SpanExample> examples, int batchSize = 24)
    {
        if (examples.Count == 0 || batchSize < 1) throw new InvalidInputException($"Span extraction needs at least one example and a batch of one, found {examples.Count} and {batchSize}.");
        for (int i = 0; i < examples.Count; i++)
            foreach (var (start, end) in examples[i].Places)
                if (start < 0 || end < start || end >= examples[i].Tokens.Length)
                    throw new InvalidInputException($"Example {i} has {examples[i].Tokens.Length} tokens and an answer from {start} to {end}: give its first and last token, or 0 and 0 for none.");
        (this.examples, this.batchSize) = (examples, batchSize);
    }

    /// <inheritdoc/>
    public string Name => "span extraction";

    /// <inheritdoc/>
    public string DataHash
    {
        get
        {
            var hash = new XxHash3();
            foreach (var example in examples)
            {
                hash.Append(MemoryMarshal.AsBytes(example.Tokens.AsSpan()));
                foreach (var (start, end) in example.Places) hash.Append(MemoryMarshal.AsBytes<int>([start, end]));
            }
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
    }

    /// <inheritdoc/>
    public void Check(ModelSpec spec)
    {
        if (spec.Family != ModelFamily.Encoder || !spec.SpanHead) throw new InvalidInputException($"Answers are pointed at by an encoder with a span head, found {spec.Family} with SpanHead {spec.SpanHead}: set Family to Encoder and SpanHead to true.");
        if (examples.Max(e => e.Tokens.Length) is var longest && longest > spec.ContextLength) throw new InvalidInputException($"The longest text has {longest} tokens, but the model a context of {spec.ContextLength}: shorten it or raise ContextLength.");
        if (examples.Max(e => e.Tokens.Max()) is var highest && highest >= spec.VocabularySize) throw new InvalidInputException($"A text holds token {highest}, but the model's vocabulary has {spec.VocabularySize}.");
    }

    /// <inheritdoc/>
    public (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight)
    {
        var drawn = Drawn(number);
        var chunks = new TextChunks([.. drawn.Select(e => e.Tokens)], engine.WorkerCount);
        double[] losses = new double[engine.WorkerCount];
        engine.OnEach((worker, model, pass) =>
        {
            foreach (int chunk in chunks.Of[worker])
            {
                using var scope = NewDisposeScope();
                var input = chunks.Input(chunk, engine.Device);
                var logits = model.Spans(model.Hidden(input, pass), pass);   // [texts, time, 2]
                if (input.Mask is { } mask) logits = logits.masked_fill(mask.logical_not().unsqueeze(-1), float.NegativeInfinity);
                var right = ComputeDevices.Upload(tensor(Right(chunks.Texts(chunk), drawn, (int)input.Tokens.shape[1]), logits.shape), engine.Device);
                var loss = -logits.log_softmax(1).masked_fill(right.logical_not(), float.NegativeInfinity).logsumexp(1).sum() / (2 * batchSize);
                (loss * weight).backward();
                losses[worker] += loss.item<float>();
            }
        }, number);
        return (losses.Sum(), drawn.Sum(e => (long)e.Tokens.Length));
    }

    /// <summary>The same by the compiled kernels, where they serve the model.</summary>
    internal (double Loss, long Tokens) Accumulate(CompiledGradientEngine engine, long number, double weight)
    {
        var drawn = Drawn(number);
        return (engine.AccumulateSpans([.. drawn.Select(e => (e.Tokens, e.Places.ToArray()))], weight), drawn.Sum(e => (long)e.Tokens.Length));
    }

    // Of each token of each text, whether an answer begins with it and whether one ends with it: [texts, time, 2].
    static bool[] Right(IReadOnlyList<int> texts, SpanExample[] drawn, int time)
    {
        bool[] right = new bool[texts.Count * time * 2];
        for (int row = 0; row < texts.Count; row++)
            foreach (var (start, end) in drawn[texts[row]].Places) right[2 * (row * time + start)] = right[2 * (row * time + end) + 1] = true;
        return right;
    }

    SpanExample[] Drawn(long number) => [.. Enumerable.Range(0, batchSize).Select(i => examples[(int)((number * batchSize + i) % examples.Count)])];
}
