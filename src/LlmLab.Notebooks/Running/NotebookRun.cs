using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Running;

/// <summary>How a notebook is to be run.</summary>
public sealed record NotebookRunOptions
{
    /// <summary>Values for variables of the cell tagged <c>parameters</c>, as text.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest that one cell may take; null for any time.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The notebook's file name, for progress, messages and results.</summary>
    public string Name { get; init; } = "notebook.ipynb";
}

/// <summary>The cell at which a run stopped.</summary>
/// <param name="Cell">The cell's place in the notebook, from 1, Markdown cells counted.</param>
/// <param name="Id">The cell's identifier.</param>
/// <param name="ExecutionCount">Jupyter's [n] of the cell.</param>
/// <param name="Status">Whether it failed or was interrupted.</param>
/// <param name="Error">The cell's error.</param>
public sealed record CellFailure(int Cell, string Id, int ExecutionCount, CellStatus Status, ErrorOutput Error);

/// <summary>What a run made, also where it stopped early.</summary>
/// <param name="Notebook">The notebook with the outputs of the cells that ran; cells after a failure have none.</param>
/// <param name="Results">The recorded numbers, in order.</param>
/// <param name="Failure">Where it stopped, or null if every cell ran.</param>
/// <param name="CellsRun">Code cells that ran, the failing one included.</param>
/// <param name="Elapsed">Wall time of all cells.</param>
public sealed record NotebookRun(Notebook Notebook, IReadOnlyList<RecordedResult> Results, CellFailure? Failure, int CellsRun, TimeSpan Elapsed);
