using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Tokenizers;

namespace LlmLab.Training;

/// <summary>What a model is asked to predict.</summary>
public enum ObjectiveKind
{
    /// <summary>The next token (Bengio et al. 2003; GPT). For decoders.</summary>
    Causal,
    /// <summary>Some of the tokens (<see cref="TrainingOptions.HiddenShare"/>, usually 15 %), hidden: of those 80 % become the mask token, 10 % a random one, 10 % stay (BERT, Devlin et al. 2018). For encoders.</summary>
    Masked,
    /// <summary>The next token in a random order (XLNet, Yang et al. 2019; in the form of σ-GPT). For decoders with <see cref="ModelSpec.TargetPositions"/>.</summary>
    Permutation,
    /// <summary>Spans of 3 tokens on average, usually 15 % in all, cut out of the source (T5, Raffel et al. 2020). For encoder–decoders.</summary>
    Denoising,
}

/// <summary>
/// Turns windows of text into what a model is to read and predict. What is hidden depends on the seed and the batch's number alone, so a
/// resumed run hides the same. Tokens are the reserved ones of every vocabulary trained here.
/// </summary>
public abstract class TrainingObjective
{
    /// <summary>Share of the tokens that BERT and T5 hide, and that evaluation always hides.</summary>
    public const double UsualHiddenShare = 0.15;

    static readonly int first = ReservedTokens.All.Count;

    /// <summary>Id of a reserved token.</summary>
    protected static int Reserved(string token) => ReservedTokens.All.ToList().IndexOf(token);

    /// <summary>The objective of a kind.</summary>
    /// <param name="kind">What is to be predicted.</param>
    /// <param name="spec">The architecture.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="seed">What is hidden depends on it.</param>
    /// <param name="hidden">Share of the tokens that masked and denoising objectives hide.</param>
    /// <exception cref="InvalidInputException">The architecture cannot learn it.</exception>
    public static TrainingObjective Create(ObjectiveKind kind, ModelSpec spec, int length, long seed, double hidden = UsualHiddenShare)
    {
        bool fits = kind switch
        {
            ObjectiveKind.Causal => spec.Family == ModelFamily.Decoder && !spec.TargetPositions,
            ObjectiveKind.Masked => spec.Family == ModelFamily.Encoder,
            ObjectiveKind.Permutation => spec is { Family: ModelFamily.Decoder, TargetPositions: true },
            _ => spec.Family == ModelFamily.EncoderDecoder,
        };
        if (!fits) throw new InvalidInputException($"A model of the family {spec.Family}{(spec.TargetPositions ? " with target positions" : "")} cannot learn the objective {kind}: use causal for decoders, masked for encoders, permutation for decoders with target positions, denoising for encoder–decoders.");
        if (kind != ObjectiveKind.Causal && spec.VocabularySize <= first)
            throw new InvalidInputException($"The objective {kind} uses reserved tokens, but the vocabulary has only {spec.VocabularySize} tokens: use a tokenizer trained here.");
        return kind switch
        {
            ObjectiveKind.Masked => new MaskedObjective(spec, length, seed, hidden),
            ObjectiveKind.Permutation => new PermutationObjective(length, seed),
            ObjectiveKind.Denoising => new DenoisingObjective(spec.TargetPositions, length, seed, hidden),
            _ => new CausalObjective(length),
        };
    }

    /// <summary>Empty buffers of this objective's shape.</summary>
    public abstract Batch NewBatch(int sequences);

    /// <summary>Fills a batch from drawn windows.</summary>
    /// <param name="windows">Windows of text, with the token after each.</param>
    /// <param name="batch">Buffers of <see cref="NewBatch"/>.</param>
    /// <param name="number">The batch's number.</param>
    public abstract void Prepare(Batch windows, Batch batch, long number);

    /// <summary>The first id that is no reserved token.</summary>
    protected static int FirstOrdinary => first;

    /// <summary>A generator for one batch.</summary>
    internal static Random RandomOf(long seed, long number) => new(unchecked((int)((ulong)(seed * 0x9E3779B1L + number * 0x85EBCA77L) % int.MaxValue)));
}

/// <summary>The next token: windows as they are.</summary>
sealed class CausalObjective(int length) : TrainingObjective
{
    public override Batch NewBatch(int sequences) => new(sequences, length);

    public override void Prepare(Batch windows, Batch batch, long number)
    {
        windows.Tokens.CopyTo(batch.Tokens, 0);
        windows.Targets.CopyTo(batch.Targets, 0);
        (batch.Weights, batch.Divisor) = (windows.Weights?.ToArray(), windows.Divisor);
    }
}

/// <summary>BERT's hidden tokens.</summary>
sealed class MaskedObjective(ModelSpec spec, int length, long seed, double share) : TrainingObjective
{
    static readonly int mask = Reserved(ReservedTokens.Mask);

    public override Batch NewBatch(int sequences) => new(sequences, length);

    public override void Prepare(Batch windows, Batch batch, long number)
    {
        var random = RandomOf(seed, number);
        int scored = 0;
        for (int i = 0; i < windows.Tokens.Length; i++)
        {
            long token = windows.Tokens[i];
            bool hidden = random.NextDouble() < share;
            double how = random.NextDouble();
            batch.Targets[i] = hidden ? token : -1;
            batch.Tokens[i] = !hidden || how >= 0.9 ? token : how < 0.8 ? mask : random.Next(FirstOrdinary, spec.VocabularySize);
            if (hidden) scored++;
        }
        batch.Divisor = Math.Max(1, scored);
    }
}

/// <summary>Random orders: each token is read with its own position and that of the token to be predicted.</summary>
sealed class PermutationObjective(int length, long seed) : TrainingObjective
{
    public override Batch NewBatch(int sequences) => new(sequences, length) { Positions = new long[sequences * length], NextPositions = new long[sequences * length] };

    public override void Prepare(Batch windows, Batch batch, long number)
    {
        var random = RandomOf(seed, number);
        int[] order = new int[length];
        for (int row = 0; row < windows.Sequences; row++)
        {
            for (int i = 0; i < length; i++) order[i] = i;
            random.Shuffle(order);
            int start = row * length;
            for (int i = 0; i < length; i++)
            {
                bool last = i == length - 1;
                batch.Tokens[start + i] = windows.Tokens[start + order[i]];
                batch.Positions![start + i] = order[i];
                batch.NextPositions![start + i] = last ? length : order[i + 1];
                batch.Targets[start + i] = last ? -1 : windows.Tokens[start + order[i + 1]];
            }
        }
        batch.Divisor = windows.Sequences * (length - 1.0);
    }
}

/// <summary>T5's span corruption: each span becomes a sentinel in the source; the target lists the sentinels, each with its span.</summary>
sealed class DenoisingObjective : TrainingObjective
{
    readonly bool targetPositions;
    readonly int length, hidden, spans;
    readonly long seed;
    static readonly int begin = Reserved(ReservedTokens.BeginningOfSequence), sentinel = Reserved(ReservedTokens.Spares[0]);

    public DenoisingObjective(bool targetPositions, int length, long seed, double share)
    {
        (this.targetPositions, this.length, this.seed) = (targetPositions, length, seed);
        hidden = Math.Max(1, (int)Math.Round(share * length));
        spans = Math.Clamp((int)Math.Round(hidden / 3.0), 1, Math.Min(ReservedTokens.Spares.Count - 1, length - hidden));
    }

    public override Batch NewBatch(int sequences) => new(sequences, hidden + spans + 1)
    {
        SourceLength = length - hidden + spans,
        Source = new long[sequences * (length - hidden + spans)],
        NextPositions = targetPositions ? new long[sequences * (hidden + spans + 1)] : null,
    };

    public override void Prepare(Batch windows, Batch batch, long number)
    {
        var random = RandomOf(seed, number);
        for (int row = 0; row < windows.Sequences; row++)
        {
            int[] kept = Partition(random, length - hidden, spans), cut = Partition(random, hidden, spans);
            int read = row * length, source = row * batch.SourceLength, target = row * batch.Length, written = 0;
            long previous = begin, place = 0;   // the place in the source of the last sentinel read
            void Write(long token)
            {
                batch.Tokens[target + written] = previous;
                if (targetPositions) batch.NextPositions![target + written] = place;
                batch.Targets[target + written] = previous = token;
                written++;
            }
            for (int span = 0; span < spans; span++)
            {
                for (int i = 0; i < kept[span]; i++) batch.Source![source++] = windows.Tokens[read++];
                batch.Source![source++] = sentinel + span;
                Write(sentinel + span);
                place = source - 1 - row * batch.SourceLength;
                for (int i = 0; i < cut[span]; i++) Write(windows.Tokens[read++]);
            }
            Write(sentinel + spans);
        }
        batch.Divisor = windows.Sequences * (double)batch.Length;
    }

    // Splits a number into parts of at least 1, all splits equally likely.
    static int[] Partition(Random random, int total, int parts)
    {
        int[] borders = [0, .. Enumerable.Range(1, total - 1).OrderBy(_ => random.Next()).Take(parts - 1).Order(), total];
        return [.. Enumerable.Range(0, parts).Select(i => borders[i + 1] - borders[i])];
    }
}
