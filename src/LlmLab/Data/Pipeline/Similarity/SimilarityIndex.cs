using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DuckDB.NET.Data;
using LlmLab.Data.Warehouse;

namespace LlmLab.Data.Pipeline.Similarity;

/// <summary>How similar documents are found.</summary>
public sealed record SimilarityOptions
{
    /// <summary>Words in a shingle.</summary>
    public int ShingleWords { get; init; } = 5;
    /// <summary>Bands of the signature; documents that agree in a whole band are compared.</summary>
    public int Bands { get; init; } = 32;
    /// <summary>Places in a band. A pair with similarity J is compared with probability 1 − (1 − J^rows)^bands: with 32 × 4, 0.996 at J = 0.6 and 0.9998 at 0.7.</summary>
    public int Rows { get; init; } = 4;
    /// <summary>Seed of the permutations.</summary>
    public ulong Seed { get; init; } = 1;
    /// <summary>A group of documents that agree in a band and is larger than this is split by the following bands, which keeps templates from making every pair of them a candidate.</summary>
    public int MaximumGroup { get; init; } = 64;
}

/// <summary>Two similar documents.</summary>
/// <param name="First">Index of the earlier one.</param>
/// <param name="Second">Index of the later one.</param>
/// <param name="Jaccard">Exact similarity of their shingle sets.</param>
public readonly record struct SimilarPair(int First, int Second, double Jaccard);

/// <summary>
/// Finds similar documents among any number: MinHash signatures, kept in the warehouse, make candidates by locality-sensitive
/// hashing (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3); candidates are then compared exactly.
/// </summary>
public sealed class SimilarityIndex : IDisposable
{
    readonly DataWarehouse warehouse;
    readonly MinHash minHash;
    DuckDBAppender? appender;
    Loaded? loaded;

    /// <summary>An empty index whose signatures go to the table "signatures".</summary>
    public SimilarityIndex(SimilarityOptions options, DataWarehouse warehouse)
    {
        Options = options;
        this.warehouse = warehouse;
        minHash = new MinHash((options.Bands * options.Rows + 15) / 16 * 16, options.Seed);
        warehouse.Execute("CREATE OR REPLACE TEMP TABLE signatures(document INTEGER, signature BLOB)");
        appender = warehouse.Appender("signatures");
    }

    /// <summary>The options.</summary>
    public SimilarityOptions Options { get; }

    /// <summary>Documents added.</summary>
    public int Count { get; private set; }

    /// <summary>Candidates that were compared in the last call of <see cref="Pairs"/>.</summary>
    public long Compared { get; private set; }

    /// <summary>A text's signature; may be called from many threads. Null for a text without words.</summary>
    public uint[]? Signature(string text) => WordShingles.Scan(text, Options.ShingleWords) is { Length: > 0 } shingles ? minHash.Signature(shingles) : null;

    /// <summary>Adds the next document's signature.</summary>
    public void Add(uint[]? signature)
    {
        if (signature is not null) appender!.CreateRow().AppendValue(Count).AppendValue(MemoryMarshal.AsBytes(signature.AsSpan())).EndRow();
        Count++;
    }

    /// <summary>All pairs of present documents whose exact similarity is at least <paramref name="threshold"/>, in order of the first, then the second.</summary>
    /// <param name="threshold">Smallest Jaccard similarity.</param>
    /// <param name="present">Documents that count.</param>
    /// <param name="read">Reads a text; called from many threads.</param>
    /// <param name="threads">Threads to use.</param>
    public IReadOnlyList<SimilarPair> Pairs(double threshold, bool[] present, Func<int, string> read, int threads)
    {
        appender?.Dispose();
        appender = null;
        loaded ??= Load();
        var (keys, sketches, known) = loaded;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = Operation.Current.CancellationToken };
        // One byte of each place is a sketch (b-bit minwise hashing, Li and König 2010): it rules out most candidates without reading a text.
        int perDocument = minHash.Permutations;
        double least = threshold - 4 * Math.Sqrt(threshold * (1 - threshold) / perDocument);
        var candidates = new HashSet<ulong>();
        Parallel.For(0, Options.Bands, parallel, band =>
        {
            var found = Candidates(keys, known, present, band, (a, b) => Agreement(sketches, a, b, perDocument) >= least);
            lock (candidates) candidates.UnionWith(found);
        });
        ulong[] distinct = [.. candidates];
        candidates = null;
        Array.Sort(distinct);
        Compared = distinct.Length;

        var starts = new List<int>();
        for (int i = 0; i < distinct.Length; i++)
            if (i == 0 || distinct[i] >> 32 != distinct[i - 1] >> 32) starts.Add(i);
        var found = new List<SimilarPair>[starts.Count];
        Parallel.For(0, starts.Count, parallel, s =>
        {
            int from = starts[s], to = s + 1 < starts.Count ? starts[s + 1] : distinct.Length;
            int first = (int)(distinct[from] >> 32);
            uint[]? left = null;
            for (int i = from; i < to; i++)
            {
                int second = (int)(uint)distinct[i];
                left ??= WordShingles.Of(read(first), Options.ShingleWords);
                double jaccard = WordShingles.Jaccard(left, WordShingles.Of(read(second), Options.ShingleWords));
                if (jaccard >= threshold) (found[s] ??= []).Add(new SimilarPair(first, second, jaccard));
            }
        });
        return [.. found.Where(f => f is not null).SelectMany(f => f)];
    }

    // What comparing needs of the signatures; 256 bytes a document with the default options, freed with the index.
    sealed record Loaded(uint[][] Keys, byte[] Sketches, bool[] Known);

    Loaded Load()
    {
        int permutations = minHash.Permutations;
        uint[][] keys = [.. Enumerable.Range(0, Options.Bands).Select(_ => new uint[Count])];
        byte[] sketches = new byte[(long)Count * permutations];
        bool[] known = new bool[Count];
        byte[] bytes = new byte[permutations * sizeof(uint)];
        // Each signature goes to its document's place, whatever order the rows come in: sorting them would cost memory.
        foreach (var row in warehouse.Stream("SELECT document, signature FROM signatures"))
        {
            int document = row.GetInt32(0);
            known[document] = true;
            using (var blob = row.GetStream(1)) blob.ReadExactly(bytes);
            var signature = MemoryMarshal.Cast<byte, uint>(bytes);
            for (int band = 0; band < Options.Bands; band++)
                keys[band][document] = (uint)System.IO.Hashing.XxHash3.HashToUInt64(bytes.AsSpan(band * Options.Rows * sizeof(uint), Options.Rows * sizeof(uint)), band);
            for (int i = 0; i < permutations; i++) sketches[(long)document * permutations + i] = (byte)(signature[i] ^ signature[i] >> 8 ^ signature[i] >> 16 ^ signature[i] >> 24);
        }
        return new Loaded(keys, sketches, known);
    }

    List<ulong> Candidates(uint[][] keys, bool[] known, bool[] present, int band, Func<int, int, bool> mayBeSimilar)
    {
        var result = new List<ulong>();
        int[] order = [.. Enumerable.Range(0, known.Length).Where(i => known[i] && present[i])];
        Split(order, band, 0);
        return result;

        void Add(int first, int second)
        {
            if (mayBeSimilar(first, second)) result.Add((ulong)(uint)first << 32 | (uint)second);
        }

        void Split(int[] group, int column, int depth)
        {
            uint[] sorted = Array.ConvertAll(group, i => keys[column][i]);
            int[] members = [.. group];
            Array.Sort(sorted, members);
            for (int start = 0, end; start < members.Length; start = end)
            {
                end = start + 1;
                while (end < members.Length && sorted[end] == sorted[start]) end++;
                if (end - start < 2) continue;
                int[] equal = members[start..end];
                Array.Sort(equal);
                if (equal.Length <= Options.MaximumGroup)
                {
                    for (int i = 0; i < equal.Length; i++)
                        for (int j = i + 1; j < equal.Length; j++)
                            Add(equal[i], equal[j]);
                    continue;
                }
                // Too many: compare each with the first and with its predecessor, and look for closer ones by the next band too.
                for (int i = 1; i < equal.Length; i++)
                {
                    Add(equal[0], equal[i]);
                    if (i > 1) Add(equal[i - 1], equal[i]);
                }
                if (depth + 1 < Options.Bands) Split(equal, (column + 1) % Options.Bands, depth + 1);
            }
        }
    }

    static double Agreement(byte[] sketches, int a, int b, int length)
    {
        // 16 places at a time: a signature's length is a multiple of 16.
        ref byte left = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(sketches), (nint)a * length), right = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(sketches), (nint)b * length);
        int equal = 0;
        for (int i = 0; i < length; i += Vector128<byte>.Count)
            equal += BitOperations.PopCount(Vector128.Equals(Vector128.LoadUnsafe(ref left, (nuint)i), Vector128.LoadUnsafe(ref right, (nuint)i)).ExtractMostSignificantBits());
        return (equal / (double)length - 1 / 256.0) / (1 - 1 / 256.0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        appender?.Dispose();
        loaded = null;
    }
}
