using LlmLab.Notebooks.Documents;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Running;

/// <summary>A recorded number and what a rerun made of it.</summary>
/// <param name="Notebook">File name of the notebook.</param>
/// <param name="Name">The number's name.</param>
/// <param name="Expected">The recorded value, or null for a number that only the rerun has.</param>
/// <param name="Actual">The rerun's value, or null if it recorded none.</param>
/// <param name="Tolerance">The largest absolute difference allowed.</param>
public sealed record VerifiedResult(string Notebook, string Name, double? Expected, double? Actual, double Tolerance)
{
    /// <summary>True if the rerun confirms the number; a number that is new to the rerun contradicts nothing.</summary>
    // A decimal fraction and its tolerance are rarely exact in binary, hence the last digits' play.
    public bool Holds => Expected is not { } expected || (Actual is { } actual && Math.Abs(actual - expected) <= Tolerance + 1e-12 * Math.Max(Math.Abs(actual), Math.Abs(expected)));

    /// <summary>"ok", "differs", "missing" or "new".</summary>
    public string Outcome => Expected is null ? "new" : Actual is null ? "missing" : Holds ? "ok" : "differs";
}

/// <summary>A notebook to rerun, and the numbers that it is held to.</summary>
/// <param name="File">Path of the notebook.</param>
/// <param name="Expected">The recorded numbers.</param>
public sealed record VerificationStep(string File, IReadOnlyList<RecordedResult> Expected);

/// <summary>Reruns notebooks and compares the numbers that they record with those recorded before.</summary>
/// <param name="process">Runs a notebook.</param>
/// <param name="scale">The scale of the rerun: that of the recorded numbers.</param>
public sealed class Verification(NotebookProcess process, Scale scale)
{
    /// <summary>Takes the numbers that notebooks hold in their outputs.</summary>
    /// <exception cref="InvalidInputException">A broken notebook, or none of them holds a number.</exception>
    public static IReadOnlyList<VerificationStep> OfNotebooks(IEnumerable<string> files)
    {
        var steps = files.Select(file => new VerificationStep(file, RecordedResult.Of(NotebookFile.Read(file), file))).Where(step => step.Expected.Count > 0).ToList();
        return steps.Count > 0 ? steps : throw new InvalidInputException("None of the notebooks holds a recorded number: run them, so that their Record(…) calls leave some in the outputs.");
    }

    /// <summary>Takes the numbers of a results.json; its notebooks are looked for in a folder, then beside the file.</summary>
    /// <exception cref="InvalidInputException">A broken file, or a notebook that can't be found.</exception>
    public static IReadOnlyList<VerificationStep> OfResults(string path, ResultsFile results, string notebooks) =>
    [
        .. results.Results.GroupBy(result => result.Notebook).Select(group => new VerificationStep(
            new[] { notebooks, Path.GetDirectoryName(Path.GetFullPath(path))! }.Select(folder => Path.Combine(folder, group.Key)).FirstOrDefault(File.Exists)
                ?? throw new InvalidInputException($"{path} has numbers of {group.Key}, which lies neither in \"{notebooks}\" nor beside it."),
            [.. group])),
    ];

    /// <summary>Reruns the notebooks in order.</summary>
    /// <param name="steps">What to rerun.</param>
    /// <param name="folder">Where the rerun notebooks go.</param>
    /// <param name="failed">Told of each notebook that stopped at a cell.</param>
    public async Task<IReadOnlyList<VerifiedResult>> RunAsync(IReadOnlyList<VerificationStep> steps, string folder, Action<string, CellFailure> failed)
    {
        var all = new List<VerifiedResult>();
        foreach (var step in steps)
        {
            string name = Path.GetFileName(step.File);
            var run = await process.RunAsync(step.File, Path.Combine(folder, Path.ChangeExtension(name, ".ipynb")), scale: scale);
            if (run.Failure is { } failure) failed(name, failure);
            Operation.Current.ThrowIfCancelled();
            all.AddRange(Compare(name, step.Expected, run.Results));
        }
        return all;
    }

    /// <summary>Compares by name: first the recorded numbers in their order, then those that are new.</summary>
    public static IReadOnlyList<VerifiedResult> Compare(string notebook, IReadOnlyList<RecordedResult> expected, IReadOnlyList<RecordedResult> actual) =>
    [
        .. expected.Select(result => new VerifiedResult(notebook, result.Name, result.Value, actual.FirstOrDefault(other => other.Name == result.Name)?.Value, result.Tolerance)),
        .. actual.Where(result => expected.All(other => other.Name != result.Name)).Select(result => new VerifiedResult(notebook, result.Name, null, result.Value, result.Tolerance)),
    ];
}
