using LlmLab.Evaluation.Comparisons;

namespace LlmLab.Prompts;

/// <summary>A case on which prompts are compared.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Values">Values for the prompts' variables; what a prompt does not declare is left out.</param>
/// <param name="Answer">The right answer.</param>
public sealed record PromptCase(string Id, IReadOnlyDictionary<string, object?> Values, string Answer);

/// <summary>Two prompts against each other: the same model, the same cases, and a verdict that says how probable it is to be wrong.</summary>
public static class PromptComparison
{
    /// <summary>Asks every case with both prompts and compares the scores.</summary>
    /// <param name="first">One prompt.</param>
    /// <param name="second">The other.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="answer">What a model answers to a prompt.</param>
    /// <param name="metric">The metric's name.</param>
    /// <param name="score">Scores an answer (first) against the right one: higher is better.</param>
    public static async Task<ModelComparison> RunAsync(PromptTemplate first, PromptTemplate second, IReadOnlyList<PromptCase> cases, Func<string, Task<string>> answer, string metric, Func<string, string, double> score)
    {
        if (cases.Count == 0) throw new InvalidInputException("Two prompts are compared on cases: none was given.");
        async Task<ItemScores> Ask(PromptTemplate prompt)
        {
            double[] scores = new double[cases.Count];
            for (int i = 0; i < scores.Length; i++)
            {
                var values = cases[i].Values.Where(value => prompt.Variables.Any(variable => variable.Name == value.Key)).ToDictionary(value => value.Key, value => value.Value);
                scores[i] = score(await answer(prompt.Render(values)).ConfigureAwait(false), cases[i].Answer);
                Operation.Current.Report("asking", i + 1, scores.Length, "cases", $"{prompt.Name} {prompt.Version}");
            }
            return new ItemScores($"{prompt.Name} {prompt.Version}", "the cases", metric, true, [.. cases.Select(one => one.Id)], scores);
        }
        return ModelComparison.Of(await Ask(first).ConfigureAwait(false), await Ask(second).ConfigureAwait(false));
    }
}
