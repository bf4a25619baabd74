using System.IO.Hashing;
using System.Runtime.InteropServices;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training.Tasks;

/// <summary>A text and its class.</summary>
/// <param name="Text">The text.</param>
/// <param name="Class">Its class, from 0.</param>
public sealed record ClassifiedText(string Text, int Class);

/// <summary>
/// Learns classes of whole texts: a token is put before each text, and what the encoder makes of its place is pooled and classified
/// (Devlin et al. 2018, BERT's [CLS]).
/// </summary>
public sealed class SequenceClassificationTask : ITrainingTask
{
    readonly int[][] texts;
    readonly int[] classes;
    readonly int batchSize;
    readonly long seed;

    /// <summary>Encodes the texts.</summary>
    /// <param name="examples">The texts with their classes.</param>
    /// <param name="tokenizer">Their tokenizer; its first reserved token is put before each text.</param>
    /// <param name="batchSize">Texts a batch.</param>
    /// <param name="mostTokens">Tokens of a text beyond which it is cut, the first one included.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="InvalidInputException">No example, or a negative class.</exception>
    public SequenceClassificationTask(IReadOnlyList<ClassifiedText> examples, VocabularyTokenizer tokenizer, int batchSize = 32, int mostTokens = 128, long seed = 1)
    {
        if (examples.Count == 0 || batchSize < 1) throw new InvalidInputException($"Classification needs at least one example and a batch of one, found {examples.Count} and {batchSize}.");
        if (examples.FirstOrDefault(e => e.Class < 0) is { } wrong) throw new InvalidInputException($"The class {wrong.Class} of \"{wrong.Text[..Math.Min(40, wrong.Text.Length)]}\" is negative: classes are numbers from 0.");
        texts = [.. examples.Select(e => Encode(e.Text, tokenizer, mostTokens))];
        classes = [.. examples.Select(e => e.Class)];
        (this.batchSize, this.seed) = (batchSize, seed);
    }

    static int[] Encode(string text, VocabularyTokenizer tokenizer, int mostTokens)
    {
        int[] tokens = tokenizer.Encode(text);
        return [tokenizer.FindId(ReservedTokens.BeginningOfSequence) ?? 0, .. tokens.Length > mostTokens - 1 ? tokens[..(mostTokens - 1)] : tokens];
    }

    /// <inheritdoc/>
    public string Name => "classification";

    /// <inheritdoc/>
    public string DataHash
    {
        get
        {
            var hash = new XxHash3();
            foreach (int[] text in texts) hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
            hash.Append(MemoryMarshal.AsBytes(classes.AsSpan()));
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
    }

    /// <inheritdoc/>
    public void Check(ModelSpec spec)
    {
        if (spec.Family != ModelFamily.Encoder) throw new InvalidInputException($"Classes are read off the first token, which must see the whole text: that needs an encoder, found {spec.Family}.");
        if (classes.Max() >= spec.ClassCount) throw new InvalidInputException($"The examples have classes up to {classes.Max()}, but the spec's ClassCount is {spec.ClassCount}: set it to {classes.Max() + 1}.");
        if (texts.Max(t => t.Length) > spec.ContextLength) throw new InvalidInputException($"The longest text has {texts.Max(t => t.Length)} tokens, the model's context {spec.ContextLength}: lower mostTokens or raise ContextLength.");
    }

    /// <inheritdoc/>
    public (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight)
    {
        var random = TrainingObjective.RandomOf(seed, number);
        int[] chosen = [.. Enumerable.Range(0, batchSize).Select(_ => random.Next(texts.Length))];
        int[][] drawn = [.. chosen.Select(i => texts[i])];
        var chunks = new TextChunks(drawn, engine.WorkerCount);
        double[] losses = new double[engine.WorkerCount];
        engine.OnEach((worker, model, pass) =>
        {
            foreach (int chunk in chunks.Of[worker])
            {
                using var scope = NewDisposeScope();
                var logits = model.Classify(model.Hidden(chunks.Input(chunk, engine.Device), pass), pass).Logits;   // [texts, classes]
                var targets = ComputeDevices.Upload(tensor(chunks.Texts(chunk).Select(t => (long)classes[chosen[t]]).ToArray()), engine.Device);
                var loss = nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum) / batchSize;
                (loss * weight).backward();
                losses[worker] += loss.item<float>();
            }
        }, number);
        return (losses.Sum(), drawn.Sum(t => (long)t.Length));
    }

    /// <summary>The likeliest class of each text.</summary>
    /// <param name="model">A model that has learned classes.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="mostTokens">As in training.</param>
    public static int[] Predict(LanguageModel model, VocabularyTokenizer tokenizer, IReadOnlyList<string> texts, int mostTokens = 128)
    {
        using var none = no_grad();
        var chunks = new TextChunks([.. texts.Select(t => Encode(t, tokenizer, mostTokens))], 1);
        int[] result = new int[texts.Count];
        var pass = new ForwardPass();
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            using var scope = NewDisposeScope();
            long[] best = [.. model.Classify(model.Hidden(chunks.Input(chunk, model.Device), pass), pass).Logits.argmax(1).cpu().data<long>()];
            var members = chunks.Texts(chunk);
            for (int row = 0; row < best.Length; row++) result[members[row]] = (int)best[row];
        }
        return result;
    }
}
