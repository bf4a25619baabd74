using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>Zeroed memory that begins on a cache line; lives as long as this object is referenced.</summary>
sealed unsafe class AlignedBlock : CriticalFinalizerObject
{
    readonly nuint size;

    public AlignedBlock(nuint bytes)
    {
        size = bytes;
        Pointer = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Pointer, bytes);
        GC.AddMemoryPressure((long)size);
    }

    ~AlignedBlock()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure((long)size);
    }

    public byte* Pointer { get; }
}
