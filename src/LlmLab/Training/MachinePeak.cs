using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Interop;
using LlmLab.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Memory = System.Runtime.InteropServices.NativeMemory;

namespace LlmLab.Training;

/// <summary>
/// The fastest matrix products of this machine: what a training run's speed is compared with (model FLOPs utilisation, MFU; Chowdhery et
/// al. 2022, PaLM, appendix B). Measured once for each precision with all processors at work and kept in the cache folder beside
/// <see cref="MachineSettings"/>; <c>llmlab tune</c> measures again.
/// </summary>
/// <param name="Machine">The machine that it was measured on.</param>
/// <param name="GigaFlops">Floating-point operations in nanoseconds, a multiply-add being two, for each precision.</param>
public sealed record MachinePeak(string Machine, IReadOnlyDictionary<Precision, double> GigaFlops)
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>The file that it is kept in.</summary>
    public static string File => Path.Combine(CacheFolder.Path, "peak.json");

    /// <summary>The kept peak of this machine, or null where none is kept.</summary>
    public static MachinePeak? Kept(ComputeDevice device = ComputeDevice.Cpu)
    {
        if (!System.IO.File.Exists(FileOf(device))) return null;
        try
        {
            var kept = JsonSerializer.Deserialize<MachinePeak>(System.IO.File.ReadAllText(FileOf(device)), json);
            return kept is not null && kept.Machine == NameOf(device) && kept.GigaFlops is { Count: 2 } ? kept : null;
        }
        catch (JsonException)
        {
            return null;   // a cache may be lost at any time
        }
    }

    /// <summary>The peak of this machine's processors or GPU: kept, or measured (about a second).</summary>
    public static MachinePeak Current(ComputeDevice device = ComputeDevice.Cpu) => Kept(device) ?? (device == ComputeDevice.Cuda ? MeasureDevice(ComputeDevices.Open(device)) : Measure());

    static string FileOf(ComputeDevice device) => device == ComputeDevice.Cuda ? Path.Combine(CacheFolder.Path, "peak-cuda.json") : File;

    static string NameOf(ComputeDevice device) => device == ComputeDevice.Cuda ? $"{CudaDriver.Name()}, {MachineSettings.MachineName()}" : MachineSettings.MachineName();

    static MachinePeak MeasureDevice(Device device)
    {
        var peak = new MachinePeak(NameOf(ComputeDevice.Cuda), new Dictionary<Precision, double>
        {
            [Precision.Float32] = OnDevice(device, ScalarType.Float32, 8_192),
            [Precision.BFloat16] = OnDevice(device, ScalarType.BFloat16, 8_192),
        });
        AtomicFile.WriteText(FileOf(ComputeDevice.Cuda), JsonSerializer.Serialize(peak, json) + "\n");
        return peak;
    }

    /// <summary>The fastest of several square products on a device, in floating-point operations a nanosecond; float32 as the device is set to round it (TF32).</summary>
    internal static double OnDevice(Device device, ScalarType type, int size)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var (left, right) = (ones(size, size, dtype: type, device: device), ones(size, size, dtype: type, device: device));
        double best = double.MaxValue;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < 4 || Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(0.5); i++)
        {
            long start = Stopwatch.GetTimestamp();
            using var product = matmul(left, right);
            using var last = product[size - 1, size - 1].cpu();   // waits for the device
            if (i > 0) best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * size * size * size / best / 1e9;
    }

    /// <summary>Measures the processors and keeps the result.</summary>
    public static MachinePeak Measure()
    {
        using var pool = new WorkerPool(Environment.ProcessorCount, torchThreads: 1);
        var peak = new MachinePeak(MachineSettings.MachineName(), new Dictionary<Precision, double>
        {
            [Precision.Float32] = LibTorch(pool, ScalarType.Float32),
            [Precision.BFloat16] = Math.Max(LibTorch(pool, ScalarType.BFloat16), Product.IsSupported ? Compiled(pool) : 0),
        });
        AtomicFile.WriteText(File, JsonSerializer.Serialize(peak, json) + "\n");
        return peak;
    }

    // Every processor multiplies matrices of its own, 512 × 512 by 512: nothing waits for another, and the operands fit a cache.
    static double LibTorch(WorkerPool pool, ScalarType type)
    {
        const int size = 512;
        var left = new Tensor[pool.Count];
        var right = new Tensor[pool.Count];
        using var none = no_grad();
        for (int i = 0; i < pool.Count; i++)
        {
            left[i] = ones(size, size, dtype: type);
            right[i] = ones(size, size, dtype: type);
        }
        try
        {
            return Best(pool, 2.0 * size * size * size, worker =>
            {
                using var never = no_grad();
                using var scope = NewDisposeScope();
                matmul(left[worker], right[worker]);
            });
        }
        finally
        {
            foreach (var tensor in (Tensor[])[.. left, .. right]) tensor.Dispose();
        }
    }

    // The innermost loop of the compiled kernels: 1,024 rows by a matrix of 384 × 768.
    static unsafe double Compiled(WorkerPool pool)
    {
        const int rows = 1_024, inner = 384, columns = 768;
        nint[] memory = [.. Enumerable.Range(0, pool.Count).Select(_ => (nint)Memory.AlignedAlloc((rows * inner + inner * columns + 2 * rows * columns) * sizeof(ushort), 64))];
        try
        {
            foreach (nint address in memory) new Span<ushort>((void*)address, rows * inner + inner * columns).Fill(0x3F80);   // 1 in bfloat16
            return Best(pool, 2.0 * rows * inner * columns, worker =>
            {
                ushort* left = (ushort*)memory[worker], right = left + rows * inner;
                Product.Multiply(new Left(left, inner), new Panels(right, inner, columns), (float*)(right + inner * columns), columns, rows);
            });
        }
        finally
        {
            foreach (nint address in memory) Memory.AlignedFree((void*)address);
        }
    }

    // Pieces of a few milliseconds, and of each thread the fastest: even on a busy machine some are not interrupted.
    static double Best(WorkerPool pool, double flops, Action<int> work)
    {
        double[] best = [.. Enumerable.Repeat(double.MaxValue, pool.Count)];
        long begun = Stopwatch.GetTimestamp();
        pool.Run(work);
        for (int i = 0; i < 8 || Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(0.3); i++)
            pool.Run(worker =>
            {
                long start = Stopwatch.GetTimestamp();
                work(worker);
                best[worker] = Math.Min(best[worker], Stopwatch.GetElapsedTime(start).TotalSeconds);
            });
        return best.Sum(seconds => flops / seconds) / 1e9;
    }
}
