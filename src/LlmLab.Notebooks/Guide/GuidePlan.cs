using System.Text.RegularExpressions;
using LlmLab.Notebooks.Documents;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Guide;

/// <summary>A notebook of the guide, and the parameters of those given that it has.</summary>
/// <param name="File">Path of the notebook.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Parameters">What to set, by name.</param>
public sealed record GuideStep(string File, string Title, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>The file's name without folder and ending: "05-training".</summary>
    public string Name => Path.GetFileNameWithoutExtension(File);
}

/// <summary>Which notebooks a run of the guide consists of, in order.</summary>
public static partial class GuidePlan
{
    /// <summary>The folder of the guide's notebooks: <c>notebooks/</c> of the repository, else of the current folder.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static string Folder()
    {
        string folder = Path.Combine(Workspace.FindRepository() ?? Directory.GetCurrentDirectory(), "notebooks");
        return Directory.Exists(folder) ? folder : throw new InvalidInputException($"There are no notebooks in \"{folder}\": run the guide inside the repository.");
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="folder">Where the notebooks lie; those whose name begins with a number belong to the guide.</param>
    /// <param name="only">Numbers of the notebooks to run, such as "05"; empty for all.</param>
    /// <param name="parameters">Values by name; each goes to the notebooks that have a parameter of that name.</param>
    /// <exception cref="InvalidInputException">No such notebook, or a parameter that none of them has.</exception>
    public static IReadOnlyList<GuideStep> Make(string folder, IReadOnlyList<string> only, IReadOnlyDictionary<string, string> parameters)
    {
        var files = Directory.EnumerateFiles(folder, "*.ipynb")
            .Where(file => Numbered().IsMatch(Path.GetFileName(file)))
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            .ToList();
        if (files.Count == 0) throw new InvalidInputException($"There are no numbered notebooks in \"{folder}\": expected files like 01-objective.ipynb.");
        foreach (string number in only)
            if (!files.Any(file => HasNumber(file, number)))
                throw new InvalidInputException($"The guide has no notebook \"{number}\": there are {string.Join(", ", files.Select(Path.GetFileNameWithoutExtension))}.");
        if (only.Count > 0) files = [.. files.Where(file => only.Any(number => HasNumber(file, number)))];

        var chosen = files.Select(file => (File: file, Notebook: NotebookFile.Read(file))).ToList();
        var unused = parameters.Keys.ToHashSet();
        var steps = new List<GuideStep>();
        foreach (var (file, notebook) in chosen)
        {
            var here = parameters.Where(parameter => HasParameter(notebook, parameter.Key)).ToDictionary(parameter => parameter.Key, parameter => Absolute(parameter.Value));
            unused.ExceptWith(here.Keys);
            steps.Add(new GuideStep(file, Html.NotebookPage.TitleOf(notebook) ?? Path.GetFileNameWithoutExtension(file), here));
        }
        return unused.Count == 0 ? steps
            : throw new InvalidInputException($"No notebook of the guide has the parameter \"{unused.First()}\": parameters are what a notebook's cell tagged \"parameters\" sets.");
    }

    static bool HasNumber(string file, string number) =>
        int.TryParse(number, out int wanted) ? int.Parse(Numbered().Match(Path.GetFileName(file)).Groups[1].Value) == wanted : Path.GetFileNameWithoutExtension(file) == number;

    // Notebooks run in their own folder, so that a folder given on the command line must not stay relative.
    static string Absolute(string value) => Directory.Exists(value) ? Path.GetFullPath(value) : value;

    static bool HasParameter(Notebook notebook, string name) =>
        notebook.Cells.Any(cell => cell.Tags.Contains("parameters") && Regex.IsMatch(cell.Source, $@"(?m)^\s*(?:var|[\w<>\[\].?]+)\s+{Regex.Escape(name)}\s*="));

    [GeneratedRegex(@"^(\d+)-.+\.ipynb$")]
    private static partial Regex Numbered();
}
