using System.Text.RegularExpressions;
using LlmLab.Data.Warehouse;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Languages;

/// <summary>
/// <c>#!sql</c>: queries of the warehouse (DuckDB's SQL). The result is shown as a table, and is the C# variable <c>sql</c>, a
/// DataFrame, afterwards. Comments at the head choose otherwise: <c>-- into: totals</c> names the variable, <c>-- from: FILE</c> the
/// database. Without one it is the warehouse of the workspace's current data set; where there is none, an empty one in memory, which
/// can still read files: <c>SELECT * FROM 'metrics.csv'</c>.
/// </summary>
/// <param name="main">The language that gets the variable.</param>
/// <param name="folder">The notebook's folder, which relative files are looked for in; null means the current folder.</param>
sealed partial class SqlLanguage(ILanguage main, string? folder) : ILanguage
{
    DataWarehouse? warehouse;
    string? opened;

    public string Name => "sql";

    public IReadOnlyList<string> Aliases => ["duckdb"];

    public Task<CellResult> ExecuteAsync(string code, CellContext context) => Task.Run(() =>
    {
        try
        {
            string name = Option(code, "into") ?? "sql";
            if (!Identifier().IsMatch(name)) throw new InvalidInputException($"\"{name}\" cannot name a variable (-- into: NAME): use a letter first, then letters and digits.");
            using var stop = context.CancellationToken.Register(() => warehouse?.Interrupt());
            var frame = Open(Option(code, "from")).Query(code).ToDataFrame();
            main.SetVariable(name, frame);
            return new CellResult(CellStatus.Ok, Value: frame.Columns.Count > 0 ? frame : null);
        }
        catch (Exception e) when (context.CancellationToken.IsCancellationRequested)
        {
            return Failed(context, CellStatus.Interrupted, Errors.Of(new OperationCanceledException("The query was interrupted.", e)));
        }
        catch (InvalidInputException e)
        {
            return Failed(context, CellStatus.Error, Errors.Of(e));
        }
    });

    public ValueTask DisposeAsync()
    {
        warehouse?.Dispose();
        return ValueTask.CompletedTask;
    }

    static CellResult Failed(CellContext context, CellStatus status, ErrorOutput error)
    {
        context.Publish(error);
        return new CellResult(status, error);
    }

    DataWarehouse Open(string? asked)
    {
        string? file = asked is not null ? Path.GetFullPath(asked, folder ?? Environment.CurrentDirectory) : Current();
        if (warehouse is not null && file == opened) return warehouse;
        warehouse?.Dispose();
        warehouse = null;
        // Opened for reading: a notebook looks at a data set, it does not change it. In memory there is nothing to protect.
        warehouse = file is null ? DataWarehouse.InMemory() : DataWarehouse.Open(file, readOnly: true);
        opened = file;
        return warehouse;
    }

    static string? Current()
    {
        var workspace = Workspace.Open();
        return workspace.Absolute(workspace.State.Data) is { } data && Path.Combine(data, "warehouse.duckdb") is var file && File.Exists(file) ? file : null;
    }

    static string? Option(string code, string name)
    {
        foreach (string line in code.Split('\n'))
        {
            if (line.Trim().Length == 0) continue;
            if (Comment().Match(line) is not { Success: true } match) return null;
            if (match.Groups["name"].Value == name) return match.Groups["value"].Value.Trim();
        }
        return null;
    }

    [GeneratedRegex(@"^\s*--\s*((?<name>into|from)\s*:\s*(?<value>.+))?")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[A-Za-z_]\w*$")]
    private static partial Regex Identifier();
}
