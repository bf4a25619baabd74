using LlmLab.Benchmarks;

// One line a benchmark: name, what it measures, what runs it.
var benchmarks = new (string Name, string What, Func<string[], int> Run)[]
{
    ("kernel", "the Jupyter kernel beside Debian's ipykernel: start, trivial cell, 1,000 printed lines", KernelBenchmark.Run),
    ("training", "training steps beside a plain PyTorch loop in nanoGPT's two configurations", TrainingBenchmark.Run),
    ("metrics", "BLEU and METEOR beside NLTK on the same segments, and ROUGE-L", MetricsBenchmark.Run),
    ("evaluation", "likelihood scoring of multiple choice beside one sequence at a time, with the guide's model", EvaluationBenchmark.Run),
    ("stores", "the embedded vector store beside npm's hnswlib-node: 100,000 vectors of 384 dimensions, 10,000 questions, 4 callers", StoreBenchmark.Run),
    ("stores-kill", "the embedded vector store under kill -9: what was acknowledged is there (--kills 100)", StoreKills.Run),
    ("pipeline", "cleaning the example company: MB/s at 10 and 100 MB; with --gigabyte also 1 GB and the peak memory", PipelineBenchmark.Run),
    ("tokenizers", "training and encoding beside SentencePiece, tiktoken, gpt-tokenizer and Microsoft.ML.Tokenizers on 25 MB", TokenizerBenchmark.Run),
};

var chosen = benchmarks.FirstOrDefault(benchmark => args.Length > 0 && benchmark.Name == args[0]);
if (chosen.Run is not null) return chosen.Run(args[1..]);
Console.Error.WriteLine(args.Length > 0 ? $"The benchmark \"{args[0]}\" is unknown." : "Which benchmark? dotnet run -c Release --project tests/LlmLab.Benchmarks -- NAME");
foreach (var (name, what, _) in benchmarks) Console.Error.WriteLine($"  {name,-12} {what}");
return 2;
