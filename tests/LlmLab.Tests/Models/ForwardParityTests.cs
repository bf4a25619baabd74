using System.Text.Json.Nodes;
using LlmLab.Models;
using LlmLab.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Models;

/// <summary>Published architectures against independent float64 programs: logits, losses, hidden states, gradients.</summary>
public sealed class ForwardParityTests
{
    public ForwardParityTests() => TorchThreads.One();

    static Tensor Numbers(JsonNode node) => tensor(Flat(node).ToArray()).view(ShapeOf(node));

    static IEnumerable<float> Flat(JsonNode node) => node is JsonArray array ? array.SelectMany(n => Flat(n!)) : [(float)(double)node];

    static long[] ShapeOf(JsonNode node) => node is JsonArray array ? [array.Count, .. ShapeOf(array[0]!)] : [];

    static Tensor Ids(JsonNode node) => Numbers(node).to(ScalarType.Int64);

    static double Largest(Tensor difference) => difference.abs().max().item<float>();

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("qwen3")]
    [InlineData("nanochat")]
    [InlineData("bert")]
    [InlineData("t5")]
    public void Build_PublishedFamily_GivesTheReferencesNumbers(string family)
    {
        using var scope = NewDisposeScope();
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case($"forward/{family}.json")))!.AsObject();
        var tensors = root["weights"]!.AsObject().ToDictionary(w => w.Key, w => Numbers(w.Value!));
        using var model = HuggingFaceModel.Build(root["config"]!.AsObject(), tensors);
        var (inputs, outputs) = (root["inputs"]!, root["outputs"]!);
        var input = family == "t5"
            ? new ModelInput(Ids(inputs["decoder_input_ids"]!)) { Source = Ids(inputs["input_ids"]!), Mask = Ids(inputs["attention_mask"]!).to(ScalarType.Bool) }
            : new ModelInput(Ids(inputs["input_ids"]!))
            {
                TokenTypes = inputs["token_type_ids"] is { } types ? Ids(types) : null,
                Mask = inputs["attention_mask"] is { } mask ? Ids(mask).to(ScalarType.Bool) : null,
            };
        var seen = new Dictionary<string, Tensor>();
        var watched = model.Logits(input, new ForwardPass { Watch = (name, value) => seen[name] = value.detach().clone().DetachFromDisposeScope() });
        var logits = Numbers(outputs["logits"]!);
        Assert.True(Largest(watched - logits) < 2e-5, $"watched logits differ by {Largest(watched - logits)}");
        Assert.True(Largest(model.Logits(input, new ForwardPass()) - logits) < 2e-5);

        int last = model.Spec.LayerCount - 1;
        foreach (var (theirs, ours) in new[]
        {
            ("embedding_output", "embedding"), ("first_layer", "blocks.0.output"), ("last_layer", $"blocks.{model.Spec.DecoderLayers - 1}.output"), ("final_norm", "final"),
            ("encoder_embedding_output", "encoder.embedding"), ("encoder_first_layer", "encoder.0.output"), ("encoder_last_layer", $"encoder.{last}.output"), ("encoder_final_norm", "encoder.final"),
            ("decoder_embedding_output", "embedding"), ("decoder_first_layer", "blocks.0.output"), ("decoder_final_norm", "final"),
        })
            if (outputs["hidden_states"]![theirs] is { } state)
            {
                double difference = Largest(seen[ours] - Numbers(state));
                Assert.True(difference < 5e-5, $"{theirs} differs by {difference}");
            }

        var targets = Ids(inputs["targets"]!);
        var loss = model.Loss(input, targets.masked_fill(targets < 0, -1));
        Assert.Equal((double)outputs["loss"]!, loss.item<float>(), 2e-6);
        loss.backward();
        var names = HuggingFaceNames.Of(family, model.Spec);
        int compared = 0;
        foreach (var (name, parameter) in model.named_parameters())
        {
            string[] parts = names(name);
            foreach (var (theirs, value) in outputs["gradients"]!.AsObject())
            {
                int index = Array.IndexOf(parts, theirs);
                if (index < 0) continue;
                var gradient = parameter.grad!;
                if (family == "gpt2" && gradient.dim() == 2 && name.StartsWith("blocks.", StringComparison.Ordinal)) gradient = gradient.t();
                long start = parts[..index].Sum(p => tensors[p].shape[0]);
                var expected = Numbers(value!);
                double difference = Largest(gradient.narrow(0, start, expected.shape[0]) - expected);
                Assert.True(difference < 5e-6, $"the gradient of {theirs} differs by {difference}");
                compared++;
            }
        }
        Assert.Equal(outputs["gradients"]!.AsObject().Count, compared);
    }

    [Fact]
    public void Classify_Bert_GivesTheReferencesPooledOutput()
    {
        using var scope = NewDisposeScope();
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case("forward/bert.json")))!.AsObject();
        using var model = HuggingFaceModel.Build(root["config"]!.AsObject(), root["weights"]!.AsObject().ToDictionary(w => w.Key, w => Numbers(w.Value!)));
        var inputs = root["inputs"]!;
        var input = new ModelInput(Ids(inputs["input_ids"]!)) { TokenTypes = Ids(inputs["token_type_ids"]!), Mask = Ids(inputs["attention_mask"]!).to(ScalarType.Bool) };
        var (pooled, classes) = model.Classify(model.Hidden(input, new ForwardPass()), new ForwardPass());
        Assert.True(Largest(pooled - Numbers(root["outputs"]!["pooler_output"]!)) < 1e-5);
        Assert.True(Largest(classes - Numbers(root["outputs"]!["seq_relationship_logits"]!)) < 1e-5);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("qwen3")]
    [InlineData("nanochat")]
    public void Tokens_Greedy_AreTheReferences(string family)
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case($"forward/{family}.json")))!.AsObject();
        using var model = HuggingFaceModel.Build(root["config"]!.AsObject(), root["weights"]!.AsObject().ToDictionary(w => w.Key, w => Numbers(w.Value!)));
        var greedy = root["outputs"]!["greedy"]!;
        int[] prompt = [.. greedy["prompt"]!.AsArray().Select(n => (int)n!)], expected = [.. greedy["continuation"]!.AsArray().Select(n => (int)n!)];
        Assert.Equal(expected, new LlmLab.Generation.TextGenerator(model).Tokens(prompt, new() { MostTokens = expected.Length, Temperature = 0 }));
    }

    [Fact]
    public void Bucket_EveryDistance_IsTheReferences()
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case("forward/t5.json")))!;
        var table = root["outputs"]!["relative_position_buckets"]!;
        int buckets = (int)root["config"]!["relative_attention_num_buckets"]!, largest = (int)root["config"]!["relative_attention_max_distance"]!;
        int[] distances = [.. table["key_minus_query"]!.AsArray().Select(n => (int)n!)];
        Assert.Equal(table["bidirectional"]!.AsArray().Select(n => (int)n!), distances.Select(d => RelativeBias.Bucket(d, true, buckets, largest)));
        Assert.Equal(table["causal"]!.AsArray().Select(n => (int)n!), distances.Select(d => RelativeBias.Bucket(d, false, buckets, largest)));
    }

    [Fact]
    public void Load_Llama2CCheckpoint_WritesTheReferencesTokens()
    {
        using var scope = NewDisposeScope();
        using var model = Llama2CFile.Load(SharedFiles.Data("checkpoints/stories260K.bin"));
        var root = JsonNode.Parse(File.ReadAllText(SharedFiles.Case("llama2c_stories260K.json")))!;
        int[] expected = [.. root["greedy_ids"]!.AsArray().Select(n => (int)n!)];
        Assert.Equal(expected, new LlmLab.Generation.TextGenerator(model).Tokens([1], new() { MostTokens = expected.Length, Temperature = 0 }));
        foreach (var step in root["steps"]!.AsArray())
        {
            int count = (int)step!["after_steps"]!;
            var text = tensor(new long[] { 1 }.Concat(expected.Take(count - 1).Select(t => (long)t)).ToArray()).unsqueeze(0);
            Assert.True(Largest(model.forward(text)[0, -1] - Numbers(step["logits"]!)) < 5e-4);
        }
    }
}
