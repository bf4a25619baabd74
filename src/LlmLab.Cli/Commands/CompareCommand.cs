using System.CommandLine;
using LlmLab.Data;
using LlmLab.Evaluation.Comparisons;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab compare</c>: A against B on the same items, with a verdict in words.</summary>
static class CompareCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("A") { Description = "Results of `llmlab eval --suite` (results.json or its folder), or a model: a run, a checkpoint's folder, a folder in Hugging Face's form." };
        var second = new Argument<string>("B") { Description = "The same of the other: both are results, or both are models." };
        var text = new Option<string?>("--text") { Description = "Models are compared by the bits a byte of pieces of this text: a UTF-8 file, or a name from `llmlab data list`. Default: the validation part of A's own." };
        var pieces = new Option<int>("--pieces") { Description = "Most pieces of the text.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed") { Description = "Seed of draws and tosses.", DefaultValueFactory = _ => 12345 };
        var threads = new Option<int>("--threads") { Description = "Processor threads; 0: as many as there are.", DefaultValueFactory = _ => 0 };
        var command = new Command("compare", "Say whether two models differ on the same items, by how much, and how probable it is to be wrong.") { first, second, text, pieces, seed, threads };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var (a, b) = (parse.GetValue(first)!, parse.GetValue(second)!);
            if (IsResults(a) != IsResults(b)) throw new InvalidInputException($"\"{(IsResults(a) ? a : b)}\" is results of an evaluation and \"{(IsResults(a) ? b : a)}\" is a model: give two of one sort.");
            var table = IsResults(a)
                ? new ComparisonTable(ScoreSources.Of(EvaluationReport.Load(a), a), ScoreSources.Of(EvaluationReport.Load(b), b), parse.GetValue(seed))
                : await CompareModelsAsync(a, b, parse.GetValue(text), parse.GetValue(pieces), parse.GetValue(threads), parse.GetValue(seed));
            invocation.WriteLine(table.ToText());
            foreach (var only in table.OnlyFirst) invocation.WriteLine($"Only {a} was scored on {only}.");
            foreach (var only in table.OnlySecond) invocation.WriteLine($"Only {b} was scored on {only}.");
            invocation.Result(new
            {
                first = a,
                second = b,
                tasks = table.Rows.Select(row => new
                {
                    task = row.Comparison.First.Task,
                    metric = row.Comparison.First.Metric,
                    first = row.Comparison.FirstMean,
                    second = row.Comparison.SecondMean,
                    difference = row.Comparison.Difference,
                    p = row.Comparison.PValue,
                    pCorrected = row.Corrected,
                    wrongSign = row.Comparison.WrongSign,
                    mcNemar = row.Comparison.McNemar?.PValue,
                    minimumDetectable = row.Comparison.MinimumDetectable,
                    undefined = row.Comparison.Undefined,
                    verdict = row.Verdict,
                }),
                table.OnlyFirst,
                table.OnlySecond,
            });
            return Invocation.Done;
        });
        return command;
    }

    static bool IsResults(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(path, "results.json"));

    static async Task<ComparisonTable> CompareModelsAsync(string a, string b, string? source, int most, int threads, int seed)
    {
        if (most < 1) throw new InvalidInputException($"--pieces is {most}; give at least 1.");
        using var first = EvaluatedLanguageModel.Open(a, threads);
        using var second = EvaluatedLanguageModel.Open(b, threads);
        var (name, content) = await TextOf(a, source);
        var texts = ScoreSources.Pieces(content).Take(most).ToArray();
        return new([ScoreSources.OfTexts(first, name, texts, a)], [ScoreSources.OfTexts(second, name, texts, b)], seed);
    }

    static async Task<(string Name, string Text)> TextOf(string model, string? source)
    {
        if (source is not null) return await TextSource.ReadAsync(source);
        var folder = File.Exists(Path.Combine(model, "state.json")) ? Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(model)))! : model;
        if (File.Exists(Path.Combine(model, "config.json")) || Run.Open(folder).Description.Text is null)
            throw new InvalidInputException($"\"{model}\" does not say which text it was validated on: name one with --text.");
        using var data = await Run.Open(folder).OpenDataAsync();
        var ids = new long[data.Validation.Length];
        data.Validation.Read(0, ids);
        return (data.Validation.Name, Run.Open(folder).LoadTokenizer().Decode(ids.Select(id => (int)id)));
    }
}
