using System.Threading.Channels;
using LlmLab.Interop;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Data;

/// <summary>One batch: sequences of tokens and, for each token, the one after it.</summary>
/// <param name="Sequences">Sequences in it.</param>
/// <param name="Length">Tokens a sequence.</param>
public sealed class Batch(int Sequences, int Length)
{
    /// <summary>Sequences in it.</summary>
    public int Sequences { get; } = Sequences;
    /// <summary>Tokens a sequence.</summary>
    public int Length { get; } = Length;
    /// <summary>Tokens, row by row: [sequences × length].</summary>
    public long[] Tokens { get; } = new long[Sequences * Length];
    /// <summary>The token after each, −1 where there is none to be scored: [sequences × length].</summary>
    public long[] Targets { get; } = new long[Sequences * Length];
    /// <summary>Weight of each target, or null where all count the same: [sequences × length].</summary>
    public float[]? Weights { get; set; }
    /// <summary>What the encoder reads, [sequences × source length], or null.</summary>
    public long[]? Source { get; init; }
    /// <summary>Tokens of the source of each sequence.</summary>
    public int SourceLength { get; init; }
    /// <summary>Position of each token where it is not its place in the row, or null: [sequences × length].</summary>
    public long[]? Positions { get; init; }
    /// <summary>Position of the token that each is to predict, or null: [sequences × length].</summary>
    public long[]? NextPositions { get; init; }
    /// <summary>What the loss's sum is divided by to be a mean: scored targets, or the sum of their weights.</summary>
    public double Divisor { get; set; } = Sequences * (double)Length;

    /// <summary>Some of the sequences as tensors for the model.</summary>
    /// <param name="first">First sequence.</param>
    /// <param name="count">Number of sequences.</param>
    /// <param name="device">Where the tensors go.</param>
    public Models.ModelInput Input(int first, int count, Device device)
    {
        Tensor? Rows(long[]? values, int length) => values is null ? null : ComputeDevices.Upload(tensor(values.AsMemory(first * length, count * length), [count, length]), device);
        return new Models.ModelInput(Rows(Tokens, Length)!) { Source = Rows(Source, SourceLength), Positions = Rows(Positions, Length), NextPositions = Rows(NextPositions, Length) };
    }
}

/// <summary>
/// Draws windows of a dataset, at random places (nanoGPT's way: with replacement) or each once an epoch in random order, by a
/// counter-based generator of its own: batch n depends on the seed and n alone. So a run resumes at any batch, and nothing else that
/// draws random numbers changes it.
/// </summary>
public sealed class BatchSampler
{
    readonly TokenDataset dataset;
    readonly ulong seed;
    readonly long places;
    readonly long[] buffer;
    readonly bool shuffled, aligned;

    /// <summary>A sampler at its first batch.</summary>
    /// <param name="dataset">What to draw from.</param>
    /// <param name="sequences">Sequences a batch.</param>
    /// <param name="length">Tokens a sequence.</param>
    /// <param name="seed">Its own seed.</param>
    /// <param name="shuffled">Every window once an epoch, instead of random places.</param>
    /// <param name="aligned">With <paramref name="shuffled"/>: in order, each window at a multiple of the length, for data that was laid out so.</param>
    /// <exception cref="InvalidInputException">The dataset is shorter than one sequence and its last target.</exception>
    public BatchSampler(TokenDataset dataset, int sequences, int length, long seed, bool shuffled = false, bool aligned = false)
    {
        (this.dataset, Sequences, Length, this.seed, this.shuffled, this.aligned) = (dataset, sequences, length, (ulong)seed, shuffled, aligned);
        places = dataset.Length - length;
        if (places < 1)
            throw new InvalidInputException($"{dataset.Name} has {dataset.Length} tokens, too few for one sequence of {length} and the token after it: give more text or a shorter context.");
        buffer = new long[length + 1];
    }

    /// <summary>Sequences a batch.</summary>
    public int Sequences { get; }

    /// <summary>Tokens a sequence.</summary>
    public int Length { get; }

    /// <summary>Number of the next batch: all the state there is. Set it to resume.</summary>
    public long Position { get; set; }

    /// <summary>Fills the next batch.</summary>
    public void Next(Batch batch)
    {
        for (int row = 0; row < Sequences; row++)
        {
            ulong number = (ulong)(Position * Sequences + row);
            long start = shuffled ? Shuffle(number) : Draw(number);
            dataset.Read(start, buffer);
            buffer.AsSpan(0, Length).CopyTo(batch.Tokens.AsSpan(row * Length));
            buffer.AsSpan(1, Length).CopyTo(batch.Targets.AsSpan(row * Length));
            if (dataset.Weights is { } weights)
            {
                batch.Weights ??= new float[Sequences * Length];
                weights.AsSpan((int)start + 1, Length).CopyTo(batch.Weights.AsSpan(row * Length));
            }
        }
        if (batch.Weights is { } drawn) batch.Divisor = Math.Max(1e-8, Sum(drawn));
        Position++;
    }

    // SplitMix64 (Steele, Lea and Flood 2014) of a counter; the high half of the 128-bit product makes it a place without bias worth naming.
    long Draw(ulong counter)
    {
        ulong z = Mix(Mix(seed) + (counter + 1) * 0x9E3779B97F4A7C15UL);
        return (long)Math.BigMul(z, (ulong)places, out _);
    }

    // The windows of an epoch begin at its own offset; window n is the n-th in a pseudo-random order that needs no memory: a four-round
    // Feistel network permutes the next power of four, and what falls outside is permuted again until it is inside (Black and Rogaway 2002).
    long Shuffle(ulong number)
    {
        ulong windows = (ulong)((places + Length - 1) / Length), epoch = number / windows, index = number % windows;
        if (aligned) return (long)index * Length;
        long offset = (long)(Mix(Mix(seed) ^ (epoch + 1) * 0xD1B54A32D192ED03UL) % (ulong)Length);
        int half = 1;
        while (1UL << (2 * half) < windows) half++;
        ulong mask = (1UL << half) - 1;
        do
        {
            ulong left = index >> half, right = index & mask;
            for (ulong round = 0; round < 4; round++)
                (left, right) = (right, left ^ (Mix(Mix(seed + epoch * 4 + round) + right) & mask));
            index = left << half | right;
        }
        while (index >= windows);
        return Math.Min(offset + (long)index * Length, places - 1);
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    static double Sum(float[] values)
    {
        double sum = 0;
        foreach (float value in values) sum += value;
        return sum;
    }
}

/// <summary>Prepares a sampler's batches on another thread, a few ahead, with buffers that go round instead of becoming garbage.</summary>
public sealed class BatchPipeline : IDisposable
{
    readonly Channel<Batch> ready, free;
    readonly CancellationTokenSource stop = new();
    readonly Task worker;

    /// <summary>Starts at the sampler's position; the sampler must not be used elsewhere until this is disposed.</summary>
    /// <param name="sampler">Draws the windows.</param>
    /// <param name="objective">Makes of them what is to be read and predicted; null: the next token.</param>
    /// <param name="ahead">Batches prepared ahead.</param>
    public BatchPipeline(BatchSampler sampler, TrainingObjective? objective = null, int ahead = 3)
    {
        ready = Channel.CreateBounded<Batch>(ahead);
        free = Channel.CreateUnbounded<Batch>();
        for (int i = 0; i < ahead + 1; i++) free.Writer.TryWrite(objective?.NewBatch(sampler.Sequences) ?? new Batch(sampler.Sequences, sampler.Length));
        var windows = new Batch(sampler.Sequences, sampler.Length);
        worker = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var batch = await free.Reader.ReadAsync(stop.Token).ConfigureAwait(false);
                    long number = sampler.Position;
                    sampler.Next(objective is null ? batch : windows);
                    objective?.Prepare(windows, batch, number);
                    await ready.Writer.WriteAsync(batch, stop.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                ready.Writer.TryComplete();
            }
            catch (Exception e)
            {
                ready.Writer.TryComplete(e);   // the reader throws it
            }
        });
    }

    /// <summary>The next batch; give it back by <see cref="Return"/> when it was used.</summary>
    public Batch Take() => ready.Reader.TryRead(out var batch) ? batch : ready.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Gives a batch's buffers back.</summary>
    public void Return(Batch batch) => free.Writer.TryWrite(batch);

    /// <summary>Stops the other thread.</summary>
    public void Dispose()
    {
        stop.Cancel();
        worker.Wait();
        stop.Dispose();
    }
}
