using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Data;

/// <summary>
/// Writes a <see cref="TokenDataset"/> to a folder, document by document, in bounded memory. Nothing can be opened until
/// <see cref="Complete"/>: the folder gets its name then.
/// </summary>
public sealed class TokenDatasetWriter : IDisposable
{
    readonly string folder, temporary, name, source;
    readonly int vocabularySize, tokenBytes;
    readonly long shardTokens;
    readonly List<long> shards = [], documentStarts = [];
    FileStream? shard;
    FileStream? weightFile;
    long textBytes, length;
    bool completed;

    /// <summary>Begins a dataset.</summary>
    /// <param name="folder">The folder to make; an existing one is replaced at the end.</param>
    /// <param name="name">Short name.</param>
    /// <param name="vocabularySize">Tokens must lie below it; up to 65,536 are stored in 2 bytes.</param>
    /// <param name="source">What it was made from.</param>
    /// <param name="shardTokens">Most tokens a file.</param>
    public TokenDatasetWriter(string folder, string name, int vocabularySize, string source = "", long shardTokens = 100_000_000)
    {
        (this.folder, this.name, this.vocabularySize, this.source, this.shardTokens) = (Path.GetFullPath(folder), name, vocabularySize, source, shardTokens);
        tokenBytes = vocabularySize <= 65_536 ? 2 : 4;
        temporary = $"{this.folder}.{Guid.NewGuid().ToString("N")[..8]}.tmp";
        Directory.CreateDirectory(temporary);
    }

    /// <summary>Tokens written.</summary>
    public long Length => length;

    /// <summary>Encodes a corpus, one document after the other.</summary>
    /// <param name="folder">The folder to make.</param>
    /// <param name="corpus">The texts.</param>
    /// <param name="tokenizer">Encodes them.</param>
    /// <param name="vocabularySize">The tokenizer's number of tokens.</param>
    /// <param name="documentStart">Token put before each document (the beginning-of-sequence token), or null for none.</param>
    /// <exception cref="InvalidInputException">There is no text in it.</exception>
    public static TokenDataset Encode(string folder, Corpus corpus, Tokenizer tokenizer, int vocabularySize, int? documentStart = null)
    {
        using var writer = new TokenDatasetWriter(folder, corpus.Name, vocabularySize, corpus.Provenance);
        long documents = 0;
        foreach (var document in corpus.Documents)
        {
            if (document.Text.Length == 0) continue;
            writer.Add([.. documentStart is { } first ? [first] : Array.Empty<int>(), .. tokenizer.EncodeToIds(document.Text)], Encoding.UTF8.GetByteCount(document.Text));
            Operation.Current.Report("encoding", ++documents, null, "documents", $"{writer.Length:N0} tokens");
        }
        return writer.Complete();
    }

    /// <summary>Adds one document.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="bytes">UTF-8 bytes of its text.</param>
    /// <param name="weights">Weight of each token as a target; give it for all documents or for none.</param>
    public void Add(ReadOnlySpan<int> tokens, long bytes, ReadOnlySpan<float> weights = default)
    {
        if (tokens.Length == 0) return;
        Check(name, tokens, vocabularySize, weights.Length == 0 ? null : weights.ToArray());
        if (weights.Length > 0 != (weightFile is not null) && length > 0)
            throw new InvalidInputException($"Some documents of {name} have loss weights and some have none: give them for all.");
        if (weights.Length > 0)
        {
            weightFile ??= File.Create(Path.Combine(temporary, "weights.bin"));
            weightFile.Write(MemoryMarshal.AsBytes(weights));
        }
        documentStarts.Add(length);
        textBytes += bytes;
        foreach (int token in tokens)
        {
            if (shard is null || shards[^1] == shardTokens) NextShard();
            if (tokenBytes == 2)
            {
                ushort small = (ushort)token;
                shard!.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in small)));
            }
            else
            {
                shard!.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in token)));
            }
            shards[^1]++;
            length++;
        }
    }

    /// <summary>Closes the files, gives the folder its name and opens it.</summary>
    /// <exception cref="InvalidInputException">Nothing was added.</exception>
    public TokenDataset Complete()
    {
        if (length == 0) throw new InvalidInputException($"{name} holds no text: nothing to encode.");
        shard?.Dispose();
        weightFile?.Dispose();
        WriteArray<long>(Path.Combine(temporary, "documents.bin"), documentStarts.ToArray());
        var description = new TokenDatasetDescription(name, vocabularySize, tokenBytes, shards, textBytes, weightFile is not null, source);
        AtomicFile.WriteText(Path.Combine(temporary, "dataset.json"), JsonSerializer.Serialize(description, JsonSerializerOptions.Web));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.Move(temporary, folder);
        completed = true;
        return TokenDataset.Open(folder);
    }

    /// <summary>Removes what was written if <see cref="Complete"/> was not reached.</summary>
    public void Dispose()
    {
        if (completed) return;
        shard?.Dispose();
        weightFile?.Dispose();
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
    }

    internal static string ShardFile(string folder, int index) => Path.Combine(folder, $"tokens-{index:000}.bin");

    internal static void Check(string name, ReadOnlySpan<int> tokens, int vocabularySize, float[]? weights)
    {
        if (tokens.Length == 0) throw new InvalidInputException($"{name} holds no tokens.");
        for (int i = 0; i < tokens.Length; i++)
            if ((uint)tokens[i] >= (uint)vocabularySize)
                throw new InvalidInputException($"Token {tokens[i]} at position {i} of {name} is outside the vocabulary of {vocabularySize}: it was encoded with another tokenizer.");
        if (weights is null) return;
        if (weights.Length != tokens.Length) throw new InvalidInputException($"{name} has {tokens.Length} tokens but {weights.Length} loss weights.");
        int bad = Array.FindIndex(weights, w => !float.IsFinite(w) || w < 0);
        if (bad >= 0) throw new InvalidInputException($"The loss weight at position {bad} of {name} is {weights[bad]}: expected a finite number of at least 0.");
    }

    internal static T[] ReadArray<T>(string path) where T : unmanaged
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} is missing: encode the text again.");
        return MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(path)).ToArray();
    }

    static void WriteArray<T>(string path, T[] values) where T : unmanaged => File.WriteAllBytes(path, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    void NextShard()
    {
        shard?.Dispose();
        shard = new FileStream(ShardFile(temporary, shards.Count), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        shards.Add(0);
    }
}
