using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmLab.Models;
using TorchSharp;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// Embeddings without a network: each known word has a vector, and a text's is the sum of its words' vectors, scaled to length 1. Made by
/// <see cref="LatentSemanticAnalysis"/> or <see cref="WordVectors"/>: the baselines that a trained encoder has to beat.
/// </summary>
public sealed class WordTableEmbeddingGenerator : LocalEmbeddingGenerator
{
    readonly Dictionary<string, int> words;
    readonly float[] vectors;   // [words, dimensions], weights multiplied in
    readonly float[]? common;   // [dimensions], length 1: what all texts have in common is taken out
    readonly bool logarithmic;

    /// <summary>A table.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="words">The known words, lower case, each once.</param>
    /// <param name="vectors">[words, dimensions]: each word's vector times its weight.</param>
    /// <param name="dimensions">Numbers a vector.</param>
    /// <param name="logarithmic">A word that occurs n times counts 1 + ln n times, instead of n.</param>
    /// <param name="common">[dimensions], of length 1: a direction that is taken out of every text, or null.</param>
    public WordTableEmbeddingGenerator(string name, IReadOnlyList<string> words, float[] vectors, int dimensions, bool logarithmic, float[]? common = null)
    {
        if (words.Count == 0 || vectors.Length != words.Count * dimensions) throw new InvalidInputException($"A table of {words.Count} words with {dimensions} numbers each needs {words.Count * dimensions} numbers, found {vectors.Length}.");
        (this.vectors, this.logarithmic, this.common) = (vectors, logarithmic, common);
        this.words = words.Select((word, i) => (word, i)).ToDictionary(w => w.word, w => w.i, StringComparer.Ordinal);
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes($"{logarithmic}\n{string.Join('\n', words)}"));
        hash.Append(MemoryMarshal.AsBytes(vectors.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes((common ?? []).AsSpan()));
        Info = new EmbeddingModelInfo(name, dimensions, Convert.ToHexStringLower(hash.GetCurrentHash()), vectors.Length);
    }

    /// <inheritdoc/>
    public override EmbeddingModelInfo Info { get; }

    /// <summary>The vector of a word, or null where it is unknown.</summary>
    public float[]? VectorOf(string word) => words.TryGetValue(word.ToLowerInvariant(), out int row) ? vectors[(row * Info.Dimensions)..((row + 1) * Info.Dimensions)] : null;

    /// <inheritdoc/>
    public override float[][] Embed(IReadOnlyList<string> texts, bool queries = false)
    {
        float[][] result = new float[texts.Count][];
        if (texts.Count < 64) for (int i = 0; i < result.Length; i++) result[i] = Embed(texts[i]);
        else Parallel.For(0, result.Length, i => result[i] = Embed(texts[i]));
        return result;
    }

    float[] Embed(string text)
    {
        float[] sum = new float[Info.Dimensions];
        foreach (var (row, count) in Counts(text))
            TensorPrimitives.MultiplyAdd(vectors.AsSpan(row * sum.Length, sum.Length), logarithmic ? 1 + MathF.Log(count) : count, sum, sum);
        if (common is not null) TensorPrimitives.MultiplyAdd<float>(common, -TensorPrimitives.Dot<float>(common, sum), sum, sum);
        Normalise(sum);
        return sum;
    }

    // In order of first occurrence, so that sums do not depend on a dictionary's order.
    List<(int Row, int Count)> Counts(string text)
    {
        var found = new List<(int Row, int Count)>();
        var places = new Dictionary<int, int>();
        foreach (string word in Words(text))
        {
            if (!words.TryGetValue(word, out int row)) continue;
            if (places.TryAdd(row, found.Count)) found.Add((row, 1));
            else found[places[row]] = (row, found[places[row]].Count + 1);
        }
        return found;
    }

    /// <summary>The words of a text: runs of letters and digits, lower case.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i])) continue;
            int start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i])) i++;
            yield return text[start..i].ToLowerInvariant();
        }
    }

    /// <summary>Writes the table to a folder: <c>words.json</c> and <c>vectors.safetensors</c>.</summary>
    public void Save(string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, "words.json"), JsonSerializer.Serialize(new Stored(Info.Name, Info.Dimensions, logarithmic, [.. words.OrderBy(w => w.Value).Select(w => w.Key)])));
        using var table = torch.tensor(vectors, [words.Count, Info.Dimensions]);
        using var direction = torch.tensor(common ?? []);
        SafetensorsFile.Write(Path.Combine(folder, "vectors.safetensors"), [("vectors", table), ("common", direction)]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidInputException">A file is missing or broken.</exception>
    public static WordTableEmbeddingGenerator Load(string folder)
    {
        string file = Path.Combine(folder, "words.json");
        if (!File.Exists(file)) throw new InvalidInputException($"{file} is missing: a table of word vectors is a folder with words.json and vectors.safetensors.");
        Stored stored;
        try
        {
            stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(file)) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is no table of words: {e.Message.Split(" Path:")[0]}", e);
        }
        var read = SafetensorsFile.Read(Path.Combine(folder, "vectors.safetensors"));
        try
        {
            float[] Numbers(string name) => read.TryGetValue(name, out var found) ? [.. found.data<float>()] : throw new InvalidInputException($"{folder}/vectors.safetensors has no tensor \"{name}\".");
            return new WordTableEmbeddingGenerator(stored.Name, stored.Words, Numbers("vectors"), stored.Dimensions, stored.Logarithmic, Numbers("common") is { Length: > 0 } direction ? direction : null);
        }
        finally
        {
            foreach (var tensor in read.Values) tensor.Dispose();
        }
    }

    sealed record Stored(string Name, int Dimensions, bool Logarithmic, string[] Words);
}
