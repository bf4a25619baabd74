using LlmLab.Interop;
using LlmLab.Runs;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>Opens an embedding model by its name, so that an index names its model in its settings and nowhere else.</summary>
public static class EmbeddingModels
{
    /// <summary>
    /// Opens a model: <c>openai:NAME</c> (<see cref="HostedModels"/>); a folder with <c>model.onnx</c> and <c>tokenizer.json</c>, or such a
    /// file; a folder with a table of words (latent semantic analysis, word vectors); else the run of an encoder of LlmLab's.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="workspace">Where runs are; null: the current workspace.</param>
    /// <exception cref="InvalidInputException">There is no such model, or it cannot be opened.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> Open(string name, Workspace? workspace = null)
    {
        if (HostedModels.NameOf(name) is { } hosted) return HostedModels.Embeddings(hosted);
        if (name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(name, "model.onnx")) || Directory.Exists(Path.Combine(name, "onnx"))) return OnnxEmbeddingGenerator.Load(name);
        return File.Exists(Path.Combine(name, "words.json")) ? WordTableEmbeddingGenerator.Load(name) : EncoderEmbeddingGenerator.Load(name, workspace);
    }
}
