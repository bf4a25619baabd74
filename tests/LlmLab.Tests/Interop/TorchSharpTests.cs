using System.Diagnostics;
using System.Reflection;
using TorchSharp;

namespace LlmLab.Tests.Interop;

public sealed class TorchSharpTests
{
    // TorchSharp passes a Scalar's handle to native code and lets go of the Scalar: only unoptimised code keeps it alive until the call returns.
    [Fact]
    public void Assembly_AsBuiltHere_KeepsArgumentsAliveUntilTheNativeCallReturns() =>
        Assert.True(typeof(torch).Assembly.GetCustomAttribute<DebuggableAttribute>()!.IsJITOptimizerDisabled);
}
