using LlmLab.Interop;
using TorchSharp;

namespace LlmLab.Tests.Training;

/// <summary>Tests run beside each other and beside other programs: libtorch's spinning barriers would then slow them a hundredfold.</summary>
static class TorchThreads
{
    /// <summary>One libtorch thread for this thread, and for those that use libtorch for the first time.</summary>
    internal static void One()
    {
        LibTorch.Load();
        torch.set_num_threads(1);
    }
}
