using System.Diagnostics;
using System.Globalization;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Benchmarks;

/// <summary>
/// Speed of training and encoding beside the peers, on the same 25 MB of text in the same run. A peer that is not on the machine is
/// left out and named. Each time is the best of several runs after a warm-up, as is usual for throughput.
/// </summary>
static class TokenizerBenchmark
{
    const int Bytes = 25_000_000;

    public static int Run(string[] arguments)
    {
        bool peers = !arguments.Contains("--no-peers");
        var texts = BenchmarkText.Read(Bytes);
        string text = string.Join('\n', texts);
        string folder = Directory.CreateTempSubdirectory("llmlab-benchmark-").FullName;
        try
        {
            string file = Path.Combine(folder, "text.txt");
            File.WriteAllText(file, text);
            long size = new FileInfo(file).Length;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size / 1e6:0.0} MB of text, {texts.Count} documents, {Environment.ProcessorCount} processors"));
            Training(texts, file, folder, peers);
            Encoding(text, size, file, folder, peers);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Training(List<string> texts, string file, string folder, bool peers)
    {
        var table = new BenchmarkTable("Training byte-level BPE, 8,192 tokens", "seconds");
        var options = new BpeTrainingOptions { VocabularySize = 8192 };
        table.Add($"LlmLab, {Environment.ProcessorCount} threads", Best(3, () => BpeTrainer.Train(texts, options)));
        table.Add("LlmLab, 1 thread", Best(3, () => BpeTrainer.Train(texts, options with { Threads = 1 })));
        if (peers)
        {
            string arguments = $"--input={file} --model_prefix={folder}/peer --model_type=bpe --vocab_size=8192 --byte_fallback=true --num_threads={Environment.ProcessorCount} --max_sentence_length=1000000 --minloglevel=2";
            if (PeerProcess.Seconds("spm_train", arguments, folder) is { } seconds) table.Add("SentencePiece spm_train (byte-fallback BPE)", seconds);
            else table.Note("spm_train is not on this machine (Debian: sentencepiece)");
        }
        table.Print(lowerIsBetter: true);
    }

    static void Encoding(string text, long size, string file, string folder, bool peers)
    {
        var table = new BenchmarkTable("Encoding with cl100k", "MB/s");
        double megabytes = size / 1e6;
        var tokenizer = PublishedVocabulary.Cl100k();
        int[] ids = tokenizer.Encode(text);
        table.Add("LlmLab, 1 thread", megabytes / Best(5, () => tokenizer.Encode(text)));
        int processors = Environment.ProcessorCount;
        foreach (int threads in new[] { 2, 4 }.Where(t => t <= processors))
            table.Add($"LlmLab, {threads} threads", megabytes / Best(5, () => tokenizer.EncodeParallel(text.AsMemory(), threads)));
        if (processors < 4) table.Note($"this machine has {processors} processors: the figure for four threads is left out");
        table.Note($"{ids.Length} tokens, {(double)size / ids.Length:0.000} bytes per token; 4 threads give the same ids: {tokenizer.EncodeParallel(text.AsMemory(), 4).AsSpan().SequenceEqual(ids)}");
        if (peers)
        {
            var microsoft = TiktokenTokenizer.CreateForEncoding("cl100k_base");
            int count = 0;
            table.Add("Microsoft.ML.Tokenizers 2.0.1, 1 thread", megabytes / Best(1, () => count = microsoft.EncodeToIds(text).Count));
            table.Note($"Microsoft.ML.Tokenizers: {count} tokens");
            foreach (var (name, speed, tokens) in NodePeers.Encode(file, folder, table))
            {
                table.Add(name, megabytes / speed);
                table.Note($"{name}: {tokens} tokens");
            }
            if (File.Exists(Path.Combine(folder, "peer.model")) && PeerProcess.Seconds("spm_encode", $"--model={folder}/peer.model --output_format=id --input={file} --output={folder}/ids.txt", folder) is { } seconds)
                table.Add("SentencePiece spm_encode (its own 8,192 tokens)", megabytes / seconds);
        }
        table.Print(lowerIsBetter: false);
    }

    static double Best(int rounds, Action action)
    {
        double best = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            GC.Collect();
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
