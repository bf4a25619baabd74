namespace LlmLab.Retrieval.Stores;

/// <summary>
/// How often a store that does not answer is asked again. Delays double from try to try; half of each is drawn at random, so that many
/// clients of a store that comes back do not all arrive at once. What is wrong in the request itself is never repeated.
/// </summary>
/// <param name="Attempts">Tries in all, at least 1.</param>
/// <param name="FirstDelay">Before the second try.</param>
public sealed record RetryPolicy(int Attempts, TimeSpan FirstDelay)
{
    /// <summary>Four tries over about two seconds.</summary>
    public static RetryPolicy Default { get; } = new(4, TimeSpan.FromMilliseconds(300));

    /// <summary>How the delay is spent; tests pass one that returns at once.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; init; } = Task.Delay;

    /// <summary>Runs the action until it succeeds, fails for good, or the tries are used up.</summary>
    /// <param name="store">The store and its address, for the sentence.</param>
    /// <param name="isTransient">Whether a failure may pass: no connection, a timeout, "too busy".</param>
    /// <exception cref="InvalidInputException">The store did not answer in any try.</exception>
    internal async Task<T> RunAsync<T>(string store, Func<Task<T>> action, Func<Exception, bool> isTransient, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && isTransient(exception))
            {
                if (attempt >= Attempts)
                    throw new InvalidInputException($"{store} did not answer in {Attempts} tries ({exception.Message.TrimEnd('.')}): check that it runs and that the address is right.", exception);
            }
            double full = FirstDelay.TotalMilliseconds * Math.Pow(2, attempt - 1);
            await Delay(TimeSpan.FromMilliseconds(full * (0.5 + 0.5 * Random.Shared.NextDouble())), cancellationToken).ConfigureAwait(false);
        }
    }
}
