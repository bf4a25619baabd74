namespace LlmLab.Training;

/// <summary>
/// When to stop because validation gets no better (Prechelt 1998, "Early stopping — but when?", the rule of a fixed patience). In a checkpoint
/// it is what there is to remember.
/// </summary>
/// <param name="BestLoss">The lowest validation loss so far; null before the first.</param>
/// <param name="BestStep">Its step.</param>
/// <param name="Worse">Evaluations since then.</param>
/// <param name="Stopped">Whether the run is over.</param>
public sealed record EarlyStopping(double? BestLoss = null, int BestStep = 0, int Worse = 0, bool Stopped = false)
{
    /// <summary>What is known after one more evaluation.</summary>
    /// <param name="loss">The validation loss.</param>
    /// <param name="step">Steps made.</param>
    /// <param name="patience">Evaluations without a better loss after which the run stops; 0: never.</param>
    /// <param name="smallest">By how much a loss must be lower to count as better.</param>
    public EarlyStopping After(double loss, int step, int patience, double smallest)
    {
        // The first evaluation counts even if it is no number: something must be the best so far.
        if (BestLoss is not { } best || loss < best - smallest) return new EarlyStopping(loss, step);
        return this with { Worse = Worse + 1, Stopped = patience > 0 && Worse + 1 >= patience };
    }
}
