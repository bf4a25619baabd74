using System.Runtime.CompilerServices;

namespace LlmLab.Models.Kernels;

/// <summary>Causal self-attention of the compiled pass, one sequence and head at a time.</summary>
sealed unsafe partial class CompiledPass
{
    float Scale => 1 / MathF.Sqrt(spec.HeadSize);

    // wide [rows, 3·inner] holds queries, keys and values; packed keeps them in bfloat16, normalised and turned; mixed gets the result.
    void Attend(int layer, int count)
    {
        int head = spec.HeadSize, heads = spec.HeadCount, stride = 3 * inner;
        for (int row = 0; row < count; row++)
        {
            float* line = wide + (long)row * stride;
            ushort* kept = packed[layer] + (long)row * stride;
            for (int part = 0; part < 2 * heads; part++)
                queryKeyScales[layer][(long)row * 2 * heads + part] = Place(line + part * head, row % length, kept + part * head);
            BFloat16.Convert(line + 2 * inner, kept + 2 * inner, inner);
        }
        for (int sequence = 0; sequence < count / length; sequence++)
            for (int h = 0; h < heads; h++)
            {
                ushort* query = packed[layer] + (long)sequence * length * stride + h * head;
                ushort* weightsOfHead = attention[layer] + ((long)sequence * heads + h) * length * length;
                var keys = new Panels(keyPanels, head, length);
                BFloat16.PackTransposed(query + inner, stride, keys);
                Product.Multiply(new Left(query, stride), keys, scores, length, length, triangle: Triangle.Result);
                for (int row = 0; row < length; row++)
                    Elementwise.CausalSoftmax(scores + (long)row * length, Scale, row, length, weightsOfHead + (long)row * length);
                var ofValues = new Panels(valuePanels, length, head);
                BFloat16.Pack(query + 2 * inner, stride, ofValues);
                Product.Multiply(new Left(weightsOfHead, length), ofValues, narrow + (long)sequence * length * inner + h * head, inner, length, triangle: Triangle.Left);
            }
        BFloat16.Convert(narrow, mixed[layer], (long)count * inner);
    }

    // narrow [rows, inner] holds the gradient of the result; wide [rows, 3·inner] gets the gradient of queries, keys and values.
    void AttendBackward(int layer, int count)
    {
        int head = spec.HeadSize, heads = spec.HeadCount, stride = 3 * inner;
        BFloat16.Convert(narrow, narrowRows, (long)count * inner);
        for (int sequence = 0; sequence < count / length; sequence++)
            for (int h = 0; h < heads; h++)
            {
                long first = (long)sequence * length;
                ushort* query = packed[layer] + first * stride + h * head;
                ushort* weightsOfHead = attention[layer] + ((long)sequence * heads + h) * length * length;
                float* into = wide + first * stride + h * head;

                var ofValues = new Panels(valuePanels, head, length);
                BFloat16.PackTransposed(query + 2 * inner, stride, ofValues);
                Product.Multiply(new Left(narrowRows + first * inner + h * head, inner), ofValues, scores, length, length, triangle: Triangle.Result);
                for (int row = 0; row < length; row++)
                    Elementwise.CausalSoftmaxBackward(weightsOfHead + (long)row * length, scores + (long)row * length, Scale, row, length, scoreRows + (long)row * length);

                var (ofGradient, ofQueries, ofKeys) = (new Panels(gradientPanels, length, head), new Panels(queryPanels, length, head), new Panels(keyPanels, length, head));
                var (ofWeights, ofScores) = (new Panels(weightPanels, length, length), new Panels(scorePanels, length, length));
                BFloat16.Pack(narrowRows + first * inner + h * head, inner, ofGradient);
                BFloat16.Pack(query, stride, ofQueries);
                BFloat16.Pack(query + inner, stride, ofKeys);
                BFloat16.Pack(weightsOfHead, length, ofWeights);
                BFloat16.Pack(scoreRows, length, ofScores);
                Product.Multiply(new Left(scoreRows, length), ofKeys, into, stride, length, triangle: Triangle.Left);
                Product.Multiply(new Left(ofScores), ofQueries, into + inner, stride, length, triangle: Triangle.LeftTransposed);
                Product.Multiply(new Left(ofWeights), ofGradient, into + 2 * inner, stride, length, triangle: Triangle.LeftTransposed);
            }
        for (int row = 0; row < count; row++)
            for (int part = 0; part < 2 * heads; part++)
                PlaceBackward(wide + (long)row * stride + part * head, row % length, packed[layer] + (long)row * stride + part * head,
                    queryKeyScales[layer][(long)row * 2 * heads + part]);
    }

    // Norm and rotation of one query or key; they commute, because a rotation keeps the length. Returns the norm's scale.
    float Place(float* x, int position, ushort* kept)
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
    void PlaceBackward(float* gradientOfPlaced, int position, ushort* kept, float scale)
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
