using System.CommandLine;
using System.Runtime.InteropServices;
using LlmLab.Interop;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab doctor</c>: what LlmLab finds on this machine, so that a report of trouble can start with facts.</summary>
static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Check that libtorch loads, and say what LlmLab finds on this machine.");
        Invocation.SetAction(command, invocation =>
        {
            LibTorch.Load();
            var facts = new
            {
                system = RuntimeInformation.OSDescription,
                architecture = RuntimeInformation.OSArchitecture,
                dotnet = RuntimeInformation.FrameworkDescription,
                processors = Environment.ProcessorCount,
                memoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                backend = LibTorch.Backend,
                libtorch = TorchSharp.torch.__version__,
                cudaDevices = TorchSharp.torch.cuda.is_available() ? TorchSharp.torch.cuda.device_count() : 0,
            };
            invocation.WriteLine($"system      {facts.system} ({facts.architecture}), {facts.dotnet}");
            invocation.WriteLine($"processors  {facts.processors}, memory {facts.memoryBytes / (1L << 30)} GiB");
            invocation.WriteLine($"libtorch    {facts.libtorch}, backend {facts.backend}, CUDA devices {facts.cudaDevices}");
            if (facts.backend == "cpu" && File.Exists("/proc/driver/nvidia/version"))
                invocation.WriteLine("An NVIDIA driver is present: build with -p:LlmLabBackend=cuda to use the GPU.");
            invocation.Result(facts);
            return Invocation.Done;
        });
        return command;
    }
}
