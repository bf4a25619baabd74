using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>One whole sequence at a time: the plain version that defines <see cref="TreeScorer"/>.</summary>
sealed class PlainScorer(LanguageModel model) : ISequenceScorer
{
    public long TokensRead { get; private set; }

    public SequenceScore[] Score(IReadOnlyList<ScoredSequence> sequences)
    {
        using var none = no_grad();
        var scores = new SequenceScore[sequences.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            Operation.Current.ThrowIfCancelled();
            scores[i] = Score(sequences[i]);
            TokensRead += sequences[i].Tokens.Length - 1;
        }
        return scores;
    }

    SequenceScore Score(ScoredSequence sequence)
    {
        using var scope = NewDisposeScope();
        var device = model.Device;
        int read = sequence.Tokens.Length - 1, scored = sequence.Scored;
        long[] input = [.. sequence.Tokens[..read].Select(token => (long)token)], wanted = [.. sequence.Tokens[^scored..].Select(token => (long)token)];
        var logits = model.forward(tensor(input, device: device).unsqueeze(0))[0].narrow(0, read - scored, scored);   // [scored, vocabulary]
        var targets = tensor(wanted, device: device);
        double nats = logits.log_softmax(-1).gather(1, targets.unsqueeze(1)).to(ScalarType.Float64).sum().item<double>();
        return new SequenceScore(nats, logits.argmax(-1).eq(targets).all().item<bool>());
    }
}
