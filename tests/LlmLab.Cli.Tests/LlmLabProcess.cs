using System.Diagnostics;

namespace LlmLab.Cli.Tests;

/// <summary>The real program in a process of its own, with a workspace of its own.</summary>
static class LlmLabProcess
{
    /// <param name="folder">The current folder; the workspace lies in it.</param>
    /// <param name="arguments">Arguments of llmlab.</param>
    public static Task<(int Code, string Output, string Error)> RunAsync(string folder, params string[] arguments) => RunAsync(folder, [], arguments);

    /// <summary>The same with the scale "smoke".</summary>
    public static Task<(int Code, string Output, string Error)> RunAtSmokeScaleAsync(string folder, params string[] arguments) => RunAsync(folder, [("LLMLAB_SCALE", "smoke")], arguments);

    /// <summary>The same with further variables of the environment.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string folder, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Invocation).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["LLMLAB_WORKSPACE"] = Path.Combine(folder, "workspace");
        start.Environment["JUPYTER_DATA_DIR"] = Path.Combine(folder, "jupyter");
        start.Environment["JUPYTER_PATH"] = "";
        foreach (string name in (string[])["LLMLAB_SCALE", "OPENAI_API_KEY", "OPENAI_BASE_URL"]) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
