using System.Runtime.InteropServices;

namespace LlmLab.Models.Kernels;

/// <summary>
/// One thread's forward and backward pass through a decoder, or an encoder that points at answers, as one piece of code over plain memory:
/// bfloat16 operands, float32 sums and residual stream, no dispatch and no barrier between operations. It computes what
/// <see cref="LanguageModel.Loss"/> (or <see cref="LanguageModel.Spans"/>) and its backward pass compute with bfloat16 operands, and a test
/// holds the two equal. Texts are taken a few at a time, so that the activations stay small.
/// </summary>
sealed unsafe partial class CompiledPass : IDisposable
{
    const int TokensAtOnce = 1024;

    readonly CompiledWeights weights;
    readonly ModelSpec spec;
    readonly int length, sequences, rows, width, inner, feedForward, vocabulary;
    readonly float[] cosines, sines;   // [length, head size / 2]
    readonly List<nint> memory = [];

    readonly float*[] entering, joined;             // [rows, width]: what a layer's attention and its feed-forward layer begin with
    readonly float*[] leaving;                      // [rows, width]: residual stream before each layer, and at the end
    readonly float*[] attentionStatistics, feedForwardStatistics;   // [rows, 2]: mean and scale
    readonly ushort*[] normal;                      // [rows, width]: what the short convolution reads; the attention's input where there is none
    readonly ushort*[] attentionInput, feedForwardInput, packed, mixed, hidden, active;   // bfloat16 [rows, …]
    readonly ushort*[] attention;                   // of each text, [heads, length, length]
    readonly float*[] queryKeyScales;               // [rows, 2·heads]
    readonly float* embedded, embeddingStatistics, finalStatistics, wide, narrow, gradient, initialGradient, scores;
    readonly ushort* finalInput, wideRows, widePanels, narrowRows, narrowPanels;
    readonly ushort* keyPanels, valuePanels, queryPanels, gradientPanels, weightPanels, scorePanels, scoreRows;

    readonly int[] scored;   // rows whose loss counts, ascending
    readonly List<TextRows> texts = [];
    readonly int[] places, ends;   // of each row, its place in its text and one past that text's last token
    readonly bool[] isRight;       // of a text's tokens, whether an answer begins or ends with it
    readonly bool bothWays;        // tokens look at those after them too

    float* values;
    float* gradients;
    int scoredCount;

    /// <param name="weights">The packed weights, shared by all threads.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="most">The most sequences that one call brings.</param>
    public CompiledPass(CompiledWeights weights, int length, int most)
    {
        (this.weights, spec, this.length) = (weights, weights.Spec, length);
        sequences = Math.Clamp(TokensAtOnce / length, 1, Math.Max(1, most));
        (rows, width, inner, feedForward) = (sequences * length, spec.Width, spec.HeadCount * spec.HeadSize, spec.FeedForwardSize);
        vocabulary = weights.Head?.PaddedOutputs ?? 0;
        bothWays = spec.Family == ModelFamily.Encoder;
        int layers = spec.LayerCount, widest = Math.Max(Math.Max(3 * inner, feedForward), vocabulary), middle = Math.Max(width, inner);

        (scored, places, ends, isRight) = (new int[rows], new int[rows], new int[rows], new bool[length]);
        leaving = new float*[layers + 1];
        entering = new float*[layers];
        joined = new float*[layers];
        attentionStatistics = new float*[layers];
        feedForwardStatistics = new float*[layers];
        queryKeyScales = new float*[layers];
        normal = new ushort*[layers];
        attentionInput = new ushort*[layers];
        feedForwardInput = new ushort*[layers];
        packed = new ushort*[layers];
        mixed = new ushort*[layers];
        hidden = new ushort*[layers];
        active = new ushort*[layers];
        attention = new ushort*[layers];
        leaving[0] = Floats((long)rows * width);
        for (int layer = 0; layer < layers; layer++)
        {
            leaving[layer + 1] = Floats((long)rows * width);
            entering[layer] = spec.InitialEmbeddingSkip ? Floats((long)rows * width) : leaving[layer];
            joined[layer] = Floats((long)rows * width);
            attentionStatistics[layer] = Floats(2L * rows);
            feedForwardStatistics[layer] = Floats(2L * rows);
            queryKeyScales[layer] = Floats(2L * rows * spec.HeadCount);
            attentionInput[layer] = Halves((long)rows * width);
            normal[layer] = spec.ShortConvolution > 0 ? Halves((long)rows * width) : attentionInput[layer];
            feedForwardInput[layer] = Halves((long)rows * width);
            packed[layer] = Halves(3L * rows * inner);
            mixed[layer] = Halves((long)rows * inner);
            hidden[layer] = Halves((long)rows * feedForward);
            active[layer] = Halves((long)rows * feedForward);
            attention[layer] = Halves((long)rows * spec.HeadCount * length);
        }
        embedded = Floats((long)rows * width);
        embeddingStatistics = Floats(2L * rows);
        finalStatistics = Floats(2L * rows);
        wide = Floats((long)rows * widest);
        narrow = Floats((long)rows * middle);
        gradient = Floats((long)rows * width);
        initialGradient = Floats((long)rows * width);
        scores = Floats((long)length * length);
        finalInput = Halves((long)rows * width);
        wideRows = Halves((long)rows * widest);
        widePanels = Halves((long)rows * widest);
        narrowRows = Halves((long)rows * middle);
        narrowPanels = Halves((long)rows * middle);
        int head = spec.HeadSize;
        keyPanels = Halves(length * head);
        valuePanels = Halves(length * head);
        queryPanels = Halves(length * head);
        gradientPanels = Halves(length * head);
        weightPanels = Halves((long)length * length);
        scorePanels = Halves((long)length * length);
        scoreRows = Halves((long)length * length);

        double[] frequencies = spec.Positions == PositionKind.Rotary ? Rotary.Frequencies(spec) : [];
        (cosines, sines) = (new float[length * frequencies.Length], new float[length * frequencies.Length]);
        for (int position = 0; position < length; position++)
            for (int i = 0; i < frequencies.Length; i++)
            {
                cosines[position * frequencies.Length + i] = (float)Math.Cos(position * frequencies[i]);
                sines[position * frequencies.Length + i] = (float)(spec.RotaryNegative ? -Math.Sin(position * frequencies[i]) : Math.Sin(position * frequencies[i]));
            }
    }

    /// <summary>Bytes of activations that it holds.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// The loss of some sequences, Σ weight·cross-entropy / divisor, whose gradient times <paramref name="share"/> is added to
    /// <paramref name="into"/>.
    /// </summary>
    /// <param name="from">The weights, flat.</param>
    /// <param name="into">The gradients, flat; null for the loss alone.</param>
    /// <param name="tokens">[sequences, length].</param>
    /// <param name="targets">[sequences, length]; below 0: not scored.</param>
    /// <param name="lossWeights">[sequences, length] or empty for 1 each.</param>
    /// <param name="divisor">What the sum is divided by.</param>
    /// <param name="share">Factor of the gradient.</param>
    public double Run(float* from, float* into, ReadOnlySpan<long> tokens, ReadOnlySpan<long> targets, ReadOnlySpan<float> lossWeights, double divisor, double share)
    {
        values = from;
        gradients = into;
        double loss = 0;
        for (int start = 0; start < tokens.Length; start += rows)
        {
            int count = Math.Min(rows, tokens.Length - start);
            var part = tokens.Slice(start, count);
            texts.Clear();
            for (int first = 0; first < count; first += length) Place(first, length, length);
            Forward(part);
            loss += Head(targets.Slice(start, count), lossWeights.IsEmpty ? default : lossWeights.Slice(start, count), (float)(1 / divisor), (float)(share / divisor));
            if (gradients == null) continue;
            HeadBackward(count);
            Backward(part);
        }
        return loss;
    }

    /// <summary>A text's rows: the first, how many with padding (a multiple of 16), how many hold its tokens, and where its attention weights begin.</summary>
    readonly record struct TextRows(int First, int Length, int Used, long Weights);

    // The next text begins at a row.
    void Place(int first, int padded, int used)
    {
        long weightsBefore = texts.Count == 0 ? 0 : texts[^1].Weights + (long)spec.HeadCount * texts[^1].Length * texts[^1].Length;
        texts.Add(new TextRows(first, padded, used, weightsBefore));
        for (int i = 0; i < padded; i++) (places[first + i], ends[first + i]) = (i, first + used);
    }

    void Forward(ReadOnlySpan<long> tokens)
    {
        int count = tokens.Length;
        long size = (long)count * width;
        float* first = spec.NormAfterEmbedding ? embedded : leaving[0];
        for (int row = 0; row < count; row++)
        {
            float* x = first + (long)row * width;
            new ReadOnlySpan<float>(values + weights.Tokens + tokens[row] * width, width).CopyTo(new Span<float>(x, width));
            if (weights.Positions >= 0) Elementwise.AddScaled(values + weights.Positions + (long)places[row] * width, 1, x, width);
        }
        if (spec.NormAfterEmbedding) Normalize(embedded, embeddingStatistics, weights.EmbeddingGain, count, null, leaving[0]);
        for (int layer = 0; layer < spec.LayerCount; layer++)
        {
            var place = weights.Layers[layer];
            if (spec.InitialEmbeddingSkip)
                Elementwise.Blend(leaving[layer], values[place.ResidualScale], leaving[0], values[place.InitialScale], entering[layer], size);

            Normalize(entering[layer], attentionStatistics[layer], place.AttentionGain, count, normal[layer]);
            if (spec.ShortConvolution > 0) Convolve(normal[layer], values + place.ShortConvolution, count, attentionInput[layer]);
            Product.Multiply(new Left(attentionInput[layer], width), place.Packed.Forward, wide, 3 * inner, count);
            Attend(layer, count);
            Copy(entering[layer], joined[layer], size);
            Product.Multiply(new Left(mixed[layer], inner), place.Output.Forward, joined[layer], width, count, adds: true);

            Normalize(joined[layer], feedForwardStatistics[layer], place.FeedForwardGain, count, feedForwardInput[layer]);
            Product.Multiply(new Left(feedForwardInput[layer], width), place.Up.Forward, wide, feedForward, count);
            BFloat16.Convert(wide, hidden[layer], (long)count * feedForward);
            Elementwise.Activate(spec.Activation, hidden[layer], active[layer], (long)count * feedForward);
            Copy(joined[layer], leaving[layer + 1], size);
            Product.Multiply(new Left(active[layer], feedForward), place.Down.Forward, leaving[layer + 1], width, count, adds: true);
        }
        Normalize(leaving[spec.LayerCount], finalStatistics, weights.FinalGain, count, finalInput);
    }

    // Logits, their loss, and the gradient of the logits in wideRows; for the rows alone whose loss counts, moved together in finalInput.
    double Head(ReadOnlySpan<long> targets, ReadOnlySpan<float> lossWeights, float lossShare, float gradientShare)
    {
        scoredCount = 0;
        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] < 0 || (!lossWeights.IsEmpty && lossWeights[row] == 0)) continue;
            if (scoredCount != row)
                new ReadOnlySpan<ushort>(finalInput + (long)row * width, width).CopyTo(new Span<ushort>(finalInput + (long)scoredCount * width, width));
            scored[scoredCount++] = row;
        }
        int count = ScoredRows;
        new Span<ushort>(finalInput + (long)scoredCount * width, (count - scoredCount) * width).Clear();
        Product.Multiply(new Left(finalInput, width), weights.Head!.Forward, wide, vocabulary, count);
        double loss = 0;
        for (int i = 0; i < count; i++)
        {
            int row = i < scoredCount ? scored[i] : -1;
            float weight = row < 0 ? 0 : lossWeights.IsEmpty ? 1 : lossWeights[row];
            ushort* into = gradients == null ? null : wideRows + (long)i * vocabulary;
            float value = Elementwise.CrossEntropy(wide + (long)i * vocabulary, spec.VocabularySize, vocabulary, row < 0 ? 0 : (int)targets[row], weight * gradientShare, (float)(spec.LogitSoftCap ?? 0), into);
            if (row >= 0) loss += (double)value * weight * lossShare;
        }
        return loss;
    }

    // Products take rows by the eight, and sums over rows by the two.
    int ScoredRows => (scoredCount + 15) / 16 * 16;

    void Normalize(float* x, float* statistics, long gain, int count, ushort* y, float* wideResult = null)
    {
        float* gains = gain < 0 ? null : values + gain;
        for (int row = 0; row < count; row++)
        {
            float* line = x + (long)row * width;
            (statistics[2 * row], statistics[2 * row + 1]) = Elementwise.Statistics(line, width, spec.Norm == NormKind.LayerNorm, (float)spec.NormEpsilon);
            Elementwise.Normalize(line, width, statistics[2 * row], statistics[2 * row + 1], gains,
                y == null ? null : y + (long)row * width, wideResult == null ? null : wideResult + (long)row * width);
        }
    }

    static void Copy(float* from, float* to, long count) => Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));

    float* Floats(long count) => (float*)Allocate(count * sizeof(float));

    ushort* Halves(long count) => (ushort*)Allocate(count * sizeof(ushort));

    nint Allocate(long bytes)
    {
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)bytes + 64, 64);
        NativeMemory.Clear((void*)address, (nuint)bytes + 64);
        memory.Add(address);
        Bytes += bytes;
        return address;
    }

    public void Dispose()
    {
        foreach (nint address in memory) NativeMemory.AlignedFree((void*)address);
        memory.Clear();
    }
}
