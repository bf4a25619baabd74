using System.CommandLine;
using System.Globalization;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab sweep</c>: a grid of variants with seeds.</summary>
static class SweepCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The sweep's name; the same name goes on with it." };
        var preset = new Option<string>("--preset") { Description = "The recipe that is varied.", DefaultValueFactory = _ => "shakespeare-char-fast" };
        var set = new Option<string[]>("--set") { Description = "An axis: options.NAME=VALUE,VALUE or spec.NAME=VALUE,VALUE; may be given more than once." };
        var seeds = new Option<int>("--seeds") { Description = "Seeds a cell.", DefaultValueFactory = _ => 3 };
        var steps = new Option<int?>("--steps") { Description = "Another number of steps than the preset's." };
        var command = new Command("sweep", "Train a small grid of variants with seeds; resumable.") { name, preset, set, seeds, steps };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var axes = (parse.GetValue(set) ?? []).Select(SweepAxis.Parse).ToArray();
            if (axes.Length == 0) throw new InvalidInputException("A sweep needs at least one axis: --set options.learningRate=1e-3,3e-3");
            if (parse.GetValue(seeds) < 1) throw new InvalidInputException("A sweep needs at least one seed.");
            var recipe = Preset.Find(parse.GetValue(preset)!);
            using var data = await recipe.PrepareAsync();
            string folder = Path.Combine(Workspace.Open().Folder, "sweep-" + parse.GetValue(name));
            var options = recipe.Options with { Steps = parse.GetValue(steps) ?? recipe.Options.Steps };
            var cells = Sweep.Run(folder, data, recipe.SpecFor(data), options, axes, parse.GetValue(seeds));
            foreach (var cell in cells)
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join("  ", cell.Settings.Select(s => $"{s.Key}={s.Value}")),-60} {cell.Mean:0.0000} ± {cell.Deviation:0.0000}  ({cell.Losses.Count} seeds, {cell.Parameters / 1e6:0.00} M parameters, {cell.Seconds.Average():0.0} s)"));
            invocation.WriteLine(folder);
            invocation.Result(new { folder, cells });
            return Invocation.Done;
        });
        return command;
    }
}
