using LlmLab.Interop;
using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training.Tasks;

/// <summary>
/// Texts of different lengths, cut into rectangles of similar ones, so that little is spent on padding, and dealt out to threads so that each
/// gets about the same work. The same texts give the same chunks on every machine with the same number of threads.
/// </summary>
sealed class TextChunks
{
    /// <summary>Padded tokens a chunk at most: activations of so many stay near the processor's cache.</summary>
    const int MostTokens = 1_536;

    readonly IReadOnlyList<int[]> texts;
    readonly int[][] chunks;   // of each chunk, its texts' numbers

    /// <summary>Cuts texts into chunks.</summary>
    /// <param name="texts">Tokens of each text, none empty.</param>
    /// <param name="workers">Threads that they are dealt out to.</param>
    public TextChunks(IReadOnlyList<int[]> texts, int workers)
    {
        this.texts = texts;
        int[] order = [.. Enumerable.Range(0, texts.Count).OrderByDescending(i => texts[i].Length).ThenBy(i => i)];
        int fair = Math.Max(64, texts.Sum(t => t.Length) / (2 * workers));
        var cut = new List<int[]>();
        for (int start = 0; start < order.Length;)
        {
            int count = Math.Clamp(Math.Min(MostTokens, fair) / texts[order[start]].Length, 1, order.Length - start);
            cut.Add(order[start..(start + count)]);
            start += count;
        }
        chunks = [.. cut];
        Of = Deal(workers);
    }

    /// <summary>Number of chunks.</summary>
    public int Count => chunks.Length;

    /// <summary>The chunks of each thread.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Of { get; }

    /// <summary>The numbers of a chunk's texts.</summary>
    public IReadOnlyList<int> Texts(int chunk) => chunks[chunk];

    /// <summary>A chunk as the model reads it: [texts, longest], shorter ones padded and masked.</summary>
    public ModelInput Input(int chunk, Device device)
    {
        int[] members = chunks[chunk];
        int longest = members.Max(i => texts[i].Length);
        long[] tokens = new long[members.Length * longest];
        bool[] mask = new bool[tokens.Length];
        bool padded = false;
        for (int row = 0; row < members.Length; row++)
        {
            int[] text = texts[members[row]];
            for (int i = 0; i < text.Length; i++) (tokens[row * longest + i], mask[row * longest + i]) = (text[i], true);
            padded |= text.Length < longest;
        }
        return new ModelInput(ComputeDevices.Upload(tensor(tokens, [members.Length, longest]), device)) { Mask = padded ? ComputeDevices.Upload(tensor(mask, [members.Length, longest]), device) : null };
    }

    // Largest first, each to the thread with the least to do so far.
    List<int>[] Deal(int workers)
    {
        var shares = Enumerable.Range(0, workers).Select(_ => new List<int>()).ToArray();
        long[] loads = new long[workers];
        foreach (int chunk in Enumerable.Range(0, chunks.Length).OrderByDescending(Cost).ThenBy(c => c))
        {
            int least = Array.IndexOf(loads, loads.Min());
            shares[least].Add(chunk);
            loads[least] += Cost(chunk);
        }
        return shares;
    }

    long Cost(int chunk) => (long)chunks[chunk].Length * texts[chunks[chunk][0]].Length;
}
