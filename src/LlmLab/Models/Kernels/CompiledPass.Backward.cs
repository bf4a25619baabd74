namespace LlmLab.Models.Kernels;

/// <summary>The way back of the compiled pass, from the head on. The gradient of the residual stream goes down through the layers in <c>gradient</c>.</summary>
sealed unsafe partial class CompiledPass
{
    void Backward(ReadOnlySpan<long> tokens)
    {
        int count = tokens.Length;
        long size = (long)count * width;
        if (spec.InitialEmbeddingSkip) new Span<float>(initialGradient, (int)size).Clear();
        for (int layer = spec.LayerCount - 1; layer >= 0; layer--)
        {
            var place = weights.Layers[layer];
            FeedForwardBackward(layer, place, count);
            AttentionBackward(layer, place, count);
            if (!spec.InitialEmbeddingSkip) continue;
            gradients[place.ResidualScale] += Elementwise.Dot(gradient, leaving[layer], size);
            gradients[place.InitialScale] += Elementwise.Dot(gradient, leaving[0], size);
            Elementwise.AddScaled(gradient, values[place.InitialScale], initialGradient, size);
            Elementwise.Scale(gradient, values[place.ResidualScale], size);
        }
        if (spec.InitialEmbeddingSkip) Elementwise.AddScaled(initialGradient, 1, gradient, size);
        EmbeddingBackward(tokens);
    }

    // wideRows holds the gradient of the logits of the scored rows, [scored, vocabulary].
    void HeadBackward(int all)
    {
        new Span<float>(gradient, all * width).Clear();
        if (scoredCount == 0) return;
        var head = weights.Head!;
        int count = ScoredRows;
        var ofLogits = new Panels(widePanels, count, vocabulary);
        var ofInput = new Panels(narrowPanels, count, width);
        BFloat16.Pack(wideRows, vocabulary, ofLogits);
        BFloat16.Pack(finalInput, width, ofInput);
        int whole = head.Outputs & ~7;
        float* into = gradients + head.Offset;
        Product.Multiply(new Left(ofLogits), ofInput, into, width, whole, adds: true);
        if (whole < head.Outputs)
        {
            // The last rows of a vocabulary that is no multiple of 8 would be written past the matrix's end.
            Product.Multiply(new Left(ofLogits), ofInput, wide, width, whole + 8, firstRow: whole);
            Elementwise.AddScaled(wide, 1, into + (long)whole * width, (long)(head.Outputs - whole) * width);
        }
        Product.Multiply(new Left(wideRows, vocabulary), head.Backward, narrow, width, count);
        // Back to their places, from the last on: each lies at or before its own.
        for (int row = all - 1, i = scoredCount - 1; row >= 0; row--)
        {
            var place = new Span<float>(narrow + (long)row * width, width);
            if (i < 0 || scored[i] != row) place.Clear();
            else if (i != row) new ReadOnlySpan<float>(narrow + (long)i-- * width, width).CopyTo(place);
            else i--;
        }
        NormalizeBackward(leaving[spec.LayerCount], finalStatistics, weights.FinalGain, all);
    }

    void FeedForwardBackward(int layer, CompiledLayer place, int count)
    {
        ResidualBackward(place.Down, active[layer], feedForward, wide, count);
        Elementwise.ActivateBackward(spec.Activation, hidden[layer], wide, wideRows, (long)count * feedForward);
        LinearBackward(place.Up, feedForwardInput[layer], count);
        NormalizeBackward(joined[layer], feedForwardStatistics[layer], place.FeedForwardGain, count);
    }

    void AttentionBackward(int layer, CompiledLayer place, int count)
    {
        ResidualBackward(place.Output, mixed[layer], inner, narrow, count);
        AttendBackward(layer, count);
        BFloat16.Convert(wide, wideRows, 3L * count * inner);
        LinearBackward(place.Packed, attentionInput[layer], count);
        if (spec.ShortConvolution > 0) ConvolveBackward(normal[layer], values + place.ShortConvolution, count, gradients + place.ShortConvolution);
        NormalizeBackward(entering[layer], attentionStatistics[layer], place.AttentionGain, count);
    }

    // The gradient of the residual stream as bfloat16 rows (in narrowRows) and panels.
    Panels PackGradient(int count)
    {
        var panels = new Panels(narrowPanels, count, width);
        BFloat16.Convert(gradient, narrowRows, (long)count * width);
        BFloat16.Pack(narrowRows, width, panels);
        return panels;
    }

    // A matrix whose result, [count, width], is added to the residual stream: result gets the gradient of its input, [count, inputs].
    void ResidualBackward(CompiledMatrix matrix, ushort* input, int inputs, float* result, int count)
    {
        var (ofStream, ofInput) = (PackGradient(count), new Panels(widePanels, count, inputs));
        BFloat16.Pack(input, inputs, ofInput);
        Product.Multiply(new Left(ofStream), ofInput, gradients + matrix.Offset, inputs, width, adds: true);
        Product.Multiply(new Left(narrowRows, width), matrix.Backward, result, inputs, count);
    }

    // wideRows holds the gradient of the result, [count, outputs]; narrow gets that of the input, [count, width].
    void LinearBackward(CompiledMatrix matrix, ushort* input, int count)
    {
        var (ofResult, ofInput) = (new Panels(widePanels, count, matrix.Outputs), new Panels(narrowPanels, count, width));
        BFloat16.Pack(wideRows, matrix.Outputs, ofResult);
        BFloat16.Pack(input, width, ofInput);
        Product.Multiply(new Left(ofResult), ofInput, gradients + matrix.Offset, width, matrix.Outputs, adds: true);
        Product.Multiply(new Left(wideRows, matrix.Outputs), matrix.Backward, narrow, width, count);
    }

    // narrow holds the gradient of the norm's result; that of its input is added to the residual stream's.
    void NormalizeBackward(float* x, float* statistics, long gain, int count)
    {
        for (int row = 0; row < count; row++)
            Elementwise.NormalizeBackward(x + (long)row * width, narrow + (long)row * width, width, spec.Norm == NormKind.LayerNorm,
                statistics[2 * row], statistics[2 * row + 1], gain < 0 ? null : values + gain, gradient + (long)row * width, gain < 0 ? null : gradients + gain);
    }

    void EmbeddingBackward(ReadOnlySpan<long> tokens)
    {
        int count = tokens.Length;
        if (spec.NormAfterEmbedding)
        {
            Copy(gradient, narrow, (long)count * width);
            new Span<float>(gradient, count * width).Clear();
            NormalizeBackward(embedded, embeddingStatistics, weights.EmbeddingGain, count);
        }
        for (int row = 0; row < count; row++)
        {
            float* line = gradient + (long)row * width;
            Elementwise.AddScaled(line, 1, gradients + weights.Tokens + tokens[row] * width, width);
            if (weights.Positions >= 0) Elementwise.AddScaled(line, 1, gradients + weights.Positions + (long)places[row] * width, width);
        }
    }
}
