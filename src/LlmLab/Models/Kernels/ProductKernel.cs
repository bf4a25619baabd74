using System.Runtime.InteropServices;

namespace LlmLab.Models.Kernels;

/// <summary>What the innermost loop of a product works on. Strides are in bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct ProductBlock
{
    /// <summary>8 rows of bfloat16 pairs.</summary>
    public ushort* Left;
    /// <summary>Pairs of rows, interleaved, of 16, 32 or 48 columns.</summary>
    public ushort* Right;
    /// <summary>8 rows of float32.</summary>
    public float* Result;
    public nint LeftRowStride, LeftPairStride, RightPairStride, ResultRowStride;
    /// <summary>Pairs of the dimension that is summed over; counted down.</summary>
    public nint Pairs;
}

/// <summary>
/// The innermost loop of matrix products: 8 rows × 16, 32 or 48 columns of float32 sums stay in registers while pairs of bfloat16 are
/// multiplied and added (VDPBF16PS, Intel SDM vol. 2). Six versions: three widths, each setting or adding to the result.
/// </summary>
static unsafe class ProductKernel
{
    const int Rows = 8, LeftRegister = 27, RightRegister = 24;
    const int Rax = 0, Rcx = 1, Rdx = 2, Rsi = 6, Rdi = 7, R8 = 8, R9 = 9, R10 = 10, R11 = 11;

    static readonly Lazy<MachineCode[]> codes = new(() => [.. from adds in new[] { false, true } from vectors in new[] { 1, 2, 3 } select new MachineCode(Assemble(vectors, adds))]);

    /// <summary>The kernel for a number of 16-column vectors (1 to 3) that sets, or adds to, the result.</summary>
    public static delegate* unmanaged[SuppressGCTransition]<ProductBlock*, void> Get(int vectors, bool adds) =>
        (delegate* unmanaged[SuppressGCTransition]<ProductBlock*, void>)codes.Value[(adds ? 3 : 0) + vectors - 1].Address;

    // System V x86-64: the argument comes in rdi; rax, rcx, rdx, rsi, r8 to r11 and all zmm registers are the callee's to use.
    static byte[] Assemble(int vectors, bool adds)
    {
        var code = new Assembler();
        code.Load(R10, Rdi, 0);        // left, rows 0 to 2
        code.Load(Rsi, Rdi, 8);        // right
        code.Load(Rdx, Rdi, 16);       // result
        code.Load(Rax, Rdi, 24);       // left row stride
        code.Load(R9, Rdi, 48);        // result row stride
        if (adds)
        {
            code.Move(Rcx, Rdx);
            for (int row = 0; row < Rows; row++)
            {
                for (int vector = 0; vector < vectors; vector++) code.LoadVector(row * vectors + vector, Rcx, vector);
                code.Add(Rcx, R9);
            }
        }
        else
        {
            for (int sum = 0; sum < Rows * vectors; sum++) code.Zero(sum);
        }
        code.AddressOf(R11, R10, Rax, 2);
        code.Add(R11, Rax);            // rows 3 to 5
        code.AddressOf(R8, R11, Rax, 2);
        code.Add(R8, Rax);             // rows 6 and 7
        code.Load(Rcx, Rdi, 32);       // left pair stride
        code.Load(R9, Rdi, 40);        // right pair stride
        int loop = code.Position;
        for (int vector = 0; vector < vectors; vector++) code.LoadVector(RightRegister + vector, Rsi, vector);
        int[] bases = [R10, R10, R10, R11, R11, R11, R8, R8];
        for (int row = 0; row < Rows; row++)
        {
            int left = LeftRegister + (row & 3);
            code.BroadcastPair(left, bases[row], Rax, row % 3);
            for (int vector = 0; vector < vectors; vector++) code.MultiplyAddPairs(row * vectors + vector, left, RightRegister + vector);
        }
        code.Add(R10, Rcx);
        code.Add(R11, Rcx);
        code.Add(R8, Rcx);
        code.Add(Rsi, R9);
        code.DecrementMemory(Rdi, 56);
        code.JumpIfNotZero(loop);
        code.Load(R9, Rdi, 48);
        for (int row = 0; row < Rows; row++)
        {
            for (int vector = 0; vector < vectors; vector++) code.StoreVector(row * vectors + vector, Rdx, vector);
            code.Add(Rdx, R9);
        }
        code.Return();
        return code.ToArray();
    }
}
