using System.CommandLine;
using System.Globalization;
using LlmLab.Data.Company;
using LlmLab.Evaluation.Architectures;
using LlmLab.Evaluation.Fluency;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Embeddings.Benchmark;
using LlmLab.Runs;
using Microsoft.Extensions.AI;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab embeddings</c>: embedding models, trained and compared; <c>llmlab architectures</c>: model families compared.</summary>
static class EmbeddingsCommand
{
    static readonly Option<ulong> seed = new("--seed") { Description = "The example company's seed.", DefaultValueFactory = _ => 1 };
    static readonly Option<long> bytes = new("--bytes") { Description = "The example company's size in bytes.", DefaultValueFactory = _ => 4_000_000 };

    public static Command Create() => new("embeddings", "Embedding models: train one on the example company, compare several.") { Train(), Compare() };

    static Command Train()
    {
        var steps = new Option<int?>("--steps") { Description = "Another number of steps than the scale's recipe." };
        var threads = new Option<int>("--threads") { Description = "Processor threads; 0: chosen for this machine." };
        var command = new Command("train", "Train an encoder by contrast on the company's question–passage pairs, those of its training part alone.") { seed, bytes, steps, threads };
        Invocation.SetAction(command, invocation =>
        {
            var parse = invocation.Parse;
            var recipe = EncoderRecipe.For(Scales.Current);
            recipe = recipe with { Training = recipe.Training with { Steps = parse.GetValue(steps) ?? recipe.Training.Steps, Threads = parse.GetValue(threads) } };
            var run = EncoderTraining.TrainOnCompany(parse.GetValue(seed), parse.GetValue(bytes), recipe);
            using var model = EncoderEmbeddingGenerator.Load(run);
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Folder}: {model.Info.Parameters:N0} parameters, {model.Info.Dimensions} dimensions, fingerprint {model.Info.Fingerprint}; {run.Result!.Seconds:0.0} s"));
            invocation.Result(new { run = run.Folder, model.Info, run.Result });
            return Task.FromResult(Invocation.Done);
        });
        return command;
    }

    static Command Compare()
    {
        var models = new Argument<string[]>("models") { Description = "Runs of `embeddings train`, folders with an ONNX model and its tokenizer.json, or openai:NAME; the baselines take part always.", Arity = ArgumentArity.ZeroOrMore };
        var data = new Option<string[]>("--data") { Description = "Further tasks: a folder in BEIR's form, or a file of JSON lines (pairs with a score, texts with a label); may be given more than once.", HelpName = "PATH" };
        var price = new Option<double?>("--price") { Description = "What a million tokens cost at the hosted models' provider, for the column of costs." };
        var items = new Option<int>("--items") { Description = "Questions, pairs and texts of each task at most.", DefaultValueFactory = _ => 1_000 };
        var command = new Command("compare", "A leaderboard of embedding models: retrieval, similarity, classification, clustering, size and speed.") { models, data, seed, bytes, items, price };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var (company, size) = (parse.GetValue(seed), parse.GetValue(bytes));
            EmbeddingTask[] tasks = [.. CompanyEmbeddingTasks.All(company, size, CompanySplit.Test, parse.GetValue(items)), .. (parse.GetValue(data) ?? []).Select(path => EmbeddingTaskFile.Load(path, parse.GetValue(items)))];
            string[] texts = [.. CompanyCorpus.Generate(company, size, CompanySplit.Train).Documents.SelectMany(d => d.Text.Split("\n\n"))];
            List<IEmbeddingGenerator<string, Embedding<float>>> compared = [LatentSemanticAnalysis.Train(texts), WordVectors.Train(texts), new HashedNgramEmbeddings()];
            compared.AddRange((parse.GetValue(models) ?? []).Select(name => EmbeddingModels.Open(name)));
            try
            {
                var rows = await EmbeddingBenchmark.CompareAsync(compared, tasks);
                invocation.WriteLine(EmbeddingBenchmark.ToMarkdown(rows, parse.GetValue(price)));
                invocation.Result(rows);
            }
            finally
            {
                foreach (var model in compared) model.Dispose();
            }
            return Invocation.Done;
        });
        return command;
    }

    /// <summary><c>llmlab architectures</c>.</summary>
    public static Command CreateArchitectures()
    {
        var vocabulary = new Option<int>("--vocabulary") { Description = "Tokens of the vocabulary.", DefaultValueFactory = _ => 512 };
        var steps = new Option<int?>("--steps") { Description = "Optimizer steps of each model." };
        var seeds = new Option<int>("--seeds") { Description = "Seeds.", DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { Description = "Processor threads; 0: chosen for this machine." };
        var results = new Option<string?>("--results") { Description = "The file that results are read from and added to, a line a model; default: data/results/architectures.jsonl of the repository.", HelpName = "FILE" };
        var command = new Command("architectures", "Compare decoder, encoder, encoder–decoder and permutation model: same parameters, same tokens; resumable.") { bytes, vocabulary, steps, seeds, threads, results };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var options = new ComparisonOptions { Seeds = [.. Enumerable.Range(1, Math.Max(1, parse.GetValue(seeds))).Select(i => (long)i)] };
            options = options with { Training = options.Training with { Steps = parse.GetValue(steps) ?? options.Training.Steps, Threads = parse.GetValue(threads) } };
            string file = parse.GetValue(results) ?? ArchitectureComparison.ResultsFile;
            using var data = ArchitectureComparison.CompanyData(1, parse.GetValue(bytes), parse.GetValue(vocabulary));
            var table = ArchitectureTable.Of(await ArchitectureComparison.RunAsync(data, options, file));
            foreach (var row in table.Rows)
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Architecture,-16} loss {row.Loss} (frequency {row.Unigram:0.000}, left neighbour {row.LeftNeighbour:0.000})  margin {row.Margin}, least {row.LeastMargin:0.000}  writing on {row.Generation}  filling in {row.FillingIn}  passages {row.Retrieval}  kinds {row.Classification}  {row.Parameters:N0} parameters, {row.Margin.Seeds} seeds, {row.Seconds:0} s each"));
            foreach (var (use, order) in table.Ranking) invocation.WriteLine($"{use}: {order}");
            invocation.WriteLine(file);
            invocation.Result(new { file, table.Rows, table.Ranking });
            return Invocation.Done;
        });
        return command;
    }
}
