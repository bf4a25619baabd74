using System.CommandLine;
using System.Globalization;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab runs</c>: the table of runs, or what two of them have different.</summary>
static class RunsCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("run") { Description = "None: a table of all. Two: what differs between them.", Arity = new ArgumentArity(0, 2) };
        var command = new Command("runs", "List the training runs of the workspace, or compare two.") { names };
        Invocation.SetAction(command, invocation =>
        {
            string[] given = invocation.Parse.GetValue(names) ?? [];
            if (given.Length == 1) throw new InvalidInputException("One run alone cannot be compared: name two, or none for the table.");
            return given.Length == 2 ? Compare(invocation, Run.Open(given[0]), Run.Open(given[1])) : Table(invocation);
        });
        return command;
    }

    static int Table(Invocation invocation)
    {
        var runs = Run.List();
        if (runs.Count == 0) invocation.WriteLine($"No runs in {Workspace.Open().Folder} yet: `llmlab train` makes one.");
        else invocation.WriteLine($"{"run",-28} {"preset",-24} {"seed",4} {"steps",13} {"train",8} {"valid.",8} {"tokens/s",10} {"seconds",9}  precision");
        foreach (var run in runs)
        {
            var (result, metrics) = (run.Result, run.Metrics);
            int step = metrics.Count == 0 ? 0 : metrics[^1].Step;
            double? train = metrics.LastOrDefault(m => m.TrainLoss is not null)?.TrainLoss, validation = metrics.LastOrDefault(m => m.ValidationLoss is not null)?.ValidationLoss;
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Description.Name,-28} {run.Description.Preset ?? "-",-24} {run.Options.Seed,4} {step + "/" + run.Options.Steps,13} {train,8:0.0000} {validation,8:0.0000} {result?.TokensPerSecond,10:N0} {result?.Seconds,9:0.0}  {run.Description.Precision}"));
        }
        invocation.Result(runs.Select(r => new { run = r.Folder, r.Description.Preset, r.Options.Seed, planned = r.Options.Steps, r.Result }));
        return Invocation.Done;
    }

    static int Compare(Invocation invocation, Run first, Run second)
    {
        var differences = RunComparison.Of(first, second);
        invocation.WriteLine($"{"",-34} {first.Description.Name,-28} {second.Description.Name,-28}");
        foreach (var row in differences) invocation.WriteLine($"{row.Name,-34} {row.First,-28} {row.Second,-28}");
        if (differences.Count == 0) invocation.WriteLine("The two do not differ.");
        invocation.Result(new { first = first.Folder, second = second.Folder, differences });
        return Invocation.Done;
    }
}
