using System.CommandLine;
using System.Globalization;
using LlmLab.Notebooks.Guide;
using LlmLab.Notebooks.Running;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab verify</c>: do the recorded numbers hold?</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("notebook") { Description = "Notebooks, or one results.json; all of the guide if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var scale = new Option<string>("--scale") { Description = "The scale that the numbers were recorded at: that of results.json, else laptop.", HelpName = "SCALE" };
        var command = new Command("verify", "Rerun notebooks and compare the numbers with those that they hold.") { files, scale };
        Invocation.SetAction(command, async invocation =>
        {
            string[] given = invocation.Parse.GetValue(files) ?? [];
            var chosen = invocation.Parse.GetValue(scale) is { } text ? Scales.Parse(text) : Scale.Laptop;
            IReadOnlyList<VerificationStep> steps;
            if (given is [var path] && path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                var results = ResultsFile.Read(path);
                if (invocation.Parse.GetValue(scale) is null) chosen = Scales.Parse(results.Scale);
                steps = Verification.OfResults(path, results, GuidePlan.Folder());
            }
            else
            {
                steps = Verification.OfNotebooks(given.Length > 0 ? given : GuidePlan.Make(GuidePlan.Folder(), [], new Dictionary<string, string>()).Select(step => step.File));
            }

            string folder = Directory.CreateTempSubdirectory("llmlab-verify-").FullName;
            try
            {
                // The whole guide starts from nothing, as it did when its numbers were recorded; single notebooks use what is there.
                if (given.Length == 0) Environment.SetEnvironmentVariable("LLMLAB_WORKSPACE", Path.Combine(folder, "runs"));
                var failures = new List<string>();
                var compared = await new Verification(NotebookProcess.OfThisProgram(), chosen).RunAsync(steps, folder,
                    (name, failure) => failures.Add($"{name}, cell {failure.Cell}: {failure.Error.Name}: {failure.Error.Message}"));
                return Show(invocation, compared, failures, chosen);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    static int Show(Invocation invocation, IReadOnlyList<VerifiedResult> compared, List<string> failures, Scale scale)
    {
        int width = compared.Select(result => result.Name.Length).Append(8).Max();
        invocation.WriteLine($"{"",-8} {"notebook",-24} {"number".PadRight(width)} {"recorded",12} {"rerun",12} {"tolerance",10}");
        foreach (var result in compared)
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Outcome,-8} {result.Notebook,-24} {result.Name.PadRight(width)} {result.Expected,12:G6} {result.Actual,12:G6} {result.Tolerance,10:G3}"));
        foreach (string failure in failures) invocation.WriteLine("failed   " + failure);
        bool holds = failures.Count == 0 && compared.All(result => result.Holds);
        invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{compared.Count(result => result.Holds)} of {compared.Count} numbers hold at scale {scale.ToString().ToLowerInvariant()}"));
        invocation.Result(new { holds, scale, results = compared, failures });
        return holds ? Invocation.Done : Invocation.Failed;
    }
}
