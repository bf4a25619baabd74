using System.CommandLine;
using System.Globalization;
using LlmLab.Notebooks.Guide;
using LlmLab.Notebooks.Running;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab guide</c>: every notebook of the guide, in order, and a report.</summary>
static class GuideCommand
{
    public static Command Create()
    {
        var scale = new Option<string>("--scale") { Description = "smoke (a check in minutes), laptop (the default) or gpu; LLMLAB_SCALE sets it too.", HelpName = "SCALE" };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "A parameter for the notebooks that have it: data=FOLDER runs the guide on your own documents.", HelpName = "NAME=VALUE" };
        var only = new Option<string[]>("--only") { Description = "Only the notebooks with these numbers: --only 05.", HelpName = "NN", AllowMultipleArgumentsPerToken = true };
        var command = new Command("guide", "Run the whole guide, notebook after notebook, and write a report.") { scale, parameters, only };
        Invocation.SetAction(command, async invocation =>
        {
            var chosen = invocation.Parse.GetValue(scale) is { } text ? Scales.Parse(text) : Scales.Current;
            var numbers = (invocation.Parse.GetValue(only) ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToArray();
            var steps = GuidePlan.Make(GuidePlan.Folder(), numbers, Parameters(invocation.Parse.GetValue(parameters) ?? []));
            string folder = GuideRun.NewFolder(Workspace.Open(), DateTime.UtcNow);

            int at = 0;
            var run = new GuideRun(NotebookProcess.OfThisProgram(), chosen, folder);
            var (results, report) = await run.RunAsync(steps, (step, result) =>
            {
                if (result is null) invocation.WriteLine($"\n[{++at}/{steps.Count}] {step.Name}: {step.Title}");
                else if (result.Run.Failure is { } failure) invocation.WriteLine($"    cell {failure.Cell}: {failure.Error.Name}: {failure.Error.Message}");
                if (result is not null) invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{at}/{steps.Count}] {step.Name} {(result.Succeeded ? "ran" : "FAILED")} in {result.Time.TotalSeconds:0.0} s"));
            });

            invocation.WriteLine();
            foreach (var result in results)
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(result.Succeeded ? "ok    " : "FAILED")} {result.Step.Name,-24} {result.Time.TotalSeconds,8:0.0} s  {result.Run.Results.Count} recorded"));
            invocation.WriteLine(report);
            invocation.Result(new
            {
                report,
                scale = chosen,
                seconds = results.Sum(result => result.Time.TotalSeconds),
                notebooks = results.Select(result => new { result.Step.Name, result.Succeeded, seconds = result.Time.TotalSeconds, result.Run.Results }),
            });
            return results.All(result => result.Succeeded) ? Invocation.Done : Invocation.Failed;
        });
        return command;
    }

    static Dictionary<string, string> Parameters(IEnumerable<string> given)
    {
        var parameters = new Dictionary<string, string>();
        foreach (string text in given)
        {
            int at = text.IndexOf('=');
            if (at <= 0) throw new InvalidInputException($"The parameter \"{text}\" has no value: expected name=value.");
            parameters[text[..at].Trim()] = text[(at + 1)..];
        }
        return parameters;
    }
}
