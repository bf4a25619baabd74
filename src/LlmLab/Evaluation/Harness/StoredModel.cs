using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation.Harness;

/// <summary>Opens what lies on the disk for evaluation: a run, a checkpoint, a published model; a reader, a decoder or an encoder.</summary>
public static class StoredModel
{
    /// <summary>Opens a run (its folder or its name in the workspace), a checkpoint's folder in a run, or a folder in Hugging Face's form, as what it is.</summary>
    /// <param name="pathOrName">Which; null: the workspace's current model.</param>
    /// <param name="threads">Processor threads; 0: as many as there are.</param>
    /// <param name="device">Where passes are computed; a reader is small and stays on the processor.</param>
    /// <returns>A <see cref="ReaderModel"/>, <see cref="EvaluatedLanguageModel"/> or <see cref="EvaluatedMaskedModel"/>, each of which is to be disposed.</returns>
    /// <exception cref="InvalidInputException">There is no such model, a file is missing or broken, or it is of a family that cannot be evaluated.</exception>
    public static IEvaluatedModel Open(string? pathOrName = null, int threads = 0, ComputeDevice device = ComputeDevice.Cpu)
    {
        if (!IsFolderOfWeights(pathOrName) && Run.OpenOrCurrent(pathOrName) is var run && ReaderModel.IsReader(run)) return new ReaderModel(run, threads: threads);
        var (model, tokenizer, name) = Load(pathOrName, device);
        try
        {
            return model.Spec.Family == ModelFamily.Encoder ? new EvaluatedMaskedModel(model, tokenizer, name) : new EvaluatedLanguageModel(model, tokenizer, name, threads);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    internal static (LanguageModel Model, VocabularyTokenizer Tokenizer, string Name) Load(string? pathOrName, ComputeDevice device = ComputeDevice.Cpu)
    {
        if (pathOrName is not null && IsPublished(pathOrName))
            return (HuggingFaceModel.Load(pathOrName, device), TokenizerFile.Load(pathOrName), Path.GetFileName(Path.GetFullPath(pathOrName)));
        if (pathOrName is not null && IsCheckpoint(pathOrName) && Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(pathOrName))) is { } above)
        {
            var owner = Run.Open(above);
            return (owner.LoadModel(pathOrName, device), owner.LoadTokenizer(), $"{Path.GetFileName(owner.Folder)}/{Path.GetFileName(Path.GetFullPath(pathOrName))}");
        }
        var run = Run.OpenOrCurrent(pathOrName);
        return (run.LoadModel(device: device), run.LoadTokenizer(), Path.GetFileName(run.Folder));
    }

    static bool IsFolderOfWeights(string? path) => path is not null && (IsPublished(path) || IsCheckpoint(path));

    static bool IsPublished(string path) => File.Exists(Path.Combine(path, "config.json"));

    static bool IsCheckpoint(string path) => File.Exists(Path.Combine(path, "state.json"));

    /// <summary>A hash over architecture, weights and vocabulary.</summary>
    internal static string FingerprintOf(LanguageModel model, VocabularyTokenizer tokenizer)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(model.Spec.ToJson()));
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            hash.Append(BitConverter.GetBytes(id));
            hash.Append(tokenizer.GetBytes(id));
        }
        using var none = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in model.named_parameters())
        {
            hash.Append(Encoding.UTF8.GetBytes(name));
            hash.Append(MemoryMarshal.AsBytes(parameter.cpu().contiguous().data<float>().ToArray().AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
