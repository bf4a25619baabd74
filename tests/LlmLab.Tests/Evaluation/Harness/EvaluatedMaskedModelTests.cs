using System.Text.Json.Nodes;
using LlmLab.Data;
using LlmLab.Evaluation.Fluency;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Scoring;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tests.Training;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Evaluation.Harness;

/// <summary>Pseudo-log-likelihoods of masked models, whole and of shared tokens, against programs of their own.</summary>
public sealed class EvaluatedMaskedModelTests
{
    static readonly string text = string.Join(' ', Enumerable.Range(0, 200).Select(i => $"The valve {i % 37} of unit {i % 11} was closed on day {i % 23}."));
    static readonly VocabularyTokenizer tokenizer = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = 320 });

    public EvaluatedMaskedModelTests() => TorchThreads.One();

    static LanguageModel Encoder(int window = 48)
    {
        var model = new LanguageModel(new ModelSpec { Family = ModelFamily.Encoder, VocabularySize = tokenizer.VocabularySize, LayerCount = 2, Width = 32, HeadCount = 2, ContextLength = window }, 3);
        using var generator = new Generator(7);
        using (no_grad())
            foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.2);
        return model;
    }

    static EvaluatedMaskedModel Bert()
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case("forward/bert.json")))!.AsObject();
        using var scope = NewDisposeScope();
        var tensors = root["weights"]!.AsObject().ToDictionary(weight => weight.Key, weight => weight.Value![0] is JsonArray
            ? stack(weight.Value!.AsArray().Select(Row))
            : Row(weight.Value));
        var model = HuggingFaceModel.Build(root["config"]!.AsObject(), tensors);
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        string[] tokens = [.. special, .. Enumerable.Range(5, 47).Select(id => $"w{id}")];
        return new EvaluatedMaskedModel(model, new WordPieceTokenizer(tokens, special.Index().ToDictionary(one => one.Item, one => one.Index), "[UNK]", BertNormalization.Uncased), "bert");
    }

    static Tensor Row(JsonNode? node) => tensor(node!.AsArray().Select(number => (float)(double)number!).ToArray());

    static string Words(string ids) => string.Join(' ', ids.Split(' ').Select(id => "w" + id));

    // Shared and whole scores by a float64 program in plain Python, one mask at a time, with difflib's matching blocks.
    [Theory]
    [InlineData("10 11 12 13 14", "10 11 20 13 14", 4, -19.947671717, -20.482592673, -24.813365294, -25.235182237)]
    [InlineData("10 11 12 13 14 15", "10 30 31 13 14 15", 4, -18.224176593, -18.765556055, -30.508648498, -27.812208377)]
    [InlineData("20 21 22 21 20", "21 22 21 20 23 24", 4, -16.666181507, -17.972868561, -22.788908635, -26.208569179)]
    [InlineData("7 8 9", "17 18 19", 0, 0, 0, -13.814834915, -11.949262662)]
    public void PairLogLikelihoods_ReferenceBert_GiveThePlainProgramsNumbers(string first, string second, int shared, double sharedFirst, double sharedSecond, double wholeFirst, double wholeSecond)
    {
        using var model = Bert();
        var pair = new SentencePair(Words(first), Words(second));
        var found = model.PairLogLikelihoods([pair with { SharedTokens = true }, pair]);
        Assert.Equal(sharedFirst, found[0].First.Nats, 1e-4);
        Assert.Equal(sharedSecond, found[0].Second.Nats, 1e-4);
        Assert.Equal((shared, shared), (found[0].First.TokenCount, found[0].Second.TokenCount));
        Assert.Equal(wholeFirst, found[1].First.Nats, 1e-4);
        Assert.Equal(wholeSecond, found[1].Second.Nats, 1e-4);
        Assert.Equal(wholeFirst, model.PseudoLogLikelihoods([pair.First])[0].Nats, 1e-4);
    }

    // What Python's difflib.SequenceMatcher(None, first, second).get_opcodes() calls equal.
    [Theory]
    [InlineData("1 1 2 3 0 0 3 2 1 1 3 3", "3 1 1 1 3 0 0 1 0 2 0", "0 1 3 4 5 7", "1 2 4 5 6 9")]
    [InlineData("2 3 3 3 3 3 1 2 0 0 1 3", "1 2 3 2 3 3 2 3 1 2 0", "0 1 2 5 6 7 8", "3 4 5 7 8 9 10")]
    [InlineData("2 1 2 0 1 2 2 0 0 3 3 0", "2 0 3 1 0 2 3 3 0 0 0", "2 3 4 5 9 10 11", "0 1 3 5 6 7 8")]
    [InlineData("3 2 2 1 0 2 0 0 0 0 1 3", "2 2 1 0 2 2 2 1 3 3 3", "1 2 3 4 5 10 11", "0 1 2 3 4 7 8")]
    [InlineData("3 0 2 3 1 2 3 2 2 2 0 3", "2 0 3 1 0 2 3 2 2 2 3", "1 3 4 5 6 7 8 9 11", "1 2 3 5 6 7 8 9 10")]
    [InlineData("0 0 0 2 2 3 2 2 1 2 1 2", "2 2 2 3 0 0 1 2 1 2 1", "3 4 5 7 8 9 10", "1 2 3 7 8 9 10")]
    public void SharedTokens_OfTwoSequences_AreDifflibs(string first, string second, string firstPlaces, string secondPlaces)
    {
        static int[] Numbers(string list) => [.. list.Split(' ').Select(int.Parse)];
        var found = SharedTokens.Of(Numbers(first), Numbers(second));
        Assert.Equal(Numbers(firstPlaces), found.Select(places => places.First));
        Assert.Equal(Numbers(secondPlaces), found.Select(places => places.Second));
    }

    [Fact]
    public void PseudoLogLikelihoods_Batched_EqualOneMaskAtATime()
    {
        string[] texts = ["The valve 3 of unit 5 was closed on day 7.", "A meter.", "", "Unit 9 was closed on day 12.", "The valve 4 of unit 5 was closed on day 7."];
        using var model = new EvaluatedMaskedModel(Encoder(), tokenizer);
        using var plain = new EvaluatedMaskedModel(Encoder(), tokenizer) { IsPlain = true };
        using var network = Encoder();
        int begin = tokenizer.FindId(ReservedTokens.BeginningOfSequence)!.Value, mask = tokenizer.FindId(ReservedTokens.Mask)!.Value;
        var (fast, slow) = (model.PseudoLogLikelihoods(texts), plain.PseudoLogLikelihoods(texts));
        for (int i = 0; i < texts.Length; i++)
        {
            using var scope = NewDisposeScope();
            long[] row = [begin, .. tokenizer.Encode(texts[i]).Select(id => (long)id)];
            double nats = 0;
            for (int place = 1; place < row.Length; place++)
            {
                long[] hidden = [.. row];
                hidden[place] = mask;
                nats += network.forward(tensor(hidden).unsqueeze(0))[0, place].log_softmax(-1)[row[place]].item<float>();
            }
            Assert.Equal(nats, fast[i].Nats, 1e-4);
            Assert.Equal(slow[i].Nats, fast[i].Nats, 1e-4);
            Assert.Equal(row.Length - 1, fast[i].TokenCount);
        }
    }

    [Fact]
    public void PseudoLogLikelihoods_TextLongerThanTheWindow_SeesTheNearestTokens()
    {
        const int Window = 16;
        using var model = new EvaluatedMaskedModel(Encoder(Window), tokenizer);
        using var network = Encoder(Window);
        using var scope = NewDisposeScope();
        string passage = text[..300];
        long[] tokens = [.. tokenizer.Encode(passage).Select(id => (long)id)];
        long begin = tokenizer.FindId(ReservedTokens.BeginningOfSequence)!.Value, mask = tokenizer.FindId(ReservedTokens.Mask)!.Value;
        Assert.True(tokens.Length > 3 * Window);
        double nats = 0;
        for (int place = 0; place < tokens.Length; place++)
        {
            // Fifteen tokens beside the beginning token: seven before, the hidden one, seven after, fewer on one side at the ends.
            int start = Math.Min(Math.Max(0, place - 7), tokens.Length - 15);
            long[] row = [begin, .. tokens[start..(start + 15)]];
            row[1 + place - start] = mask;
            nats += network.forward(tensor(row).unsqueeze(0))[0, 1 + place - start].log_softmax(-1)[tokens[place]].item<float>();
        }
        var found = model.PseudoLogLikelihoods([passage])[0];
        Assert.Equal(nats, found.Nats, 1e-3);
        Assert.Equal((tokens.Length, 0), (found.TokenCount, found.DroppedTokens));
    }

    [Fact]
    public void Run_PairsWithAMaskedModel_ScoreSharedTokensAndAreKept()
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-masked-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "pairs.csv"), "sent_more,sent_less,bias_type\nThe valve 3 was closed.,The unit 3 was closed.,a\nThe valve was 3.,The day was 3.,b\n");
            File.WriteAllText(Path.Combine(folder, "pairs.json"), """
                {"name": "pairs", "description": "Two pairs", "source": "own", "licence": "MIT", "group": "safety", "output": "minimalPair", "sharedTokens": true,
                 "data": {"file": "pairs.csv", "format": "csv"}, "good": "{{ sent_more }}", "bad": "{{ sent_less }}", "metrics": ["stereotype"]}
                """);
            var tasks = new[] { TaskFile.Load(Path.Combine(folder, "pairs.json")) };
            using var model = new EvaluatedMaskedModel(Encoder(), tokenizer, "encoder");
            using var untrained = model.Untrained();
            var options = new EvaluationOptions { CacheFolder = Path.Combine(folder, "kept") };
            var report = new EvaluationRunner(options).Run("pairs", tasks, [model, untrained]);
            var pairs = model.PairLogLikelihoods([new("The valve 3 was closed.", "The unit 3 was closed.", true), new("The valve was 3.", "The day was 3.", true)]);
            Assert.Equal(pairs.Average(pair => pair.First.Nats > pair.Second.Nats ? 1.0 : 0), report.Score("pairs", "stereotype").Value);
            Assert.All(pairs, pair => Assert.Equal(pair.First.TokenCount, pair.Second.TokenCount));

            var kept = new CachedModel(model, options.CacheFolder);
            var again = kept.PairLogLikelihoods([new("The valve 3 was closed.", "The unit 3 was closed.", true), new("The valve was 3.", "The day was 3.", true)]);
            for (int i = 0; i < pairs.Count; i++)
            {
                Assert.Equal(pairs[i].First.Nats, again[i].First.Nats, 1e-4);
                Assert.Equal(pairs[i].Second.Nats, again[i].Second.Nats, 1e-4);
            }
            Assert.Equal(0, kept.Asked);
            // Whole sentences are other questions.
            kept.PairLogLikelihoods([new("The valve was 3.", "The day was 3.")]);
            Assert.Equal(2, kept.Asked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void PairLogLikelihoods_ModelsThatReadFromLeftToRight_ScoreWholeSentences()
    {
        IEvaluatedModel model = new RandomModel();
        var rolling = model.RollingLogLikelihoods(["one", "two"]);
        Assert.Equal(new PairLikelihood(rolling[0], rolling[1]), model.PairLogLikelihoods([new("one", "two", SharedTokens: true)])[0]);
    }

    [Fact]
    public void Score_MinimalPairs_TakeMaskedModelsToo()
    {
        using var model = new EvaluatedMaskedModel(Encoder(), tokenizer);
        var pairs = MinimalPairs.Shipped().Take(40).ToArray();
        var scores = model.PseudoLogLikelihoods([.. pairs.SelectMany(pair => new[] { pair.Good, pair.Bad })]);
        Assert.Equal(Enumerable.Range(0, pairs.Length).Select(i => scores[2 * i].Nats > scores[2 * i + 1].Nats), Acceptability.Score(model, pairs).Right);
    }

    [Theory]
    [InlineData("gre_verbal", "no likelihood of a continuation")]
    [InlineData("wikitext2", "no perplexity")]
    [InlineData("company_answers", "it does not write")]
    public void Run_WhatAMaskedModelCannotDo_IsSaidInOneSentence(string task, string reason)
    {
        if (task == "wikitext2") Assert.NotNull(SharedFiles.Data("corpora/wikitext-2/test.txt"));
        using var model = new EvaluatedMaskedModel(Encoder(), tokenizer, "mini-bert");
        var error = Assert.Throws<InvalidInputException>(() => new EvaluationRunner(new EvaluationOptions { Limit = 2, CompanyProjects = 4, Cache = false }).Run(task, [model]));
        Assert.Contains("mini-bert is a masked model", error.Message);
        Assert.Contains(reason, error.Message);
        Assert.Contains("crows_pairs", error.Message);
    }

    [Fact]
    public void Open_Run_IsEvaluatedAsWhatItIs()
    {
        var workspace = Workspace.Open(Directory.CreateTempSubdirectory("llmlab-stored-").FullName);
        try
        {
            int[] tokens = tokenizer.Encode(text);
            TokenDataset Part(string name, Range range) => TokenDataset.FromTokens(name, tokens[range], tokenizer.VocabularySize, 1_000);
            using var data = new TrainingData(Part("training", ..^600), Part("validation", ^600..), tokenizer);
            var spec = new ModelSpec { VocabularySize = tokenizer.VocabularySize, LayerCount = 1, Width = 16, HeadCount = 1, ContextLength = 16 };
            var options = new TrainingOptions { Steps = 3, WarmupSteps = 1, Precision = Precision.Float32, Threads = 1 };
            var encoder = Trainer.Train(spec with { Family = ModelFamily.Encoder }, data, options with { Objective = ObjectiveKind.Masked }, "encoder", workspace: workspace);
            var decoder = Trainer.Train(spec, data, options, "decoder", workspace: workspace);

            using var masked = Assert.IsType<EvaluatedMaskedModel>(StoredModel.Open(encoder.Folder, threads: 1));
            using var causal = Assert.IsType<EvaluatedLanguageModel>(StoredModel.Open(decoder.Folder, threads: 1));
            using var checkpoint = Assert.IsType<EvaluatedMaskedModel>(StoredModel.Open(encoder.LatestCheckpoint, threads: 1));
            Assert.Equal(masked.Fingerprint, checkpoint.Fingerprint);
            Assert.Equal(Path.GetFileName(encoder.Folder), masked.Name);
            using var untrained = Assert.IsType<EvaluatedMaskedModel>(((IEvaluatedModel)masked).Untrained());
            Assert.NotEqual(masked.Fingerprint, untrained.Fingerprint);
        }
        finally
        {
            Directory.Delete(workspace.Folder, recursive: true);
        }
    }

    [Fact]
    public void Constructor_NoEncoderOrNoMask_IsRefused()
    {
        using var decoder = new LanguageModel(new ModelSpec { VocabularySize = tokenizer.VocabularySize, LayerCount = 1, Width = 16, HeadCount = 1, ContextLength = 8 }, 1);
        Assert.Contains("only encoders fill in masks", Assert.Throws<InvalidInputException>(() => new EvaluatedMaskedModel(decoder, tokenizer)).Message);
        using var encoder = Encoder();
        var noMask = new WordPieceTokenizer(["[UNK]", "a"], new Dictionary<string, int> { ["[UNK]"] = 0 }, "[UNK]", BertNormalization.Uncased);
        Assert.Contains("has no mask", Assert.Throws<InvalidInputException>(() => new EvaluatedMaskedModel(encoder, noMask)).Message);
        Assert.Contains("EvaluatedMaskedModel", Assert.Throws<InvalidInputException>(() => new EvaluatedLanguageModel(encoder, tokenizer)).Message);
    }
}
