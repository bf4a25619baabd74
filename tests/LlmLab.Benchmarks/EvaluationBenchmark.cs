using System.Diagnostics;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Models;
using LlmLab.Tokenizers.Training;
using TorchSharp;

namespace LlmLab.Benchmarks;

/// <summary>
/// Likelihood scoring of multiple choice with the guide's model: shared contexts and batches beside the loop that sends one whole sequence
/// at a time through the same model with the same threads. Speed does not depend on the weights, so they are fresh ones.
/// </summary>
static class EvaluationBenchmark
{
    const int Items = 100;

    public static int Run(string[] arguments)
    {
        var texts = CompanyCorpus.Generate(1, 2_000_000, CompanySplit.Train).Documents.Select(document => document.Text).ToArray();
        var tokenizer = BpeTrainer.Train(texts, new BpeTrainingOptions { VocabularySize = 4_096 });
        // Notebook 05's model.
        var spec = new ModelSpec
        {
            VocabularySize = tokenizer.VocabularySize,
            LayerCount = 4,
            Width = 128,
            HeadCount = 4,
            ContextLength = 128,
            Positions = PositionKind.Rotary,
            Norm = NormKind.RmsNorm,
            NormGain = false,
            QueryKeyNorm = true,
            Activation = Activation.ReluSquared,
            TiedEmbeddings = false,
        };
        using var model = new EvaluatedLanguageModel(new LanguageModel(spec), tokenizer);
        using var single = new EvaluatedLanguageModel(new LanguageModel(spec), tokenizer, threads: 1);
        using var plain = new EvaluatedLanguageModel(new LanguageModel(spec), tokenizer) { IsPlain = true };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spec.LayerCount} layers, width {spec.Width}, context {spec.ContextLength}, {spec.VocabularySize} tokens; {Items} questions a task, {Environment.ProcessorCount} processors"));
        foreach (string name in new[] { "company_knowledge", "company_reading", "law_rules", "gre_verbal", "hellaswag", "arc_easy" })
        {
            if (new TaskPreparation(new EvaluationOptions { Limit = Items }, new DataFolder()).Prepare(TaskCatalog.Find(name)[0], out string missing) is not { } prepared)
            {
                Console.WriteLine($"\n{missing}");
                continue;
            }
            Measure(name, model, single, plain, [.. prepared.Items.SelectMany((item, i) => prepared.Output.Requests(item, prepared.Before[i]).Likelihoods)]);
        }
        return 0;
    }

    static void Measure(string name, EvaluatedLanguageModel model, EvaluatedLanguageModel single, EvaluatedLanguageModel plain, LogLikelihoodRequest[] requests)
    {
        // For a small model one thread is the loop's best: more wait for each other after each of its small operations.
        int threads = torch.get_num_threads();
        torch.set_num_threads(1);
        var (shared, sharedTokens, sharedSeconds) = Best(model, requests);
        var (_, _, singleSeconds) = Best(single, requests);
        var (naive, naiveTokens, naiveSeconds) = Best(plain, requests);
        torch.set_num_threads(threads);
        var some = requests[..Math.Min(requests.Length, 60)];
        double allThreads = Best(plain, some).Seconds * requests.Length / some.Length;
        var table = new BenchmarkTable($"{name}: {requests.Length} continuations", "ms");
        table.Add($"shared contexts, batches, {Environment.ProcessorCount} threads", 1000 * sharedSeconds);
        table.Add("the same, 1 thread", 1000 * singleSeconds);
        table.Add("one sequence at a time, 1 thread", 1000 * naiveSeconds);
        table.Add($"one sequence at a time, {threads} libtorch threads (of {some.Length})", 1000 * allThreads);
        double difference = shared.Zip(naive, (a, b) => Math.Abs(a.Nats - b.Nats)).Max();
        table.Note(string.Create(CultureInfo.InvariantCulture, $"tokens read, padding included: {sharedTokens:N0} against {naiveTokens:N0}: 1/{(double)naiveTokens / sharedTokens:0.00}; largest difference {difference:0.0e+0} nats"));
        table.Print(lowerIsBetter: true);
    }

    static (IReadOnlyList<LogLikelihood> Scores, long Tokens, double Seconds) Best(EvaluatedLanguageModel model, LogLikelihoodRequest[] requests)
    {
        long before = model.TokensRead, start = Stopwatch.GetTimestamp();
        var scores = model.LogLikelihoods(requests);
        double best = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long tokens = model.TokensRead - before;
        for (int i = 0; i < 2; i++)
        {
            start = Stopwatch.GetTimestamp();
            model.LogLikelihoods(requests);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return (scores, tokens, best);
    }
}
