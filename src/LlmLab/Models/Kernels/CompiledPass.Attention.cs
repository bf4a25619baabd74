using System.Runtime.CompilerServices;

namespace LlmLab.Models.Kernels;

/// <summary>Self-attention of the compiled pass, one text and head at a time: causal in a decoder, over the whole text in an encoder.</summary>
sealed unsafe partial class CompiledPass
{
    float Scale => 1 / MathF.Sqrt(spec.HeadSize);

    // The last key that a query looks at, and which parts of the products that leaves.
    int Last(in TextRows text, int query) => bothWays ? text.Used - 1 : query;
    Triangle If(Triangle causal) => bothWays ? Triangle.None : causal;

    // wide [rows, 3·inner] holds queries, keys and values; packed keeps them in bfloat16, normalised and turned; mixed gets the result.
    void Attend(int layer, int count)
    {
        int head = spec.HeadSize, heads = spec.HeadCount, stride = 3 * inner;
        for (int row = 0; row < count; row++)
        {
            float* line = wide + (long)row * stride;
            ushort* kept = packed[layer] + (long)row * stride;
            for (int part = 0; part < 2 * heads; part++)
                queryKeyScales[layer][(long)row * 2 * heads + part] = Turned(line + part * head, places[row], kept + part * head);
            BFloat16.Convert(line + 2 * inner, kept + 2 * inner, inner);
        }
        foreach (var text in texts)
            for (int h = 0; h < heads; h++)
            {
                int time = text.Length;
                ushort* query = packed[layer] + (long)text.First * stride + h * head;
                ushort* weightsOfHead = attention[layer] + text.Weights + (long)h * time * time;
                var keys = new Panels(keyPanels, head, time);
                BFloat16.PackTransposed(query + inner, stride, keys);
                Product.Multiply(new Left(query, stride), keys, scores, time, time, triangle: If(Triangle.Result));
                for (int row = 0; row < time; row++)
                    Elementwise.Softmax(scores + (long)row * time, Scale, Last(text, row), time, weightsOfHead + (long)row * time);
                var ofValues = new Panels(valuePanels, time, head);
                BFloat16.Pack(query + 2 * inner, stride, ofValues);
                Product.Multiply(new Left(weightsOfHead, time), ofValues, narrow + (long)text.First * inner + h * head, inner, time, triangle: If(Triangle.Left));
            }
        BFloat16.Convert(narrow, mixed[layer], (long)count * inner);
    }

    // narrow [rows, inner] holds the gradient of the result; wide [rows, 3·inner] gets the gradient of queries, keys and values.
    void AttendBackward(int layer, int count)
    {
        int head = spec.HeadSize, heads = spec.HeadCount, stride = 3 * inner;
        BFloat16.Convert(narrow, narrowRows, (long)count * inner);
        foreach (var text in texts)
            for (int h = 0; h < heads; h++)
            {
                int time = text.Length;
                long first = text.First;
                ushort* query = packed[layer] + first * stride + h * head;
                ushort* weightsOfHead = attention[layer] + text.Weights + (long)h * time * time;
                float* into = wide + first * stride + h * head;

                var ofValues = new Panels(valuePanels, head, time);
                BFloat16.PackTransposed(query + 2 * inner, stride, ofValues);
                Product.Multiply(new Left(narrowRows + first * inner + h * head, inner), ofValues, scores, time, time, triangle: If(Triangle.Result));
                for (int row = 0; row < time; row++)
                    Elementwise.SoftmaxBackward(weightsOfHead + (long)row * time, scores + (long)row * time, Scale, Last(text, row), time, scoreRows + (long)row * time);

                var (ofGradient, ofQueries, ofKeys) = (new Panels(gradientPanels, time, head), new Panels(queryPanels, time, head), new Panels(keyPanels, time, head));
                var (ofWeights, ofScores) = (new Panels(weightPanels, time, time), new Panels(scorePanels, time, time));
                BFloat16.Pack(narrowRows + first * inner + h * head, inner, ofGradient);
                BFloat16.Pack(query, stride, ofQueries);
                BFloat16.Pack(query + inner, stride, ofKeys);
                BFloat16.Pack(weightsOfHead, time, ofWeights);
                BFloat16.Pack(scoreRows, time, ofScores);
                Product.Multiply(new Left(scoreRows, time), ofKeys, into, stride, time, triangle: If(Triangle.Left));
                Product.Multiply(new Left(ofScores), ofQueries, into + inner, stride, time, triangle: If(Triangle.LeftTransposed));
                Product.Multiply(new Left(ofWeights), ofGradient, into + 2 * inner, stride, time, triangle: If(Triangle.LeftTransposed));
            }
        for (int row = 0; row < count; row++)
            for (int part = 0; part < 2 * heads; part++)
                TurnedBackward(wide + (long)row * stride + part * head, places[row], packed[layer] + (long)row * stride + part * head,
                    queryKeyScales[layer][(long)row * 2 * heads + part]);
    }

    // Norm and rotation of one query or key; they commute, because a rotation keeps the length. Returns the norm's scale.
    float Turned(float* x, int position, ushort* kept)
    {
        int head = spec.HeadSize;
        float scale = 1;
        if (spec.QueryKeyNorm)
        {
            scale = Elementwise.Statistics(x, head, centred: false, (float)spec.NormEpsilon).Scale;
            Elementwise.Scale(x, scale, head);
        }
        if (spec.Positions == PositionKind.Rotary) Turn(x, position, 1);
        BFloat16.Convert(x, kept, head);
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void TurnedBackward(float* gradientOfPlaced, int position, ushort* kept, float scale)
    {
        int head = spec.HeadSize;
        if (spec.QueryKeyNorm)
        {
            float product = 0;
            for (int i = 0; i < head; i++) product += gradientOfPlaced[i] * BFloat16.Load(kept[i]);
            product /= head;
            for (int i = 0; i < head; i++) gradientOfPlaced[i] = scale * (gradientOfPlaced[i] - BFloat16.Load(kept[i]) * product);
        }
        if (spec.Positions == PositionKind.Rotary) Turn(gradientOfPlaced, position, -1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Turn(float* x, int position, float sign)
    {
        int half = spec.HeadSize / 2;
        for (int i = 0; i < half; i++)
        {
            float cosine = cosines[position * half + i], sine = sign * sines[position * half + i];
            (x[i], x[i + half]) = (x[i] * cosine - x[i + half] * sine, x[i + half] * cosine + x[i] * sine);
        }
    }
}
