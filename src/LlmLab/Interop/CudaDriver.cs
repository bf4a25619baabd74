using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace LlmLab.Interop;

/// <summary>What TorchSharp does not tell of a GPU, asked of NVIDIA's driver library: the current device's name and memory.</summary>
static class CudaDriver
{
    static readonly Lazy<nint> library = new(() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint handle) ? handle : 0);

    /// <summary>The name of the first GPU, or null without a driver.</summary>
    public static unsafe string? Name()
    {
        if (Function("cuDeviceGet") is not (var get and not 0) || Function("cuDeviceGetName") is not (var getName and not 0)) return null;
        int device;
        byte* name = stackalloc byte[256];
        if (((delegate* unmanaged<int*, int, int>)get)(&device, 0) != 0 || ((delegate* unmanaged<byte*, int, int, int>)getName)(name, 256, device) != 0) return null;
        return Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
    }

    /// <summary>Bytes of the GPU's memory that are free and that there are, or null where the driver does not answer.</summary>
    /// <remarks>libtorch keeps what it once took, so that what is taken now is what was taken at most; other programs' memory counts too.</remarks>
    public static unsafe (long Free, long Total)? Memory()
    {
        if (library.Value == 0 || !torch.cuda.is_available()) return null;
        // The driver answers for the context of this thread; libtorch's first call on a thread makes it the current one.
        using (torch.empty(1, device: torch.CUDA)) { }
        if (Function("cuMemGetInfo_v2") is not (var info and not 0)) return null;
        nuint free, total;
        return ((delegate* unmanaged<nuint*, nuint*, int>)info)(&free, &total) == 0 ? ((long)free, (long)total) : null;
    }

    static nint Function(string name) => library.Value != 0 && NativeLibrary.TryGetExport(library.Value, name, out nint address) ? address : 0;
}
