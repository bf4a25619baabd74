using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>
/// Scores many sequences at once: common beginnings are read once (<see cref="TokenTree"/>), rows of similar length go through the model
/// together, the head computes logits only where a token is predicted, and batches are shared among threads. Equal to
/// <see cref="PlainScorer"/> up to rounding.
/// </summary>
/// <param name="model">A decoder that takes trees (<see cref="LanguageModel.TakesTrees"/>).</param>
/// <param name="threads">Threads that each take batches of their own; on a GPU one is right.</param>
sealed class TreeScorer(LanguageModel model, int threads) : ISequenceScorer
{
    const int BatchTokens = 2_048, BatchPairs = 1 << 20, HeadRows = 1_024;

    long tokensRead;

    public long TokensRead => tokensRead;

    public SequenceScore[] Score(IReadOnlyList<ScoredSequence> sequences)
    {
        var nats = new double[sequences.Count];
        var missed = new bool[sequences.Count];
        var rows = TokenTree.Pack(sequences, Math.Max(512, model.Spec.ContextLength));
        var batches = Batches(rows);
        var cancel = Operation.Current.CancellationToken;
        int next = -1;
        void Work(int worker)
        {
            using var none = no_grad();
            for (int i; (i = Interlocked.Increment(ref next)) < batches.Count && !cancel.IsCancellationRequested;) ScoreBatch(batches[i], nats, missed);
        }
        int count = Math.Min(threads, batches.Count);
        if (count <= 1) Work(0);
        else
        {
            using var pool = new WorkerPool(count, 1);
            pool.Run(Work);
        }
        cancel.ThrowIfCancellationRequested();
        return [.. nats.Select((sum, i) => new SequenceScore(sum, !missed[i]))];
    }

    // Longest first: a long batch that comes last would leave the other threads idle.
    static List<TokenTree[]> Batches(List<TokenTree> rows)
    {
        var batches = new List<TokenTree[]>();
        var sorted = rows.OrderByDescending(row => row.Length).ToArray();
        for (int start = 0; start < sorted.Length;)
        {
            int length = sorted[start].Length, most = Math.Max(1, Math.Min(BatchTokens / length, BatchPairs / (length * length)));
            int end = start + 1;
            while (end < sorted.Length && end - start < most && sorted[end].Length * 5 >= length * 4) end++;   // at most a fifth is padding
            batches.Add(sorted[start..end]);
            start = end;
        }
        return batches;
    }

    void ScoreBatch(TokenTree[] rows, double[] nats, bool[] missed)
    {
        using var scope = NewDisposeScope();
        int length = rows.Max(row => row.Length), count = rows.Length;
        var (tokens, positions, visible) = (new long[count * length], new long[count * length], new bool[count * length * length]);
        for (int r = 0; r < count; r++)
        {
            for (int i = 0; i < rows[r].Length; i++) (tokens[r * length + i], positions[r * length + i]) = (rows[r].Tokens[i], rows[r].Positions[i]);
            rows[r].WriteVisible(visible.AsSpan(r * length * length, length * length), length);
        }
        Interlocked.Add(ref tokensRead, (long)count * length);
        var device = model.Device;
        var input = new ModelInput(tensor(tokens, [count, length], device: device))
        {
            Positions = tensor(positions, [count, length], device: device),
            Visible = tensor(visible, [count, length, length], device: device),
        };
        var pass = new ForwardPass();
        var hidden = model.Hidden(input, pass).reshape(count * length, model.Spec.Width);
        var wanted = rows.SelectMany((row, r) => row.Predictions.Select(p => p with { Node = r * length + p.Node })).OrderBy(p => p.Node).ToArray();
        for (int start = 0; start < wanted.Length;)
        {
            int end = Math.Min(wanted.Length, start + HeadRows);
            Predict(hidden, wanted[start..end], pass, nats, missed);
            start = end;
        }
    }

    void Predict(Tensor hidden, Prediction[] wanted, ForwardPass pass, double[] nats, bool[] missed)
    {
        using var scope = NewDisposeScope();
        long[] nodes = [.. wanted.Select(p => (long)p.Node).Distinct()];
        var places = nodes.Select((node, i) => (node, i)).ToDictionary(pair => pair.node, pair => (long)pair.i);
        long[] cells = [.. wanted.Select(p => places[p.Node] * model.Spec.VocabularySize + p.Target)];
        var logits = model.LogitsOf(hidden.index_select(0, tensor(nodes, device: hidden.device)), pass);   // [nodes, vocabulary]
        var likely = logits.argmax(-1).cpu().data<long>().ToArray();
        var scores = logits.log_softmax(-1).view(-1).index_select(0, tensor(cells, device: hidden.device)).cpu().data<float>().ToArray();
        for (int i = 0; i < wanted.Length; i++)
        {
            var (node, target, sequence) = wanted[i];
            // A sequence lies in one row, hence in one thread's hands, and its tokens come in order.
            nats[sequence] += scores[i];
            if (likely[places[node]] != target) missed[sequence] = true;
        }
    }
}
