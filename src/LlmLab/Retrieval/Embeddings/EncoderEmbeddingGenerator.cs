using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Training;
using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// Embeddings by an encoder that was trained here (<see cref="EncoderTraining"/>): one vector a text, of length 1.
/// <code>
/// using var embeddings = EncoderEmbeddingGenerator.Load(run.Folder);
/// var vector = await embeddings.GenerateVectorAsync("Who leads Amber Lantern?");
/// </code>
/// </summary>
public sealed class EncoderEmbeddingGenerator : LocalEmbeddingGenerator
{
    readonly LanguageModel model;
    readonly VocabularyTokenizer tokenizer;
    readonly Lock turn = new();
    readonly int threads;
    readonly int mostTokens;
    WorkerPool? pool;

    /// <summary>A generator that owns a model.</summary>
    /// <param name="model">An encoder whose spec has an EmbeddingWidth.</param>
    /// <param name="tokenizer">The tokenizer that it was trained with.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="threads">Threads for many texts at once; 0: one a processor.</param>
    /// <exception cref="InvalidInputException">The model makes no embeddings, or the tokenizer is not its.</exception>
    public EncoderEmbeddingGenerator(LanguageModel model, VocabularyTokenizer tokenizer, string name, int threads = 0)
    {
        if (model.Spec.EmbeddingWidth == 0) throw new InvalidInputException($"The model {name} makes no embeddings of texts (its EmbeddingWidth is 0): train one with EncoderTraining.");
        model.Spec.CheckVocabulary(tokenizer.VocabularySize, name);
        (this.model, this.tokenizer, this.threads, mostTokens) = (model, tokenizer, threads > 0 ? threads : Environment.ProcessorCount, model.Spec.ContextLength);
        model.eval();
        Info = new EmbeddingModelInfo(name, model.Spec.EmbeddingWidth, Fingerprint(model, tokenizer), model.ParameterCount);
    }

    /// <summary>Loads what <see cref="EncoderTraining"/> wrote.</summary>
    /// <param name="runFolder">The run's folder, or its name in the workspace.</param>
    /// <param name="workspace">The workspace to look a name up in; null: the current one.</param>
    /// <exception cref="InvalidInputException">There is no such run, it is no embedding model, or its files are broken.</exception>
    public static EncoderEmbeddingGenerator Load(string runFolder, Workspace? workspace = null) => Load(Run.Open(runFolder, workspace));

    /// <summary>Loads a run's model.</summary>
    /// <exception cref="InvalidInputException">It is no embedding model, or its files are broken.</exception>
    public static EncoderEmbeddingGenerator Load(Run run)
    {
        if (run.Spec.EmbeddingWidth == 0) throw new InvalidInputException($"{run.Folder} is no embedding model (its EmbeddingWidth is 0): name a run that `llmlab embeddings train` made.");
        return new EncoderEmbeddingGenerator(run.LoadModel(), run.LoadTokenizer(), run.Description.Name);
    }

    /// <inheritdoc/>
    public override EmbeddingModelInfo Info { get; }

    /// <inheritdoc/>
    public override float[][] Embed(IReadOnlyList<string> texts, bool queries = false)
    {
        float[][] result = new float[texts.Count][];
        if (texts.Count == 0) return result;
        int[][] tokens = new int[texts.Count][];
        if (texts.Count < 64)
        {
            for (int i = 0; i < tokens.Length; i++) tokens[i] = Encode(texts[i]);
            Fill(new TextChunks(tokens, 1), 0, result);
            return result;
        }
        Parallel.For(0, tokens.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => tokens[i] = Encode(texts[i]));
        var chunks = new TextChunks(tokens, threads);
        lock (turn)
        {
            pool ??= new WorkerPool(threads, torchThreads: 1);
            pool.Run(worker => Fill(chunks, worker, result));
        }
        return result;
    }

    // What comes after the context's end is not read; a text without tokens is read as padding.
    int[] Encode(string text)
    {
        int[] ids = tokenizer.Encode(text);
        return ids.Length == 0 ? [0] : ids.Length > mostTokens ? ids[..mostTokens] : ids;
    }

    void Fill(TextChunks chunks, int worker, float[][] result)
    {
        using var none = no_grad();
        var pass = new ForwardPass();
        int width = Info.Dimensions;
        foreach (int chunk in chunks.Of[worker])
        {
            using var scope = NewDisposeScope();
            var vectors = model.Embed(chunks.Input(chunk, CPU), pass);
            float[] numbers = [.. vectors.data<float>()];
            var members = chunks.Texts(chunk);
            for (int row = 0; row < members.Count; row++) result[members[row]] = numbers[(row * width)..((row + 1) * width)];
        }
    }

    static string Fingerprint(LanguageModel model, VocabularyTokenizer tokenizer)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(model.Spec.ToJson()));
        hash.Append(Encoding.UTF8.GetBytes(TokenizerFile.ToJson(tokenizer)));
        foreach (var (name, parameter) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            hash.Append(Encoding.UTF8.GetBytes(name));
            using var scope = NewDisposeScope();
            hash.Append(parameter.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        pool?.Dispose();
        model.Dispose();
    }
}
