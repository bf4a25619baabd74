using Google.Protobuf;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Retrieval.Embeddings;

/// <summary>With a model of one operation, made here: each token's activation is its row of a table.</summary>
public sealed class OnnxEmbeddingGeneratorTests : IDisposable
{
    const int Width = 3;
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-onnx-").FullName;
    readonly LlmLab.Tokenizers.VocabularyTokenizer tokenizer = WordLevelTrainer.TrainWords(["red green blue red green blue query : query :"], new TokenizerTrainingOptions { VocabularySize = 32, MinimumFrequency = 1, Coverage = 1 });
    readonly float[] table;

    public OnnxEmbeddingGeneratorTests()
    {
        TokenizerFile.Save(tokenizer, Path.Combine(folder, "tokenizer.json"));
        table = [.. Enumerable.Range(0, tokenizer.VocabularySize * Width).Select(i => MathF.Sin(i))];
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), Lookup(table, tokenizer.VocabularySize));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    float[] Row(int token) => table[(token * Width)..((token + 1) * Width)];

    float[] Mean(params int[] tokens) => [.. Enumerable.Range(0, Width).Select(i => tokens.Average(t => Row(t)[i]))];

    int[] Ids(string text) => tokenizer.Encode(text);

    static readonly OnnxEmbeddingOptions plain = new() { Normalise = false };

    [Fact]
    public void Embed_MeanOfTextsOfDifferentLength_IgnoresPadding()
    {
        using var generator = OnnxEmbeddingGenerator.Load(folder, plain);
        float[][] found = generator.Embed(["red", "red green blue"]);
        AssertClose(Row(Ids("red").Single()), found[0]);
        AssertClose(Mean(Ids("red green blue")), found[1]);
        Assert.Equal(Width, generator.Info.Dimensions);
    }

    [Theory]
    [InlineData(EmbeddingPooling.FirstToken)]
    [InlineData(EmbeddingPooling.LastToken)]
    public void Embed_OtherPooling_TakesThatToken(EmbeddingPooling pooling)
    {
        using var generator = OnnxEmbeddingGenerator.Load(folder, plain with { Pooling = pooling });
        int[] ids = Ids("red green blue");
        AssertClose(Row(pooling == EmbeddingPooling.FirstToken ? ids[0] : ids[^1]), generator.Embed(["red green blue", "green"])[0]);
    }

    [Fact]
    public async Task GenerateAsync_Query_ReadsTheInstructionFirst()
    {
        using var generator = OnnxEmbeddingGenerator.Load(folder, plain with { Pooling = EmbeddingPooling.FirstToken, QueryPrefix = "query : " });
        var cancel = TestContext.Current.CancellationToken;
        AssertClose(Row(Ids("query : red")[0]), (await generator.GenerateAsync(["red"], EmbeddingRole.Query, cancel))[0].Vector.ToArray());
        AssertClose(Row(Ids("red")[0]), (await generator.GenerateAsync(["red"], cancellationToken: cancel))[0].Vector.ToArray());
    }

    [Fact]
    public void Embed_TemplateAroundTheText_TokensOfTheTemplateCount()
    {
        string json = File.ReadAllText(Path.Combine(folder, "tokenizer.json"));
        var root = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        root["post_processor"] = System.Text.Json.Nodes.JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|bos|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<|eos|>","type_id":0}}],"pair":[],"special_tokens":{}}""");
        var template = TokenizerTemplate.Read(root.ToJsonString(), tokenizer);
        Assert.Equal([0, 7, 8, 1], template.Wrap([7, 8], 10));
        Assert.Equal([0, 7, 1], template.Wrap([7, 8], 3));
        Assert.Equal([101, 5, 102], TokenizerTemplate.Read("""{"post_processor":{"type":"BertProcessing","sep":["[SEP]",102],"cls":["[CLS]",101]}}""", tokenizer).Wrap([5], 8));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString());
        using var generator = OnnxEmbeddingGenerator.Load(folder, plain);
        AssertClose(Mean(0, Ids("red").Single(), 1), generator.Embed(["red"])[0]);
    }

    [Fact]
    public async Task Load_FolderOfSentenceTransformers_DoesWhatItsFilesSay()
    {
        // As in Qwen3-Embedding's and E5's folders.
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), """{"word_embedding_dimension":3,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":false,"pooling_mode_lasttoken":true,"include_prompt":true}""");
        File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), """{"prompts":{"query":"query : ","document":""},"default_prompt_name":null,"similarity_fn_name":"cosine"}""");
        File.WriteAllText(Path.Combine(folder, "sentence_bert_config.json"), """{"max_seq_length":3,"do_lower_case":false}""");
        File.WriteAllText(Path.Combine(folder, "modules.json"), """[{"idx":0,"type":"sentence_transformers.models.Transformer"},{"idx":1,"type":"sentence_transformers.models.Pooling"},{"idx":2,"type":"sentence_transformers.models.Normalize"}]""");
        Assert.Equal(new OnnxEmbeddingOptions { Pooling = EmbeddingPooling.LastToken, QueryPrefix = "query : ", MostTokens = 3 }, OnnxEmbeddingOptions.ReadFrom(folder));
        using var generator = (OnnxEmbeddingGenerator)EmbeddingModels.Open(folder);
        float[] vector = (await generator.GenerateAsync(["red green"], EmbeddingRole.Query, TestContext.Current.CancellationToken))[0].Vector.ToArray();
        float[] third = Row(Ids("query : red")[2]);   // of "query : red green" three tokens are read
        double length = Math.Sqrt(third.Sum(x => x * x));
        AssertClose([.. third.Select(x => (float)(x / length))], vector);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_max_tokens":true}""", "max_tokens")]
    [InlineData("1_Pooling/config.json", "{", "not JSON")]
    [InlineData("modules.json", """[{"type":"sentence_transformers.models.Dense"}]""", "Dense")]
    public void Load_FolderThatAsksForWhatIsNotOffered_SaysWhat(string file, string text, string expected)
    {
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, file), text);
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => OnnxEmbeddingGenerator.Load(folder)).Message);
        OnnxEmbeddingGenerator.Load(folder, plain).Dispose();   // whoever says how it is to be used has the last word
    }

    [Fact]
    public void Load_OtherPoolingOrModel_AnotherFingerprint()
    {
        using var mean = OnnxEmbeddingGenerator.Load(folder, plain);
        using var same = OnnxEmbeddingGenerator.Load(Path.Combine(folder, "model.onnx"), plain with { Threads = 1 });
        using var last = OnnxEmbeddingGenerator.Load(folder, plain with { Pooling = EmbeddingPooling.LastToken });
        Assert.Equal(mean.Info.Fingerprint, same.Info.Fingerprint);
        Assert.NotEqual(mean.Info.Fingerprint, last.Info.Fingerprint);
    }

    [Fact]
    public void Load_MissingOrBrokenFiles_SaysWhich()
    {
        Assert.Contains("model.onnx", Assert.Throws<InvalidInputException>(() => OnnxEmbeddingGenerator.Load(Path.Combine(folder, "nothing"))).Message);
        string other = Path.Combine(folder, "other");   // published with a quantised file alone
        Directory.CreateDirectory(Path.Combine(other, "onnx"));
        Assert.Contains("expected model.onnx or onnx/model.onnx", Assert.Throws<InvalidInputException>(() => EmbeddingModels.Open(other)).Message);
        File.WriteAllText(Path.Combine(folder, "model.onnx"), "no model");
        Assert.Contains("cannot be run", Assert.Throws<InvalidInputException>(() => OnnxEmbeddingGenerator.Load(folder)).Message);
        File.Delete(Path.Combine(folder, "tokenizer.json"));
        Assert.Contains("tokenizer.json", Assert.Throws<InvalidInputException>(() => OnnxEmbeddingGenerator.Load(folder)).Message);
    }

    static void AssertClose(float[] expected, float[] found) => Assert.All(expected.Zip(found, (x, y) => Math.Abs(x - y)), d => Assert.True(d < 1e-5));

    // An ONNX file in its protocol-buffer form (onnx.proto3): Gather(table, input_ids) → last_hidden_state; the mask is read and not used.
    static byte[] Lookup(float[] table, int rows)
    {
        byte[] bytes = new byte[table.Length * sizeof(float)];
        Buffer.BlockCopy(table, 0, bytes, 0, bytes.Length);
        byte[] weights = Message(m => { m.Number(1, rows); m.Number(1, Width); m.Number(2, 1); m.Text(8, "table"); m.Bytes(9, bytes); });
        byte[] gather = Message(m => { m.Text(1, "table"); m.Text(1, "input_ids"); m.Text(2, "last_hidden_state"); m.Text(4, "Gather"); });
        byte[] graph = Message(m =>
        {
            m.Bytes(1, gather);
            m.Text(2, "lookup");
            m.Bytes(5, weights);
            m.Bytes(11, Value("input_ids", 7, "batch", "time"));
            m.Bytes(11, Value("attention_mask", 7, "batch", "time"));
            m.Bytes(12, Value("last_hidden_state", 1, "batch", "time", "width"));
        });
        return Message(m => { m.Number(1, 8); m.Bytes(7, graph); m.Bytes(8, Message(o => o.Number(2, 13))); });
    }

    static byte[] Value(string name, int type, params string[] dimensions)
    {
        byte[] shape = Message(m => { foreach (string dimension in dimensions) m.Bytes(1, Message(d => d.Text(2, dimension))); });
        byte[] tensor = Message(m => { m.Number(1, type); m.Bytes(2, shape); });
        return Message(m => { m.Text(1, name); m.Bytes(2, Message(t => t.Bytes(1, tensor))); });
    }

    static byte[] Message(Action<Fields> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(new Fields(output));
        return stream.ToArray();
    }

    sealed class Fields(CodedOutputStream output)
    {
        public void Number(int field, long value)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        }

        public void Text(int field, string value)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        }

        public void Bytes(int field, byte[] value)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(value));
        }
    }
}
