using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training.Tasks;

/// <summary>
/// InfoNCE (van den Oord et al. 2018) with in-batch negatives: of all candidates in the batch, each anchor must pick its own by cosine over
/// temperature, and, the other way round, each candidate its anchor (Radford et al. 2021, CLIP).
/// </summary>
public static class ContrastiveLoss
{
    /// <summary>Mean cross-entropy in nats, over both directions.</summary>
    /// <param name="anchors">[n, width], rows of length 1.</param>
    /// <param name="candidates">[m, width], rows of length 1, m ≥ n: row i &lt; n belongs to anchor i, the rest are negatives only.</param>
    /// <param name="temperature">What cosines are divided by, above 0: the smaller, the more the hardest negatives count.</param>
    /// <param name="excluded">[n, m] bool: candidates that answer the anchor too and so are no negatives; null: none.</param>
    public static Tensor Of(Tensor anchors, Tensor candidates, double temperature, Tensor? excluded = null)
    {
        using var scope = NewDisposeScope();
        long count = anchors.shape[0];
        var scores = matmul(anchors, candidates.t()) / temperature;   // [n, m]
        if (excluded is not null) scores = scores.masked_fill(excluded, double.NegativeInfinity);
        var own = arange(count, device: anchors.device);
        var forth = nn.functional.cross_entropy(scores, own);
        var back = nn.functional.cross_entropy(scores.narrow(1, 0, count).t(), own);
        return scope.MoveToOuter((forth + back) / 2);
    }
}
