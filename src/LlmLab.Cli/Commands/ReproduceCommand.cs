using System.CommandLine;
using System.Globalization;
using LlmLab.Retrieval.Reading;
using LlmLab.Training.Experiments;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab reproduce</c>: runs a named experiment, or what is missing of it, and prints its table.</summary>
static class ReproduceCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "The experiment: " + string.Join(", ", [.. Experiment.All.Select(e => e.Name), ReadingReproduction.Name]) + ".", Arity = ArgumentArity.ZeroOrOne };
        var list = new Option<bool>("--list") { Description = "List the experiments and how much of each has results." };
        var show = new Option<bool>("--show") { Description = "Print the table of the results that there are, and train nothing." };
        var results = new Option<string?>("--results") { Description = "The file that results are read from and added to; default: data/results/NAME.jsonl of the repository.", HelpName = "FILE" };
        var steps = new Option<int?>("--steps") { Description = "Another number of steps than the presets', for a try; needs --results." };
        var seeds = new Option<int?>("--seeds") { Description = "Only the first so many of the experiment's seeds." };
        var command = new Command("reproduce", "Run a named experiment with its seeds and keep the results; it goes on where it was stopped.") { name, list, show, results, steps, seeds };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            if (parse.GetValue(list) || parse.GetValue(name) is null) return List(invocation);
            if (parse.GetValue(name) == ReadingReproduction.Name) return await ReadAsync(invocation, parse.GetValue(show), parse.GetValue(results), parse.GetValue(steps), parse.GetValue(seeds));
            var experiment = Experiment.Find(parse.GetValue(name)!);
            string file = parse.GetValue(results) ?? experiment.ResultsFile;
            var chosen = parse.GetValue(seeds) is { } count ? experiment.Seeds.Take(Math.Max(1, count)).ToArray() : experiment.Seeds;
            var table = parse.GetValue(show)
                ? ExperimentTable.Of(experiment, ExperimentResult.Read(file))
                : await Reproduction.RunAsync(experiment, parse.GetValue(results), parse.GetValue(steps), chosen, Host());
            Print(invocation, table);
            invocation.WriteLine(file);
            invocation.Result(new { experiment = experiment.Name, table.Machine, file, table.Rows });
            return Invocation.Done;
        });
        return command;
    }

    // The program itself, as it was started: an executable, or dotnet with the assembly.
    static HostProgram Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? new HostProgram(Environment.ProcessPath!, [typeof(ReproduceCommand).Assembly.Location])
        : new HostProgram(Environment.ProcessPath!, []);

    // The reader is measured in answers, not in loss: it has a table of its own.
    static async Task<int> ReadAsync(Invocation invocation, bool show, string? file, int? steps, int? seeds)
    {
        if (seeds is not null) throw new InvalidInputException($"{ReadingReproduction.Name} has one seed: leave --seeds out.");
        var recipe = ReadingRecipe.Shipped(ReadingReproduction.Name);
        var kept = show ? ReadingReproduction.Results(file)
            : [await ReadingReproduction.RunAsync(file, steps is { } other ? recipe with { Options = recipe.Options with { Steps = other } } : null)];
        if (kept.Count == 0) invocation.WriteLine($"No results of {ReadingReproduction.Name} yet.");
        foreach (var result in kept)
        {
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Machine}; {result.Steps:N0} steps in {result.TrainSeconds:0} s, seed {result.Seed}"));
            foreach (var measured in result.Measurements)
                invocation.WriteLine($"  {measured.Name} (n = {measured.ExactMatch.Count}{(measured.Refused is { } rest ? $" and {rest.Count}" : "")}): exact match {measured.ExactMatch.Interval}, ROUGE-L {measured.RougeL.Interval}"
                    + (measured.Refused is { } refused ? $", refused where nothing answers {refused.Interval}, falsely {measured.FalselyRefused.Interval}" : ""));
        }
        invocation.WriteLine(file ?? ReadingReproduction.ResultsFile);
        invocation.Result(kept);
        return Invocation.Done;
    }

    static int List(Invocation invocation)
    {
        foreach (var experiment in Experiment.All)
        {
            int runs = experiment.Variants.Count * experiment.Seeds.Count, there = experiment.Results().Select(r => (r.Variant, r.Seed)).Distinct().Count();
            invocation.WriteLine($"{experiment.Name,-24} {there,3} of {runs} results  {experiment.Summary}");
        }
        int read = Math.Min(1, ReadingReproduction.Results().Count);
        invocation.WriteLine($"{ReadingReproduction.Name,-24} {read,3} of 1 results  {ReadingReproduction.Summary}");
        invocation.Result(Experiment.All.Select(e => new { e.Name, e.Summary, runs = e.Variants.Count * e.Seeds.Count, results = e.Results().Count })
            .Append(new { ReadingReproduction.Name, ReadingReproduction.Summary, runs = 1, results = read }));
        return Invocation.Done;
    }

    static void Print(Invocation invocation, ExperimentTable table)
    {
        if (table.Rows.Count == 0)
        {
            invocation.WriteLine($"No results of {table.Experiment.Name} yet.");
            return;
        }
        int[] windows = [.. table.Rows.SelectMany(r => r.LossByWindow.Keys).Distinct().Order()];
        invocation.WriteLine(table.Machine);
        invocation.WriteLine($"{"variant",-36} {"seeds",5} {"loss",8} {"± sd",8} {"difference",11} {"± se",8} {string.Concat(windows.Select(w => $"{"at " + w,9}"))} {"train s",8} {"wall s",8}");
        string Number(double? value, string format) => value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
        foreach (var row in table.Rows)
            invocation.WriteLine($"{row.Variant,-36} {row.Seeds,5} {Number(row.Loss, "0.0000"),8} {Number(row.Deviation, "0.0000"),8} {Number(row.Difference, "+0.0000;-0.0000"),11} {Number(row.DifferenceError, "0.0000"),8} "
                + string.Concat(windows.Select(w => $"{Number(row.LossByWindow.TryGetValue(w, out double loss) ? loss : null, "0.0000"),9}"))
                + $" {Number(row.TrainSeconds, "0.0"),8} {Number(row.WallSeconds, "0.0"),8}");
    }
}
