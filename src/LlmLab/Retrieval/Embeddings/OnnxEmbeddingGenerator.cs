using System.IO.Hashing;
using System.Runtime.InteropServices;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using Microsoft.ML.OnnxRuntime;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// A published embedding model in ONNX: BERT-style encoders and decoders, by Microsoft.ML.OnnxRuntime. A folder holds
/// <c>model.onnx</c> (here or under <c>onnx/</c>) and <c>tokenizer.json</c>, as on Hugging Face.
/// </summary>
public sealed class OnnxEmbeddingGenerator : LocalEmbeddingGenerator
{
    readonly InferenceSession session;
    readonly VocabularyTokenizer tokenizer;
    readonly TokenizerTemplate template;
    readonly OnnxEmbeddingOptions options;
    readonly string output;

    OnnxEmbeddingGenerator(string name, InferenceSession session, ReadOnlySpan<byte> fingerprint, VocabularyTokenizer tokenizer, TokenizerTemplate template, OnnxEmbeddingOptions options)
    {
        (this.session, this.tokenizer, this.template, this.options) = (session, tokenizer, template, options);
        output = ((string[])["sentence_embedding", "last_hidden_state", "token_embeddings"]).FirstOrDefault(session.OutputMetadata.ContainsKey) ?? session.OutputNames[0];
        foreach (string input in session.InputNames)
            if (!IsKnown(input)) throw new InvalidInputException($"The model {name} wants an input \"{input}\", which no text model here has: expected input_ids, attention_mask, token_type_ids, position_ids or past_key_values.");
        int dimensions = Run(["a"], "")[0].Length;
        Info = new EmbeddingModelInfo(name, dimensions, Convert.ToHexStringLower(fingerprint), null);
    }

    /// <summary>Opens a model.</summary>
    /// <param name="path">The folder, or the .onnx file with tokenizer.json beside it.</param>
    /// <param name="options">What the model's card says; null: what the folder says (<see cref="OnnxEmbeddingOptions.ReadFrom"/>).</param>
    /// <exception cref="InvalidInputException">A file is missing or broken, or the model is of a form that is unknown here.</exception>
    public static OnnxEmbeddingGenerator Load(string path, OnnxEmbeddingOptions? options = null)
    {
        string model = File.Exists(path) ? path : ((string[])["model.onnx", "onnx/model.onnx"]).Select(n => Path.Combine(path, n)).FirstOrDefault(File.Exists)
            ?? throw new InvalidInputException($"There is no model in {path}: expected model.onnx or onnx/model.onnx.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        string tokenizerFile = ((string[])[folder, Path.GetDirectoryName(folder)!]).Select(f => Path.Combine(f, "tokenizer.json")).FirstOrDefault(File.Exists)
            ?? throw new InvalidInputException($"There is no tokenizer.json beside {model}: it belongs to the model and is published with it.");
        options ??= OnnxEmbeddingOptions.ReadFrom(Path.GetDirectoryName(tokenizerFile)!);
        string json = File.ReadAllText(tokenizerFile);
        var tokenizer = TokenizerFile.FromJson(json, tokenizerFile);
        var hash = new XxHash3();
        using (var stream = File.OpenRead(model)) hash.Append(stream);
        hash.Append(MemoryMarshal.AsBytes(json.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes($"{options with { Threads = 0, BatchSize = 0 }}".AsSpan()));
        using var settings = new SessionOptions();
        if (options.Threads > 0) settings.IntraOpNumThreads = options.Threads;
        try
        {
            string name = Path.GetFileName(Path.GetFileName(folder) == "onnx" ? Path.GetDirectoryName(folder)! : folder);
            return new OnnxEmbeddingGenerator(name, new InferenceSession(model, settings), hash.GetCurrentHash(), tokenizer, options.Template ?? TokenizerTemplate.Read(json, tokenizer), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"{model} cannot be run as an ONNX model: {e.Message.Split('\n')[0]}", e);
        }
    }

    /// <inheritdoc/>
    public override EmbeddingModelInfo Info { get; }

    /// <inheritdoc/>
    public override float[][] Embed(IReadOnlyList<string> texts, bool queries = false)
    {
        float[][] result = new float[texts.Count][];
        int[] order = [.. Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).ThenBy(i => i)];   // similar lengths together: little padding
        foreach (int[] part in order.Chunk(options.BatchSize))
        {
            Operation.Current.ThrowIfCancelled();
            float[][] vectors = Run([.. part.Select(i => texts[i])], queries ? options.QueryPrefix : options.PassagePrefix);
            for (int row = 0; row < part.Length; row++) result[part[row]] = vectors[row];
        }
        return result;
    }

    float[][] Run(string[] texts, string prefix)
    {
        int[][] ids = [.. texts.Select(t => template.Wrap(tokenizer.Encode(prefix + t), options.MostTokens)).Select(t => t.Length == 0 ? [0] : t)];
        int longest = ids.Max(t => t.Length);
        var values = new Dictionary<string, OrtValue>();
        try
        {
            foreach (var (name, metadata) in session.InputMetadata) values.Add(name, Input(name, metadata, ids, longest));
            using var run = new RunOptions();
            using var outputs = session.Run(run, values, [output]);
            long[] shape = outputs[0].GetTensorTypeAndShape().Shape;
            return Pool(outputs[0].GetTensorDataAsSpan<float>(), shape, ids);
        }
        finally
        {
            foreach (var value in values.Values) value.Dispose();
        }
    }

    static bool IsKnown(string input) => input is "input_ids" or "attention_mask" or "token_type_ids" or "position_ids" || input.StartsWith("past_key_values", StringComparison.Ordinal);

    static OrtValue Input(string name, NodeMetadata metadata, int[][] ids, int longest)
    {
        if (name.StartsWith("past_key_values", StringComparison.Ordinal))   // [batch, heads, 0, head width]: nothing was read before
        {
            long[] shape = [.. metadata.Dimensions.Select(d => (long)d)];
            (shape[0], shape[2]) = (ids.Length, 0);
            return OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), shape);
        }
        long[] numbers = new long[ids.Length * longest];
        for (int row = 0; row < ids.Length; row++)
            for (int i = 0; i < longest; i++)
                numbers[row * longest + i] = i >= ids[row].Length ? 0 : name switch { "input_ids" => ids[row][i], "attention_mask" => 1, "position_ids" => i, _ => 0 };
        return OrtValue.CreateTensorValueFromMemory(numbers, [ids.Length, longest]);
    }

    // [batch, width] as it is; [batch, time, width] pooled over the tokens that are no padding.
    float[][] Pool(ReadOnlySpan<float> numbers, long[] shape, int[][] ids)
    {
        if (shape.Length is not (2 or 3)) throw new InvalidInputException($"The model's output \"{output}\" has {shape.Length} dimensions: expected [batch, width] or [batch, time, width].");
        int width = (int)shape[^1], time = shape.Length == 3 ? (int)shape[1] : 1;
        float[][] result = new float[ids.Length][];
        for (int row = 0; row < ids.Length; row++)
        {
            float[] vector = new float[width];
            var (first, last) = shape.Length == 2 ? (0, 0) : options.Pooling switch
            {
                EmbeddingPooling.FirstToken => (0, 0),
                EmbeddingPooling.LastToken => (ids[row].Length - 1, ids[row].Length - 1),
                _ => (0, ids[row].Length - 1),
            };
            for (int i = first; i <= last; i++) System.Numerics.Tensors.TensorPrimitives.Add(vector, numbers.Slice((row * time + i) * width, width), vector);
            System.Numerics.Tensors.TensorPrimitives.Divide(vector, last - first + 1, vector);
            if (options.Dimensions is { } kept && kept < width) vector = vector[..kept];
            if (options.Normalise) Normalise(vector);
            result[row] = vector;
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => session.Dispose();
}
