using System.Runtime.InteropServices;

namespace LlmLab.Notebooks;

/// <summary>The dotnet program that runs this process.</summary>
static class DotnetHost
{
    /// <summary>
    /// Its absolute path. Named so, a program starts everywhere: its native launcher finds the runtime only where DOTNET_ROOT or a
    /// system-wide install says so.
    /// </summary>
    public static string Path { get; } = System.IO.Path.GetFullPath(
        System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
