using System.Text;

namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>
/// The most probable segmentation by the Viterbi algorithm, one pass over the text (Kudo 2018). Of equal paths the one found earlier
/// stays. SentencePiece keeps a path's score in single precision and compares a candidate's in double: done alike, near-ties fall alike.
/// </summary>
sealed class UnigramSegmenter : IPieceSegmenter
{
    /// <summary>A character without a piece costs so much more than the worst piece.</summary>
    const double UnknownPenalty = 10;

    readonly PieceTrie trie;
    readonly double[] scores;
    readonly double unknownScore;
    readonly bool singlePrecision;

    public UnigramSegmenter(IReadOnlyList<Piece> pieces, bool singlePrecision)
    {
        this.singlePrecision = singlePrecision;
        scores = new double[pieces.Count];
        var normal = pieces.Where(p => p.Type == PieceType.Normal).Select(p => p.Score).ToList();
        float worst = normal.Count > 0 ? normal.Min() : 0, best = normal.Count > 0 ? normal.Max() : 0;
        unknownScore = Kept(worst - UnknownPenalty);
        // User-defined pieces always win: SentencePiece scores them by length, just above any other path.
        for (int id = 0; id < scores.Length; id++)
            scores[id] = pieces[id].Type == PieceType.UserDefined ? Encoding.UTF8.GetByteCount(pieces[id].Text) * best - 0.1 : pieces[id].Score;
        var usable = pieces.Select((p, id) => (p.Text, Id: id, p.Type)).Where(p => p.Type is PieceType.Normal or PieceType.UserDefined).ToList();
        trie = new PieceTrie(usable.Select(p => (p.Text, p.Id)));
    }

    double Kept(double score) => singlePrecision ? (float)score : score;

    public void Segment(ReadOnlySpan<char> text, List<(int End, int Id)> pieces)
    {
        var best = new (double Score, int Start, int Id)[text.Length + 1];
        for (int i = 1; i <= text.Length; i++) best[i].Start = -1;
        for (int start = 0; start < text.Length; start++)
        {
            if (best[start].Start < 0) continue;
            double until = best[start].Score;
            int width = char.IsHighSurrogate(text[start]) && start + 1 < text.Length && char.IsLowSurrogate(text[start + 1]) ? 2 : 1;
            bool single = false;
            for (int end = start, node = 0; end < text.Length;)
            {
                node = trie.Next(node, text[end++]);
                if (node < 0) break;
                int id = trie.Id(node);
                if (id < 0) continue;
                double score = scores[id] + until;
                if (best[end].Start < 0 || score > best[end].Score) best[end] = (Kept(score), start, id);
                single |= end - start == width;
            }
            if (!single && (best[start + width].Start < 0 || Kept(until + unknownScore) > best[start + width].Score))
                best[start + width] = (Kept(until + unknownScore), start, -1);
        }
        int first = pieces.Count;
        for (int end = text.Length; end > 0; end = best[end].Start) pieces.Add((end, best[end].Id));
        pieces.Reverse(first, pieces.Count - first);
    }
}
