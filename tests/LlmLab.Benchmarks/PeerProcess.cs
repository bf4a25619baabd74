using System.ComponentModel;
using System.Diagnostics;

namespace LlmLab.Benchmarks;

/// <summary>Runs a peer's program.</summary>
static class PeerProcess
{
    /// <summary>Wall-clock seconds of a successful run; null where the program is not installed.</summary>
    public static double? Seconds(string program, string arguments, string folder) => Output(program, arguments, folder)?.Seconds;

    /// <summary>Standard output and wall-clock seconds; null where the program is not installed.</summary>
    public static (string Output, double Seconds)? Output(string program, string arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ONNXRUNTIME_NODE_INSTALL_CUDA"] = "skip";
        long began = Stopwatch.GetTimestamp();
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidInputException($"{program} ended with code {process.ExitCode}: {error.Result.Trim()}");
            return (output, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
