using System.IO.Hashing;
using System.Runtime.InteropServices;
using LlmLab.Models;
using LlmLab.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training.Tasks;

/// <summary>Two texts that belong together, such as a question and a passage that answers it.</summary>
/// <param name="Anchor">The question.</param>
/// <param name="Positives">Texts that answer it: one is drawn, and none of the others counts as a negative.</param>
/// <param name="Family">Examples of one family are drawn together, so that each finds hard negatives in its batch: a project, a subject; null: none.</param>
/// <param name="Negatives">Texts that look right and are not, or null.</param>
public sealed record ContrastiveExample(string Anchor, IReadOnlyList<string> Positives, string? Family = null, IReadOnlyList<string>? Negatives = null);

/// <summary>How <see cref="ContrastiveTask"/> draws and scores.</summary>
public sealed record ContrastiveOptions
{
    /// <summary>Pairs a batch: each has all others as negatives.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>What cosines are divided by.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Examples of one family that are drawn together; 1: every example by itself.</summary>
    public int FamilySize { get; init; } = 8;

    /// <summary>Share of an anchor's tokens that is left out at random, names too.</summary>
    public double AnchorDropout { get; init; }

    /// <summary>Largest share of an anchor's ordinary words that is left out, exchanged or made up, names and numbers apart.</summary>
    public double AnchorNoise { get; init; } = 0.5;

    /// <summary>Given negatives that are added for each example.</summary>
    public int NegativesEach { get; init; }

    /// <summary>Tokens of a text beyond which it is cut.</summary>
    public int MostTokens { get; init; } = 128;

    /// <summary>Seed of the draws.</summary>
    public long Seed { get; init; } = 1;
}

/// <summary>
/// Learns embeddings of texts by <see cref="ContrastiveLoss"/>. The batch is encoded in chunks, one thread each; the loss is taken over all
/// embeddings together, and its gradient goes back chunk by chunk (Gao et al. 2021, GradCache, with the graphs kept), so that the
/// negatives are the whole batch however it is shared out.
/// </summary>
public sealed class ContrastiveTask : ITrainingTask
{
    readonly ContrastiveOptions options;
    readonly List<int[]> texts = [];
    readonly int[] anchors;
    readonly int[][] positives, negatives;
    readonly HashSet<int>[] answers;
    readonly int[][] families;
    readonly int[] familyOf;
    readonly VocabularyTokenizer tokenizer;
    readonly Dictionary<int, string> anchorTexts = [];
    readonly WordNoise? noise;

    /// <summary>Encodes the examples.</summary>
    /// <exception cref="InvalidInputException">Too few examples, one without a positive, or an empty text.</exception>
    public ContrastiveTask(IReadOnlyList<ContrastiveExample> examples, VocabularyTokenizer tokenizer, ContrastiveOptions? options = null)
    {
        (this.tokenizer, this.options) = (tokenizer, options ??= new ContrastiveOptions());
        if (options.BatchSize < 2 || examples.Count < 2) throw new InvalidInputException($"Contrastive learning needs at least two examples and a batch of two, found {examples.Count} and {options.BatchSize}: others of the batch are the negatives.");
        if (!(options.Temperature > 0)) throw new InvalidInputException($"The temperature must be above 0, found {options.Temperature}.");
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int Number(string text, string what)
        {
            if (numbers.TryGetValue(text, out int known)) return known;
            int[] tokens = tokenizer.Encode(text);
            if (tokens.Length == 0) throw new InvalidInputException($"A contrastive example has an empty {what}: leave it out.");
            texts.Add(Cut(tokens));
            return numbers[text] = texts.Count - 1;
        }
        anchors = [.. examples.Select(e => Number(e.Anchor, "anchor"))];
        positives = [.. examples.Select(e => e.Positives.Count == 0 ? throw new InvalidInputException($"The contrastive example \"{e.Anchor}\" has no positive: give at least one.") : e.Positives.Select(t => Number(t, "positive")).ToArray())];
        negatives = [.. examples.Select(e => (e.Negatives ?? []).Select(t => Number(t, "negative")).ToArray())];
        answers = [.. positives.Select(p => p.ToHashSet())];
        families = [.. Enumerable.Range(0, examples.Count).GroupBy(i => examples[i].Family ?? "\0" + i).Select(g => g.ToArray())];
        for (int i = 0; i < anchors.Length; i++) anchorTexts[anchors[i]] = examples[i].Anchor;
        if (options.AnchorNoise > 0) noise = new WordNoise(examples.SelectMany(e => e.Positives.Append(e.Anchor)));
        familyOf = new int[anchors.Length];
        for (int family = 0; family < families.Length; family++)
            foreach (int example in families[family]) familyOf[example] = family;
    }

    /// <inheritdoc/>
    public string Name => "contrastive";

    /// <inheritdoc/>
    public string DataHash
    {
        get
        {
            var hash = new XxHash3();
            foreach (int[] text in texts) hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
            for (int i = 0; i < anchors.Length; i++) hash.Append(MemoryMarshal.AsBytes(((int[])[anchors[i], .. positives[i], .. negatives[i]]).AsSpan()));
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
    }

    /// <inheritdoc/>
    public void Check(ModelSpec spec)
    {
        if (spec.EmbeddingWidth == 0) throw new InvalidInputException("A model learns embeddings only if its spec's EmbeddingWidth is above 0: 384 is usual.");
        int longest = texts.Max(t => t.Length);
        if (longest > spec.ContextLength) throw new InvalidInputException($"The longest text has {longest} tokens, the model's context {spec.ContextLength}: lower MostTokens or raise ContextLength.");
    }

    /// <inheritdoc/>
    public (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight)
    {
        var batch = Draw(number);
        var chunks = new TextChunks(batch.Texts, engine.WorkerCount);
        var outputs = new Tensor[chunks.Count];
        engine.OnEach((worker, model, pass) =>
        {
            foreach (int chunk in chunks.Of[worker])
            {
                using var scope = NewDisposeScope();
                outputs[chunk] = model.Embed(chunks.Input(chunk, engine.Device), pass).DetachFromDisposeScope();   // [texts of the chunk, width]
            }
        }, number);
        var (loss, gradients) = LossAndGradients(chunks, outputs, batch, weight);
        engine.OnEach((worker, _, _) =>
        {
            foreach (int chunk in chunks.Of[worker])
            {
                outputs[chunk].backward([gradients[chunk]]);
                outputs[chunk].Dispose();
                gradients[chunk].Dispose();
            }
        }, number);
        return (loss, batch.Texts.Sum(t => (long)t.Length));
    }

    (double Loss, Tensor[] Gradients) LossAndGradients(TextChunks chunks, Tensor[] outputs, ContrastiveBatch batch, double weight)
    {
        using var scope = NewDisposeScope();
        var device = outputs[0].device;
        long[] order = [.. Enumerable.Range(0, chunks.Count).SelectMany(chunks.Texts).Select(t => (long)t)];   // row r of all outputs is text order[r]
        long[] places = new long[order.Length];
        for (int row = 0; row < order.Length; row++) places[order[row]] = row;
        var joined = cat([.. outputs.Select(o => o.detach())], 0).requires_grad_(true);
        var sorted = joined.index_select(0, tensor(places, device: device));
        long candidates = batch.Texts.Count - batch.Count;
        var excluded = tensor(batch.Excluded, [batch.Count, candidates], device: device);
        var loss = ContrastiveLoss.Of(sorted.narrow(0, 0, batch.Count), sorted.narrow(0, batch.Count, candidates), options.Temperature, excluded);
        (loss * weight).backward();
        var gradients = joined.grad!.split([.. outputs.Select(o => o.shape[0])], 0).Select(g => g.DetachFromDisposeScope()).ToArray();
        return (loss.item<float>(), gradients);
    }

    // Texts: anchors, then a positive of each, then given negatives.
    sealed record ContrastiveBatch(int Count, List<int[]> Texts, bool[] Excluded);

    ContrastiveBatch Draw(long number)
    {
        var random = TrainingObjective.RandomOf(options.Seed, number);
        var chosen = new List<int>();
        var taken = new HashSet<int>();
        int count = Math.Min(options.BatchSize, anchors.Length);
        while (chosen.Count < count)
        {
            int[] family = families[familyOf[random.Next(anchors.Length)]];   // each as often as it has examples
            for (int i = 0; i < options.FamilySize && chosen.Count < count; i++)
            {
                int example = family[random.Next(family.Length)];
                if (taken.Add(example)) chosen.Add(example);
            }
        }
        int[] candidates = [.. chosen.Select(e => positives[e][random.Next(positives[e].Length)]), .. chosen.SelectMany(e => Enumerable.Range(0, Math.Min(options.NegativesEach, negatives[e].Length)).Select(_ => negatives[e][random.Next(negatives[e].Length)]))];
        bool[] excluded = new bool[count * candidates.Length];
        for (int i = 0; i < count; i++)
            for (int j = 0; j < candidates.Length; j++) excluded[i * candidates.Length + j] = i != j && answers[chosen[i]].Contains(candidates[j]);
        return new ContrastiveBatch(count, [.. chosen.Select(e => Disturbed(anchors[e], random)), .. candidates.Select(c => texts[c])], excluded);
    }

    int[] Disturbed(int anchor, Random random)
    {
        int[] tokens = texts[anchor];
        if (noise is not null)
        {
            tokens = Cut(tokenizer.Encode(noise.Apply(anchorTexts[anchor], options.AnchorNoise, random)));
            if (tokens.Length == 0) tokens = texts[anchor];
        }
        if (options.AnchorDropout <= 0) return tokens;
        int[] kept = [.. tokens.Where(_ => random.NextDouble() >= options.AnchorDropout)];
        return kept.Length > 0 ? kept : tokens;
    }

    int[] Cut(int[] tokens) => tokens.Length > options.MostTokens ? tokens[..options.MostTokens] : tokens;
}
