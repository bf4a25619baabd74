using LlmLab.Models;

namespace LlmLab.Training.Tasks;

/// <summary>
/// Something to learn from: it draws its own batches and adds the gradient of its loss. A model may learn several tasks at once
/// (<see cref="TaskTrainer"/>): the gradients of all are summed, each times its weight, before a step is made.
/// </summary>
public interface ITrainingTask
{
    /// <summary>A short name for reports: "contrastive", "masked", "classification".</summary>
    string Name { get; }

    /// <summary>A hash of what is learned from: a resume must be given the same.</summary>
    string DataHash { get; }

    /// <summary>Refuses a model that cannot learn it, before any work begins.</summary>
    /// <exception cref="InvalidInputException">What is missing.</exception>
    void Check(ModelSpec spec);

    /// <summary>Adds the gradient of a batch's mean loss, times <paramref name="weight"/>; returns the mean loss in nats and the tokens read.</summary>
    /// <param name="engine">Replicas of the model, one a thread.</param>
    /// <param name="number">The batch's number: with the task's seed it decides what is drawn.</param>
    /// <param name="weight">Factor of the gradient.</param>
    (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight);
}

/// <summary>A task and how much it counts.</summary>
/// <param name="Task">The task.</param>
/// <param name="Weight">Factor of its loss, above 0.</param>
public sealed record WeightedTask(ITrainingTask Task, double Weight = 1)
{
    /// <summary>A task that counts fully.</summary>
    public static WeightedTask Of(ITrainingTask task) => new(task);
}
