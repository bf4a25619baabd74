using System.Diagnostics;
using System.Runtime.InteropServices;
using LlmLab.Interop;

namespace LlmLab.Runs;

/// <summary>Where and with what a run was made: what somebody needs to make it again.</summary>
public sealed record RunEnvironment
{
    /// <summary>Version of LlmLab.</summary>
    public string Version { get; init; } = "";
    /// <summary>Commit of the repository, or null outside one.</summary>
    public string? Commit { get; init; }
    /// <summary>Whether files differed from that commit.</summary>
    public bool? Modified { get; init; }
    /// <summary>Version of .NET.</summary>
    public string Framework { get; init; } = "";
    /// <summary>Version of TorchSharp.</summary>
    public string TorchSharp { get; init; } = "";
    /// <summary>"cpu" or "cuda".</summary>
    public string Backend { get; init; } = "";
    /// <summary>Operating system and architecture.</summary>
    public string System { get; init; } = "";
    /// <summary>The processor's name.</summary>
    public string Processor { get; init; } = "";
    /// <summary>Processors that this process may use.</summary>
    public int Processors { get; init; }

    /// <summary>The environment of this process.</summary>
    public static RunEnvironment Current()
    {
        string? repository = Workspace.FindRepository();
        string? commit = repository is null ? null : Git(repository, "rev-parse", "HEAD");
        return new RunEnvironment
        {
            Version = typeof(RunEnvironment).Assembly.GetName().Version?.ToString(3) ?? "",
            Commit = commit,
            Modified = commit is null ? null : Git(repository!, "status", "--porcelain", "--untracked-files=no") is not "",
            Framework = RuntimeInformation.FrameworkDescription,
            TorchSharp = typeof(global::TorchSharp.torch).Assembly.GetName().Version?.ToString(3) ?? "",
            Backend = LibTorch.Backend,
            System = RuntimeInformation.RuntimeIdentifier,
            Processor = ProcessorName(),
            Processors = Environment.ProcessorCount,
        };
    }

    /// <summary>The processor's name as the operating system gives it.</summary>
    public static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        if (File.Exists(file) && File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line)
            return line[(line.IndexOf(':') + 1)..].Trim();
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    static string? Git(string folder, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return null;   // no git on this machine
        }
    }
}
