using TorchSharp;

namespace LlmLab.Interop;

/// <summary>Where weights lie and passes are computed.</summary>
public enum ComputeDevice
{
    /// <summary>The first GPU that libtorch's CUDA build finds, else the processor.</summary>
    Auto,
    /// <summary>The processor, with its memory.</summary>
    Cpu,
    /// <summary>The first NVIDIA GPU that the process may see (<c>CUDA_VISIBLE_DEVICES</c> chooses among several).</summary>
    Cuda,
}

/// <summary>Chooses devices and moves numbers to them.</summary>
public static class ComputeDevices
{
    /// <summary>The device that is meant: never <see cref="ComputeDevice.Auto"/>.</summary>
    /// <exception cref="InvalidInputException">CUDA is asked for where there is none: why, and what to do.</exception>
    public static ComputeDevice Choose(ComputeDevice asked)
    {
        if (asked == ComputeDevice.Cpu) return asked;
        LibTorch.Load();
        if (torch.cuda.is_available()) return ComputeDevice.Cuda;
        if (asked == ComputeDevice.Auto) return ComputeDevice.Cpu;
        string why = LibTorch.Backend == "cuda"
            ? "the CUDA build of libtorch finds no GPU: check `nvidia-smi`, the driver and CUDA_VISIBLE_DEVICES"
            : "this build of LlmLab brings libtorch for processors only: build with `-p:LlmLabBackend=cuda` (package TorchSharp-cuda-linux or TorchSharp-cuda-windows), or name the folder of a libtorch 2.10 with CUDA in LLMLAB_LIBTORCH";
        throw new InvalidInputException($"The device cuda is asked for (options.device, --device), but {why}; or ask for the device cpu.");
    }

    /// <summary>libtorch's name of a device.</summary>
    /// <exception cref="InvalidInputException">CUDA is asked for where there is none.</exception>
    public static torch.Device Open(ComputeDevice asked)
    {
        if (Choose(asked) != ComputeDevice.Cuda) return torch.CPU;
        // float32 products may round their operands to TF32 (10 bits of mantissa): what is left of them beside bfloat16 is small.
        torch.backends.cuda.matmul.allow_tf32 = true;
        torch.backends.cudnn.allow_tf32 = true;
        return torch.CUDA;
    }

    /// <summary>
    /// A tensor on a device. To a GPU it goes by way of page-locked memory, and the call does not wait for it: libtorch keeps that memory
    /// until the copy is done.
    /// </summary>
    /// <param name="made">A new tensor in the processor's memory; where another device is asked for, it is disposed.</param>
    /// <param name="device">Where it is to go.</param>
    internal static torch.Tensor Upload(torch.Tensor made, torch.Device device)
    {
        if (device.type != DeviceType.CUDA) return device.type == DeviceType.CPU ? made : made.to(device, disposeAfter: true);
        using var host = made;
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
