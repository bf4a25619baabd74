using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace LlmLab.Interop;

/// <summary>
/// Finds libtorch's shared libraries for TorchSharp. In this order: the folder that <c>LLMLAB_LIBTORCH</c> names (an installed
/// libtorch of a compatible version, PyTorch's own <c>torch/lib</c> for example), <c>native/</c> beside LlmLab.dll (published
/// programs), and the folder that the build filled once for the whole solution.
/// </summary>
public static class LibTorch
{
    /// <summary>The folder that libtorch is loaded from, or null where the platform's own search is left to find it (CUDA packages).</summary>
    public static string? Folder { get; private set; }

    /// <summary>"cpu" or "cuda": what this build of LlmLab references.</summary>
    public static string Backend { get; } = Metadata("LlmLab.Backend") ?? "cpu";

    /// <summary>Loads libtorch if that has not happened yet.</summary>
    /// <exception cref="InvalidInputException">libtorch cannot be loaded: which file, which symbol or library is missing, what to do.</exception>
    public static void Load()
    {
        try
        {
            if (Folder is { } folder) Preload(folder);
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is not InvalidInputException)
        {
            throw new InvalidInputException($"libtorch cannot be loaded from {Folder ?? "the package's folder"}: {FirstLine(e)}. Run `dotnet build -c Release` again, or name a folder with libtorch 2.10 in LLMLAB_LIBTORCH.", e);
        }
    }

    // Must run before the first call into TorchSharp, whatever the host: a notebook, a test, a program.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register()
    {
        Folder = Find();
        if (Folder is null) return;
        var context = AssemblyLoadContext.GetLoadContext(typeof(LibTorch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => Resolve(name);
        if (context != AssemblyLoadContext.Default)
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Resolve(name);
    }

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("LLMLAB_LIBTORCH") is { Length: > 0 } named) return Path.GetFullPath(named);
        string? own = Path.GetDirectoryName(typeof(LibTorch).Assembly.Location);
        if (!string.IsNullOrEmpty(own) && Directory.Exists(Path.Combine(own, "native")) && File.Exists(Path.Combine(own, "native", FileName("LibTorchSharp"))))
            return Path.Combine(own, "native");
        return Metadata("LlmLab.NativeDirectory") is { } built && Directory.Exists(built) ? built : null;
    }

    static nint Resolve(string name)
    {
        string simple = Path.GetFileNameWithoutExtension(name);
        if (simple.StartsWith("lib", StringComparison.Ordinal) && !simple.Equals("LibTorchSharp", StringComparison.Ordinal)) simple = simple[3..];
        if (simple is not ("LibTorchSharp" or "torch_cpu" or "torch" or "c10" or "torch_cuda")) return 0;
        string? file = Candidates(simple).FirstOrDefault(File.Exists);
        return file is not null && NativeLibrary.TryLoad(file, out nint handle) ? handle : 0;
    }

    /// <remarks>A folder named by LLMLAB_LIBTORCH holds libtorch alone: TorchSharp's own library then comes from the build.</remarks>
    static IEnumerable<string> Candidates(string simple)
    {
        yield return Path.Combine(Folder!, FileName(simple));
        if (simple == "LibTorchSharp" && Metadata("LlmLab.NativeDirectory") is { } built) yield return Path.Combine(built, FileName(simple));
        if (simple == "LibTorchSharp") yield return Path.Combine(AppContext.BaseDirectory, "native", FileName(simple));
    }

    /// <summary>Loads in dependency order, so that a missing symbol or library is named by the loader itself.</summary>
    static void Preload(string folder)
    {
        foreach (string simple in new[] { "c10", "torch_cpu", "torch", "torch_cuda" })
        {
            string file = Path.Combine(folder, FileName(simple));
            if (File.Exists(file)) NativeLibrary.Load(file);
        }
        if (Candidates("LibTorchSharp").FirstOrDefault(File.Exists) is not { } torchSharp)
            throw new InvalidInputException($"{FileName("LibTorchSharp")} is missing from {folder}: run `dotnet build -c Release` again.");
        NativeLibrary.Load(torchSharp);
    }

    static string FileName(string simple) =>
        OperatingSystem.IsWindows() ? simple + ".dll" : OperatingSystem.IsMacOS() ? $"lib{simple}.dylib" : $"lib{simple}.so";

    static string? Metadata(string key) =>
        typeof(LibTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;

    static string FirstLine(Exception e) => (e.InnerException ?? e).Message.Split('\n')[0].TrimEnd('.', ' ', '\r');
}
