using System.CommandLine;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab train</c>: a new run from a preset, or an old one continued.</summary>
static class TrainCommand
{
    static readonly Option<string> preset = new("--preset") { Description = "The recipe: " + string.Join(", ", Preset.All.Select(p => p.Name)) + ".", DefaultValueFactory = _ => "shakespeare-char-cpu" };
    static readonly Option<string?> text = new("--text") { Description = "Train on another text than the preset's: a UTF-8 file, or a name from `llmlab data list`." };
    static readonly Option<long?> seed = new("--seed") { Description = "Seed of initial weights, batches and dropout (default 1)." };
    static readonly Option<int?> steps = new("--steps") { Description = "Another number of steps than the preset's; the schedule shrinks or stretches with it." };
    static readonly Option<string[]> set = new("--set") { Description = "Change the preset: spec.NAME=VALUE or options.NAME=VALUE; may be given more than once." };
    static readonly Option<int?> saveEvery = new("--save-every") { Description = "Steps between checkpoints; default: the preset's." };
    static readonly Option<int?> stopAfter = new("--stop-after") { Description = "Stop after this step, in the middle of the schedule, leaving a run that can be resumed." };
    static readonly Option<bool> rangeTest = new("--lr-range-test") { Description = "Train nothing: look for a learning rate with a short training whose rate rises step by step (Smith 2015)." };
    static readonly Option<string?> resume = new("--resume") { Description = "Go on with a run: its folder or its name." };
    static readonly Option<ComputeDevice> device = DeviceOption();
    static readonly Option<Precision> precision = PrecisionOption();
    static readonly Option<Kernels> kernels = new("--kernels") { Description = "What computes forward and backward passes: auto (what `llmlab tune` measured as fastest), libTorch or compiled." };
    static readonly Option<int?> threads = new("--threads") { Description = "Processor threads; default: what `llmlab tune` measured as fastest." };

    public static Command Create()
    {
        var command = new Command("train", "Train a model; Ctrl+C leaves a run that can be resumed.") { preset, text, set, seed, steps, saveEvery, stopAfter, rangeTest, resume, device, precision, kernels, threads };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            ComputeDevices.Choose(parse.GetValue(device));   // before data is fetched and tokenizers are trained
            if (parse.GetValue(rangeTest)) return await RangeTestAsync(invocation);
            var run = parse.GetValue(resume) is { } name
                ? await ResumeAsync(name, parse)
                : await StartAsync(parse);
            var workspace = Workspace.Open();
            workspace.Update(s => s with { Model = workspace.Relative(run.Folder) });
            var result = run.Result!;
            string validation = result.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation loss {loss:0.0000}") : "";
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Steps:N0} steps in {result.Seconds:0.0} s, {result.TokensPerSecond:N0} tokens/s: training loss {result.TrainLoss:0.0000}{validation}"));
            invocation.WriteLine(run.Folder);
            invocation.Result(result);
            return Invocation.Done;
        });
        return command;
    }

    /// <summary>The option <c>--precision</c>, in words.</summary>
    internal static Option<Precision> PrecisionOption() => new("--precision") { Description = "Operands of matrix products: auto (what `llmlab tune` measured as fastest), float32 or bfloat16." };

    /// <summary>The option <c>--device</c>, in words.</summary>
    internal static Option<ComputeDevice> DeviceOption() => new("--device") { Description = "Where it is computed: auto (the GPU where libtorch finds one), cpu or cuda." };

    static async Task<int> RangeTestAsync(Invocation invocation)
    {
        var parse = invocation.Parse;
        var recipe = Preset.Find(parse.GetValue(preset)!);
        using var data = await recipe.PrepareAsync(parse.GetValue(text));
        var (spec, options) = Recipe(parse, recipe, data);
        var test = LearningRateRangeTest.Run(spec, data, options, steps: parse.GetValue(steps) ?? 200);
        string file = Path.Combine(Workspace.Open().NewFolder("learning-rates"), "range-test.png");
        AtomicFile.Write(file, stream => stream.Write(test.ToChart().ToPng()));
        invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{test.Option}: the smoothed loss was lowest at {test.Best:G2}; suggested: a tenth of that, {test.Suggested:G2}"));
        invocation.WriteLine(file);
        invocation.Result(new { test.Option, test.Suggested, test.Best, chart = file, test.Rates, test.Smoothed });
        return Invocation.Done;
    }

    static async Task<Run> StartAsync(ParseResult parse)
    {
        var recipe = Preset.Find(parse.GetValue(preset)!);
        using var data = await recipe.PrepareAsync(parse.GetValue(text));
        var (spec, options) = Recipe(parse, recipe, data);
        return Trainer.Train(spec, data, options, stopAfter: parse.GetValue(stopAfter), preset: recipe.Name, text: parse.GetValue(text) ?? recipe.Text);
    }

    static (ModelSpec Spec, TrainingOptions Options) Recipe(ParseResult parse, Preset recipe, TrainingData data)
    {
        var (spec, changed) = RecipeChanges.Apply(recipe.SpecFor(data), recipe.Options, (parse.GetValue(set) ?? []).Select(RecipeChanges.Parse), $"The preset {recipe.Name} with --set");
        return (spec, changed with
        {
            Seed = parse.GetValue(seed) ?? changed.Seed,
            Steps = parse.GetValue(steps) ?? changed.Steps,
            SaveEvery = parse.GetValue(saveEvery) ?? changed.SaveEvery,
            Device = parse.GetValue(device) is not ComputeDevice.Auto and var place ? place : changed.Device,
            Precision = parse.GetValue(precision) is not Precision.Auto and var asked ? asked : changed.Precision,
            Kernels = parse.GetValue(kernels) is not Kernels.Auto and var chosen ? chosen : changed.Kernels,
            Threads = parse.GetValue(threads) ?? changed.Threads,
        });
    }

    static async Task<Run> ResumeAsync(string name, ParseResult parse)
    {
        var run = Run.Open(name);
        if (parse.GetValue(seed) is { } other && other != run.Options.Seed)
            throw new InvalidInputException($"{run.Folder} was begun with seed {run.Options.Seed}: leave --seed out when resuming.");
        using var data = await run.OpenDataAsync();
        return Trainer.Resume(run, data, parse.GetValue(stopAfter), parse.GetValue(precision), parse.GetValue(threads), parse.GetValue(device));
    }
}
