using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="ExactDuplicates"/>.</summary>
public sealed record ExactDuplicatesOptions
{
    /// <summary>True to see past differences of case and white space.</summary>
    public bool IgnoreCaseAndWhiteSpace { get; init; } = true;
}

/// <summary>Drops documents whose text another document before them has; compared by 128-bit hashes, so memory is 16 bytes a document.</summary>
public sealed class ExactDuplicates(ExactDuplicatesOptions? options = null) : CorpusStep
{
    readonly ExactDuplicatesOptions options = options ?? new ExactDuplicatesOptions();

    /// <inheritdoc/>
    public override string Name => "exact duplicates";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.ExactDuplicate];
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context) => new Pass(options, context);

    sealed class Pass(ExactDuplicatesOptions options, RunContext context) : CorpusPass
    {
        readonly List<UInt128> hashes = [];
        readonly Dictionary<int, int> originals = [];
        IReadOnlyList<string> ids = [];

        public override object? Observe(Document document) => Hash(document.Text);

        UInt128 Hash(string text)
        {
            if (!options.IgnoreCaseAndWhiteSpace) return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text.AsSpan()));
            // White space of any length is one space before the next word.
            char[] buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
            int filled = 0;
            bool space = true;
            foreach (char c in text)
            {
                if (c < 128 ? c is ' ' or >= '\t' and <= '\r' : char.IsWhiteSpace(c))
                {
                    space = true;
                    continue;
                }
                if (space) buffer[filled++] = ' ';
                buffer[filled++] = c < 128 ? (uint)(c - 'A') <= 25 ? (char)(c | 0x20) : c : char.ToLowerInvariant(c);
                space = false;
            }
            var hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(buffer.AsSpan(0, filled)));
            ArrayPool<char>.Shared.Return(buffer);
            return hash;
        }

        public override void Collect(int index, Document document, object? observation) => hashes.Add((UInt128)observation!);

        public override void Decide(bool[] present)
        {
            ids = context.Ids;
            var first = new Dictionary<UInt128, int>(hashes.Count);
            for (int i = 0; i < hashes.Count; i++)
            {
                if (!present[i] || first.TryAdd(hashes[i], i)) continue;
                originals[i] = first[hashes[i]];
                present[i] = false;
            }
        }

        public override StepOutcome Apply(int index, Document document) =>
            originals.TryGetValue(index, out int original) ? StepOutcome.Drop(document, "same text", ids[original]) : StepOutcome.Keep(document);
    }
}
