using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LlmLab.Models.Kernels;

/// <summary>
/// Machine code made at run time, in memory that is first written and then executed, never both. .NET has no intrinsic for the
/// processor's bfloat16 product (VDPBF16PS), so the innermost loop of matrix products is assembled here.
/// </summary>
sealed unsafe partial class MachineCode : IDisposable
{
    const int Read = 1, Write = 2, Execute = 4, PrivateAnonymous = 0x22;
    readonly nuint length;

    public MachineCode(ReadOnlySpan<byte> code)
    {
        length = (nuint)(code.Length + 4095) / 4096 * 4096;
        Address = Map(0, length, Read | Write, PrivateAnonymous, -1, 0);
        if (Address == -1) throw new InvalidOperationException("No memory for generated machine code.");
        code.CopyTo(new Span<byte>((void*)Address, code.Length));
        if (Protect(Address, length, Read | Execute) != 0) throw new InvalidOperationException("This system does not let a program make memory executable.");
    }

    /// <summary>
    /// Whether this processor has AVX-512 with bfloat16 products, on a system whose calling convention is supported (CPUID leaf 7,
    /// subleaf 1, EAX bit 5).
    /// </summary>
    public static bool HasBFloat16Products { get; } =
        OperatingSystem.IsLinux() && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported
        && X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;

    public nint Address { get; }

    public void Dispose() => Unmap(Address, length);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
