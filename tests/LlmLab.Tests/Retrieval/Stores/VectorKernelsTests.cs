using System.Numerics.Tensors;
using LlmLab.Retrieval.Stores.Indexes;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed unsafe class VectorKernelsTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(384)]
    [InlineData(1040)]
    public void Floats_FastForms_EqualTensorPrimitives(int length)
    {
        var (a, b) = (Floats(1, length), Floats(2, length));
        fixed (float* x = a, y = b)
        {
            Assert.Equal(TensorPrimitives.Dot<float>(a, b), VectorKernels.Dot(x, y, length), 1e-4f);
            float distance = TensorPrimitives.Distance<float>(a, b);
            Assert.Equal(distance * distance, VectorKernels.SquaredDistance(x, y, length), 1e-3f);
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(384)]
    public void Bytes_FastForms_EqualTheirDefinitions(int length)
    {
        var random = new Random(length);
        var a = new byte[length];
        var c = new byte[length];
        var b = new sbyte[length];
        for (int round = 0; round < 20; round++)
        {
            int used = length - round; // the rest is padding
            for (int i = 0; i < used; i++)
            {
                a[i] = (byte)(round == 0 ? 255 : random.Next(1, 256));
                c[i] = (byte)(round == 0 ? 255 : random.Next(1, 256));
                b[i] = (sbyte)(round == 0 ? 63 : random.Next(-63, 64));
            }
            a.AsSpan(used).Clear();
            b.AsSpan(used).Clear();
            c.AsSpan(used).Clear();
            fixed (byte* x = a, z = c)
            fixed (sbyte* y = b)
            {
                Assert.Equal(VectorKernels.DotPlain(x, y, length), VectorKernels.Dot(x, y, length));
                Assert.Equal(VectorKernels.DotCodesPlain(x, z, length), VectorKernels.DotCodes(x, z, length));
            }
        }
    }

    static float[] Floats(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
