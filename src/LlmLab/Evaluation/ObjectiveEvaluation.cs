using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation;

/// <summary>How well a model does what it was trained for, beside what counting gives on the same tokens.</summary>
/// <param name="Loss">Mean nats a scored token.</param>
/// <param name="Unigram">The same when each scored token is predicted by its frequency in the training text.</param>
/// <param name="LeftNeighbour">The same when it is predicted from its left neighbour in the text (counts of pairs, smoothed), by frequency where that is hidden.</param>
/// <param name="Tokens">Tokens scored.</param>
public sealed record ObjectiveScore(double Loss, double Unigram, double LeftNeighbour, long Tokens)
{
    /// <summary>Nats by which the model beats the better of the two baselines.</summary>
    public double Margin => Math.Min(Unigram, LeftNeighbour) - Loss;
}

/// <summary>
/// Scores masked, permuted and denoising models on a validation split: non-overlapping windows from position 0, each hidden once by a fixed
/// seed. Sentinels and the like are not scored, so that all objectives are judged on words of the text. Nor do an encoder–decoder's sentinels
/// take part in its odds: where a span ends is another question than which word comes, and one that the baselines are not asked.
/// </summary>
public static class ObjectiveEvaluation
{
    static readonly int sentinel = Tokenizers.ReservedTokens.All.ToList().IndexOf(Tokenizers.ReservedTokens.Spares[0]);

    /// <summary>Scores a model and the baselines on the same tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Counts come from its training part, windows from its validation part.</param>
    /// <param name="kind">The objective.</param>
    /// <param name="window">Tokens a window; null: the model's context.</param>
    /// <param name="seed">What is hidden.</param>
    /// <param name="precision">Operands of the model's products.</param>
    public static ObjectiveScore Score(LanguageModel model, TrainingData data, ObjectiveKind kind, int? window = null, long seed = 1, Precision precision = Precision.Float32)
    {
        int length = window ?? model.Spec.ContextLength, reserved = kind == ObjectiveKind.Causal ? 0 : Tokenizers.ReservedTokens.All.Count;
        long windows = (data.Validation.Length - 1) / length;
        if (windows < 1) throw new InvalidInputException($"{data.Validation.Name} has {data.Validation.Length} tokens, too few for one window of {length}.");
        var objective = TrainingObjective.Create(kind, model.Spec, length, seed);
        var counts = new BigramCounts(data.Training, model.Spec.VocabularySize);
        const int rows = 16;
        double loss = 0, unigram = 0, left = 0;
        long scored = 0;
        var pass = new ForwardPass { OperandType = GradientEngine.TypeOf(precision) };
        using var none = no_grad();
        for (long first = 0; first < windows; first += rows)
        {
            Operation.Current.ThrowIfCancelled();
            using var scope = NewDisposeScope();
            int count = (int)Math.Min(rows, windows - first);
            var (drawn, batch) = (new Batch(count, length), objective.NewBatch(count));
            long[] text = new long[count * length + 1];
            data.Validation.Read(first * length, text);
            text.AsSpan(0, count * length).CopyTo(drawn.Tokens);
            text.AsSpan(1).CopyTo(drawn.Targets);
            objective.Prepare(drawn, batch, first);
            for (int i = 0; i < batch.Targets.Length; i++)
                if (batch.Targets[i] < reserved) batch.Targets[i] = -1;
            var device = model.Device;
            var logits = model.Logits(batch.Input(0, count, device), pass).view(-1, model.Spec.VocabularySize);
            if (kind == ObjectiveKind.Denoising) logits.narrow(1, sentinel, Tokenizers.ReservedTokens.Spares.Count).fill_(double.NegativeInfinity);
            loss += nn.functional.cross_entropy(logits, tensor(batch.Targets, device: device), ignore_index: -1, reduction: nn.Reduction.Sum).item<float>();
            for (int i = 0; i < batch.Targets.Length; i++)
            {
                if (batch.Targets[i] < 0) continue;
                scored++;
                unigram += counts.Unigram(batch.Targets[i]);
                left += LeftOf(kind, batch, i, length) is { } neighbour ? counts.After(neighbour, batch.Targets[i]) : counts.Unigram(batch.Targets[i]);
            }
        }
        return new ObjectiveScore(loss / scored, unigram / scored, left / scored, scored);
    }

    // The token to the left in the text, where the model can see it.
    static long? LeftOf(ObjectiveKind kind, Batch batch, int i, int length)
    {
        int mask = Tokenizers.ReservedTokens.All.ToList().IndexOf(Tokenizers.ReservedTokens.Mask), row = i / batch.Length, column = i % batch.Length;
        switch (kind)
        {
            case ObjectiveKind.Causal:
                return batch.Tokens[i];
            case ObjectiveKind.Masked:
                return column == 0 || batch.Tokens[i - 1] == mask ? null : batch.Tokens[i - 1];
            case ObjectiveKind.Permutation:
                long wanted = batch.NextPositions![i] - 1;
                for (int k = 0; k <= column; k++)
                    if (batch.Positions![row * length + k] == wanted) return batch.Tokens[row * length + k];
                return null;
            default:
                long before = batch.Tokens[i];   // inside a span; at its start, what stands before the sentinel in the source
                if (before >= Tokenizers.ReservedTokens.All.Count) return before;
                int place = Array.IndexOf(batch.Source!, before, row * batch.SourceLength, batch.SourceLength);
                return place > row * batch.SourceLength ? batch.Source![place - 1] : null;
        }
    }

    /// <summary>Counts of tokens and pairs of a text; the pairs are mixed with the counts (interpolation weight by Witten and Bell 1991).</summary>
    sealed class BigramCounts
    {
        readonly double[] single;
        readonly Dictionary<long, int> pairs = [];
        readonly int[] total, kinds;
        readonly int size;

        public BigramCounts(TokenDataset text, int size)
        {
            (this.size, single, total, kinds) = (size, new double[size], new int[size], new int[size]);
            Array.Fill(single, 1);
            long[] buffer = new long[1 << 16];
            long before = -1;
            for (long start = 0; start < text.Length; start += buffer.Length)
            {
                var slice = buffer.AsSpan(0, (int)Math.Min(buffer.Length, text.Length - start));
                text.Read(start, slice);
                foreach (long token in slice)
                {
                    single[token]++;
                    if (before >= 0)
                    {
                        ref int seen = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(pairs, before * size + token, out bool known);
                        seen++;
                        total[before]++;
                        if (!known) kinds[before]++;
                    }
                    before = token;
                }
            }
            double sum = single.Sum();
            for (int i = 0; i < size; i++) single[i] /= sum;
        }

        public double Unigram(long token) => -Math.Log(single[token]);

        public double After(long before, long token)
        {
            double weight = total[before] == 0 ? 0 : (double)total[before] / (total[before] + kinds[before]);
            double share = total[before] == 0 ? 0 : (double)pairs.GetValueOrDefault(before * size + token) / total[before];
            return -Math.Log(weight * share + (1 - weight) * single[token]);
        }
    }
}
