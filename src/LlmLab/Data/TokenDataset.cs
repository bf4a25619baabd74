using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LlmLab.Data;

/// <summary>What a token dataset's folder says of itself, <c>dataset.json</c>.</summary>
/// <param name="Name">Short name.</param>
/// <param name="VocabularySize">Number of different tokens that can occur.</param>
/// <param name="TokenBytes">Bytes a token in the shards: 2 or 4.</param>
/// <param name="Shards">Tokens in each shard file, in order.</param>
/// <param name="TextBytes">UTF-8 bytes of the text that was encoded, for bits per byte; 0 where unknown.</param>
/// <param name="HasWeights">Whether a loss weight a token is stored.</param>
/// <param name="Source">Hash of the data version and the tokenizer that it was made from, or words.</param>
public sealed record TokenDatasetDescription(string Name, int VocabularySize, int TokenBytes, IReadOnlyList<long> Shards, long TextBytes, bool HasWeights, string Source);

/// <summary>
/// A text as tokens: memory-mapped shards of 2 or 4 bytes a token, so that a text larger than the memory trains too, with the places
/// where documents start and, if wanted, a weight of the loss a token (0 for a question, 1 for its answer).
/// Made by <see cref="TokenDatasetWriter"/>, or in memory by <see cref="FromTokens"/>.
/// </summary>
public sealed partial class TokenDataset : IDisposable
{
    readonly IReadOnlyList<ITokenShard> shards;
    readonly long[] firstTokens;   // of each shard, and the end

    TokenDataset(TokenDatasetDescription description, IReadOnlyList<ITokenShard> shards, long[] documentStarts, float[]? weights)
    {
        (Description, this.shards, DocumentStarts, Weights) = (description, shards, documentStarts, weights);
        firstTokens = new long[shards.Count + 1];
        for (int i = 0; i < shards.Count; i++) firstTokens[i + 1] = firstTokens[i] + shards[i].Length;
    }

    /// <summary>Name, vocabulary, sizes.</summary>
    public TokenDatasetDescription Description { get; }

    /// <summary>Short name.</summary>
    public string Name => Description.Name;

    /// <summary>Number of different tokens that can occur.</summary>
    public int VocabularySize => Description.VocabularySize;

    /// <summary>Tokens in all.</summary>
    public long Length => firstTokens[^1];

    /// <summary>UTF-8 bytes of the text, 0 where unknown.</summary>
    public long TextBytes => Description.TextBytes;

    /// <summary>Position of each document's first token, ascending.</summary>
    public IReadOnlyList<long> DocumentStarts { get; }

    /// <summary>The weight of each token as a target of the loss, or null where all count the same.</summary>
    public float[]? Weights { get; }

    /// <summary>Opens a dataset that <see cref="TokenDatasetWriter"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The folder is missing, incomplete or not a dataset.</exception>
    public static TokenDataset Open(string folder)
    {
        string file = Path.Combine(folder, "dataset.json");
        if (!File.Exists(file)) throw new InvalidInputException($"{folder} holds no token dataset (no dataset.json): encode a text first.");
        TokenDatasetDescription description;
        try
        {
            description = JsonSerializer.Deserialize<TokenDatasetDescription>(File.ReadAllText(file), JsonSerializerOptions.Web) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not a token dataset's description: encode the text again.", e);
        }
        var shards = description.Shards.Select((length, i) => (ITokenShard)new MappedShard(TokenDatasetWriter.ShardFile(folder, i), length, description.TokenBytes)).ToArray();
        var starts = TokenDatasetWriter.ReadArray<long>(Path.Combine(folder, "documents.bin"));
        var weights = description.HasWeights ? TokenDatasetWriter.ReadArray<float>(Path.Combine(folder, "weights.bin")) : null;
        return new TokenDataset(description, shards, starts, weights);
    }

    /// <summary>A dataset of tokens that are in memory.</summary>
    /// <exception cref="InvalidInputException">A token is outside the vocabulary, a weight is negative or not a number, or there are none.</exception>
    public static TokenDataset FromTokens(string name, ReadOnlyMemory<int> tokens, int vocabularySize, long textBytes = 0, IReadOnlyList<long>? documentStarts = null, float[]? weights = null)
    {
        TokenDatasetWriter.Check(name, tokens.Span, vocabularySize, weights);
        var description = new TokenDatasetDescription(name, vocabularySize, 4, [tokens.Length], textBytes, weights is not null, "given as tokens");
        return new TokenDataset(description, [new MemoryShard(tokens)], [.. documentStarts ?? [0]], weights);
    }

    /// <summary>Copies tokens from <paramref name="start"/> on.</summary>
    public void Read(long start, Span<long> destination)
    {
        if (start < 0 || start + destination.Length > Length)
            throw new ArgumentOutOfRangeException(nameof(start), $"Tokens {start} to {start + destination.Length} are outside the dataset's {Length}.");
        int shard = Array.BinarySearch(firstTokens, start);
        if (shard < 0) shard = ~shard - 1;
        while (destination.Length > 0)
        {
            long offset = start - firstTokens[shard];
            int count = (int)Math.Min(destination.Length, shards[shard].Length - offset);
            shards[shard].Read(offset, destination[..count]);
            destination = destination[count..];
            start += count;
            shard++;
        }
    }

    /// <summary>A part of this dataset, without copying: tokens from <paramref name="start"/> on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">First token.</param>
    /// <param name="count">Number of tokens.</param>
    /// <param name="textBytes">UTF-8 bytes of its text, 0 where unknown.</param>
    public TokenDataset Slice(string name, long start, long count, long textBytes = 0)
    {
        if (start < 0 || count < 1 || start + count > Length)
            throw new InvalidInputException($"Tokens {start} to {start + count} are no part of {Name}, which has {Length}.");
        var starts = DocumentStarts.Where(d => d >= start && d < start + count).Select(d => d - start).ToArray();
        var description = Description with { Name = name, Shards = [count], TextBytes = textBytes };
        return new TokenDataset(description, [new SliceShard(this, start, count)], starts, Weights?[(int)start..(int)(start + count)]);
    }

    /// <summary>Splits off the last share of the tokens for validation, nanoGPT's way: (the first part, the last).</summary>
    public (TokenDataset Training, TokenDataset Validation) Split(double validationShare = 0.1)
    {
        long first = (long)(Length * (1 - validationShare));
        if (first < 1 || first >= Length) throw new InvalidInputException($"A share of {validationShare} of {Name}'s {Length} tokens leaves one part empty.");
        return (Slice(Name + "-training", 0, first), Slice(Name + "-validation", first, Length - first));
    }

    /// <summary>Unmaps the shards.</summary>
    public void Dispose()
    {
        foreach (var shard in shards) shard.Dispose();
    }

    interface ITokenShard : IDisposable
    {
        long Length { get; }
        void Read(long start, Span<long> destination);
    }

    sealed class MemoryShard(ReadOnlyMemory<int> tokens) : ITokenShard
    {
        public long Length => tokens.Length;
        public void Read(long start, Span<long> destination)
        {
            var source = tokens.Span.Slice((int)start, destination.Length);
            for (int i = 0; i < source.Length; i++) destination[i] = source[i];
        }
        public void Dispose() { }
    }

    sealed class SliceShard(TokenDataset whole, long first, long length) : ITokenShard
    {
        public long Length => length;
        public void Read(long start, Span<long> destination) => whole.Read(first + start, destination);
        public void Dispose() { }
    }

    sealed unsafe class MappedShard : ITokenShard
    {
        readonly MemoryMappedFile file;
        readonly MemoryMappedViewAccessor view;
        readonly byte* data;
        readonly int tokenBytes;

        public MappedShard(string path, long length, int tokenBytes)
        {
            if (!File.Exists(path) || new FileInfo(path).Length != length * tokenBytes)
                throw new InvalidInputException($"{path} should hold {length} tokens of {tokenBytes} bytes but {(File.Exists(path) ? $"has {new FileInfo(path).Length} bytes" : "is missing")}: encode the text again.");
            (Length, this.tokenBytes) = (length, tokenBytes);
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        }

        public long Length { get; }

        public void Read(long start, Span<long> destination)
        {
            ObjectDisposedException.ThrowIf(view.SafeMemoryMappedViewHandle.IsClosed, this);
            if (tokenBytes == 2)
            {
                var source = new ReadOnlySpan<ushort>(data + start * 2, destination.Length);
                for (int i = 0; i < source.Length; i++) destination[i] = source[i];
            }
            else
            {
                var source = new ReadOnlySpan<int>(data + start * 4, destination.Length);
                for (int i = 0; i < source.Length; i++) destination[i] = source[i];
            }
        }

        public void Dispose()
        {
            if (!view.SafeMemoryMappedViewHandle.IsClosed) view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file.Dispose();
        }
    }
}
