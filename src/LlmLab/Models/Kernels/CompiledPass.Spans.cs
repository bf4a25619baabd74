using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Models.Kernels;

/// <summary>The compiled pass of an encoder that points at answers (<see cref="ModelSpec.SpanHead"/>). Texts keep their own lengths, padded to a multiple of 16.</summary>
sealed unsafe partial class CompiledPass
{
    /// <summary>
    /// The sum of the texts' cross-entropies of an answer's first and last token, of all its places together, over <paramref name="divisor"/>,
    /// whose gradient times <paramref name="share"/> is added to <paramref name="into"/>.
    /// </summary>
    /// <param name="from">The weights, flat.</param>
    /// <param name="into">The gradients, flat; null for the loss alone.</param>
    /// <param name="marked">Texts, none longer than the pass's, each with the first and the last token of its answer, wherever that stands.</param>
    /// <param name="divisor">What the sum is divided by.</param>
    /// <param name="share">Factor of the gradient.</param>
    public double RunSpans(float* from, float* into, IReadOnlyList<(int[] Tokens, (int First, int Last)[] Answers)> marked, double divisor, double share)
    {
        values = from;
        gradients = into;
        long[] tokens = new long[rows];
        double loss = 0;
        for (int text = 0; text < marked.Count;)
        {
            texts.Clear();
            int begun = text, count = 0;
            for (; text < marked.Count && count + Padded(marked[text].Tokens.Length) <= rows; text++)
            {
                int[] own = marked[text].Tokens;
                int padded = Padded(own.Length);
                Place(count, padded, own.Length);
                for (int i = 0; i < padded; i++) tokens[count + i] = i < own.Length ? own[i] : 0;
                count += padded;
            }
            Forward(tokens.AsSpan(0, count));
            for (int i = begun; i < text; i++) loss += Point(texts[i - begun], marked[i].Answers, (float)(share / divisor)) / divisor;
            if (gradients == null) continue;
            new Span<float>(gradient, count * width).Clear();
            NormalizeBackward(leaving[spec.LayerCount], finalStatistics, weights.FinalGain, count);
            Backward(tokens.AsSpan(0, count));
        }
        return loss;
    }

    static int Padded(int length) => (length + 15) / 16 * 16;

    // The loss of a text's two choices; narrow gets the gradient of its rows, zero for padding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    double Point(TextRows text, (int First, int Last)[] answers, float gradientShare)
    {
        double loss = 0;
        new Span<float>(narrow + (long)text.First * width, text.Length * width).Clear();
        for (int choice = 0; choice < 2; choice++)
        {
            float* weight = values + weights.SpanWeight + choice * width;
            float highest = float.NegativeInfinity, highestRight = float.NegativeInfinity;
            for (int i = 0; i < text.Used; i++)
            {
                ushort* x = finalInput + (long)(text.First + i) * width;
                var sum = Vector512<float>.Zero;
                for (int c = 0; c < width; c += 16) sum = Vector512.FusedMultiplyAdd(BFloat16.Load(x + c), Vector512.Load(weight + c), sum);
                scores[i] = Vector512.Sum(sum) + values[weights.SpanBias + choice];
                highest = MathF.Max(highest, scores[i]);
            }
            var right = isRight.AsSpan(0, text.Used);
            right.Clear();
            foreach (var (first, last) in answers) right[choice == 0 ? first : last] = true;
            for (int i = 0; i < text.Used; i++)
                if (right[i]) highestRight = MathF.Max(highestRight, scores[i]);
            float total = 0, totalRight = 0;
            for (int i = 0; i < text.Used; i++)
            {
                total += MathF.Exp(scores[i] - highest);
                if (right[i]) totalRight += MathF.Exp(scores[i] - highestRight);
            }
            loss += Math.Log(total) + highest - Math.Log(totalRight) - highestRight;
            if (gradients == null) continue;
            float* weightGradient = gradients + weights.SpanWeight + choice * width;
            for (int i = 0; i < text.Used; i++)
            {
                float g = gradientShare * (MathF.Exp(scores[i] - highest) / total - (right[i] ? MathF.Exp(scores[i] - highestRight) / totalRight : 0));
                gradients[weights.SpanBias + choice] += g;
                ushort* x = finalInput + (long)(text.First + i) * width;
                float* line = narrow + (long)(text.First + i) * width;
                var factor = Vector512.Create(g);
                for (int c = 0; c < width; c += 16)
                {
                    Vector512.FusedMultiplyAdd(factor, BFloat16.Load(x + c), Vector512.Load(weightGradient + c)).Store(weightGradient + c);
                    Vector512.FusedMultiplyAdd(factor, Vector512.Load(weight + c), Vector512.Load(line + c)).Store(line + c);
                }
            }
        }
        return loss;
    }
}
