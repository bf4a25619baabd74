using System.CommandLine;
using System.Globalization;
using LlmLab.Data.Company;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Reading;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab reader</c>: a small model that answers from passages, trained and measured.</summary>
static class ReaderCommand
{
    public static Command Create() => new("reader", "Train and measure a model that answers from the passages it is given.") { Train(), Evaluate() };

    static Command Train()
    {
        var recipe = new Option<string>("--recipe") { Description = "A shipped recipe (company-reader, company-reader-smoke) or a file.", DefaultValueFactory = _ => "company-reader" };
        var seed = new Option<long?>("--seed") { Description = "Seed of initial weights and batches (default 1)." };
        var steps = new Option<int?>("--steps") { Description = "Another number of steps; the schedule shrinks or stretches with it." };
        var threads = new Option<int?>("--threads") { Description = "Processor threads; default: what `llmlab tune` measured as fastest." };
        var search = SearchOption("The search that finds passages for exercises: \"words\" (BM25), or with them the vectors of an embedding model, an encoder's run.", "words");
        var command = new Command("train", "Train a reader on exercises from the example company's training split.") { recipe, search, seed, steps, threads };
        Invocation.SetAction(command, invocation =>
        {
            var parse = invocation.Parse;
            string name = parse.GetValue(recipe)!;
            var chosen = File.Exists(name) ? ReadingRecipe.FromJson(File.ReadAllText(name), name) : ReadingRecipe.Shipped(name);
            chosen = chosen with
            {
                Options = chosen.Options with
                {
                    Seed = parse.GetValue(seed) ?? chosen.Options.Seed,
                    Steps = parse.GetValue(steps) ?? chosen.Options.Steps,
                    Threads = parse.GetValue(threads) ?? chosen.Options.Threads,
                },
            };
            using var embeddings = Embeddings(parse.GetValue(search)!);
            var run = ReadingTraining.Train(chosen, embeddings);
            var result = run.Result!;
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Steps:N0} steps in {result.Seconds:0.0} s, {result.TokensPerSecond:N0} tokens/s: training loss {result.TrainLoss:0.0000}"));
            invocation.WriteLine(run.Folder);
            invocation.Result(result);
            return Invocation.Done;
        });
        return command;
    }

    static Command Evaluate()
    {
        var name = new Argument<string?>("run") { Description = "A reader's run: folder or name." };
        var count = new Option<int>("--count") { Description = "Questions, answerable and not.", DefaultValueFactory = _ => 2_000 };
        var projects = new Option<int>("--projects") { Description = "Projects of the company, of which the split's are asked about.", DefaultValueFactory = _ => 222 };
        var split = new Option<CompanySplit>("--split") { Description = "Whose facts are asked for.", DefaultValueFactory = _ => CompanySplit.Test };
        var known = new Option<bool>("--known-phrasings") { Description = "Ask in the phrasings of training questions instead of those kept for tests." };
        var threads = new Option<int>("--threads") { Description = "Threads; 0: as many as processors." };
        var errors = new Option<int>("--errors") { Description = "Show so many wrong answers." };
        var calibrate = new Option<bool>("--calibrate") { Description = "First set the threshold of refusal again, on what the search finds for the validation split's questions in phrasings kept for tests." };
        var search = SearchOption("Read what a search over the held-out projects finds, instead of passages that are drawn for each question: \"words\" (BM25), or with them the vectors of an embedding model, an encoder's run.", null);
        var command = new Command("eval", "Measure a reader on facts that it never saw, in phrasings that it never saw.") { name, search, count, projects, split, known, threads, errors, calibrate };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var run = Run.OpenOrCurrent(parse.GetValue(name));
            string? searched = parse.GetValue(search);
            using var embeddings = searched is null ? null : Embeddings(searched);
            if (parse.GetValue(calibrate)) ReadingTraining.Calibrate(run, embeddings);
            using var reader = Reader.Load(run);
            var parts = Enumerable.Range(0, parse.GetValue(projects)).Select(number => CompanyGenerator.GeneratePart(1, number)).ToArray();
            var questions = searched is null
                ? ReadingQuestions.Draw(parts, parse.GetValue(split), parse.GetValue(count), heldOut: !parse.GetValue(known))
                : await ReadingQuestions.SearchAsync(parts, parse.GetValue(split), parse.GetValue(count), embeddings, heldOut: !parse.GetValue(known));
            var results = ReadingEvaluation.Run(reader, questions, parse.GetValue(threads));
            var scores = ReadingEvaluation.Score(results);
            foreach (var wrong in results.Where(r => !r.IsRight).Take(parse.GetValue(errors)))
                invocation.WriteLine($"{wrong.Question.Id} {wrong.Question.Question}\n  right: {wrong.Question.Answer ?? "-"}\n  given: {wrong.Answer.Text} ({wrong.Answer.RefusalLogOdds.ToString("0.0", CultureInfo.InvariantCulture)})");
            foreach (var kind in results.GroupBy(r => r.Question.Kind).OrderBy(g => g.Average(r => r.IsRight ? 1 : 0)).Take(parse.GetValue(errors) > 0 ? 20 : 0))
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {kind.Average(r => r.IsRight ? 1 : 0):0.00} of {kind.Count()}"));
            invocation.WriteLine($"exact match {scores.ExactMatch}, F1 {scores.F1}, ROUGE-L {scores.RougeL}");
            invocation.WriteLine($"refused where nothing answers {scores.Refused}, falsely {scores.FalselyRefused}, cited {scores.Cited}");
            invocation.Result(scores);
            return Invocation.Done;
        });
        return command;
    }

    static Option<string?> SearchOption(string description, string? otherwise) => new("--search") { Description = description, DefaultValueFactory = _ => otherwise };

    static EncoderEmbeddingGenerator? Embeddings(string search) => search == "words" ? null : EncoderEmbeddingGenerator.Load(Run.OpenOrCurrent(search));
}
