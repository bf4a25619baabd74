using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>A row of tokens of which one is to be hidden and guessed.</summary>
/// <param name="Row">The tokens, the true one included; they fit the model's window.</param>
/// <param name="Place">Which is hidden.</param>
readonly record struct HiddenToken(int[] Row, int Place);

/// <summary>How likely an encoder finds hidden tokens. Rows of the same length go through it together, so that none is padded.</summary>
/// <param name="model">An encoder.</param>
/// <param name="mask">The id of the mask.</param>
sealed class MaskedScorer(LanguageModel model, int mask)
{
    /// <summary>Tokens that go through the model together; 1: a row at a time, the plain version.</summary>
    public const int TokensAtOnce = 4_096;

    /// <summary>Scores hidden tokens, in their order.</summary>
    public SequenceScore[] Score(IReadOnlyList<HiddenToken> hidden, int tokensAtOnce)
    {
        using var none = no_grad();
        var scores = new SequenceScore[hidden.Count];
        foreach (var length in Enumerable.Range(0, hidden.Count).GroupBy(i => hidden[i].Row.Length))
            foreach (int[] batch in length.Chunk(Math.Max(1, tokensAtOnce / length.Key)))
            {
                Operation.Current.ThrowIfCancelled();
                Score(hidden, batch, length.Key, scores);
            }
        return scores;
    }

    void Score(IReadOnlyList<HiddenToken> hidden, int[] batch, int length, SequenceScore[] scores)
    {
        using var scope = NewDisposeScope();
        var device = model.Device;
        long[] rows = new long[batch.Length * length], places = new long[batch.Length], truths = new long[batch.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            var (row, place) = hidden[batch[i]];
            for (int k = 0; k < length; k++) rows[i * length + k] = k == place ? mask : row[k];
            (places[i], truths[i]) = (i * length + place, row[place]);
        }
        var pass = new ForwardPass();
        var states = model.Hidden(tensor(rows, [batch.Length, length], device: device), pass).view(batch.Length * length, -1);   // [rows · time, width]
        var logits = model.LogitsOf(states.index_select(0, tensor(places, device: device)), pass);   // [rows, vocabulary]
        var targets = tensor(truths, device: device);
        float[] nats = logits.log_softmax(-1).gather(1, targets.unsqueeze(1)).cpu().data<float>().ToArray();
        bool[] greedy = logits.argmax(-1).eq(targets).cpu().data<bool>().ToArray();
        for (int i = 0; i < batch.Length; i++) scores[batch[i]] = new SequenceScore(nats[i], greedy[i]);
    }
}
