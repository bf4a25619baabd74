using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class TokenizerFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-tokenizers-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    const string Text = "The quick brown fox isn't quick; 12345 foxes' naïve café — 你好 😀\n\tThe end.\r\n\r\n  The quick brown fox.";

    static VocabularyTokenizer Make(string kind) => kind switch
    {
        "BPE" => BpeTrainer.Train([Text], new BpeTrainingOptions { VocabularySize = 330, MinimumFrequency = 1, Phrases = ["brown fox"], SpecialTokens = ["<|tool|>"] }),
        "BPE GPT-2" => BpeTrainer.Train([Text], new BpeTrainingOptions { VocabularySize = 310, MinimumFrequency = 1, Pattern = PreTokenization.Gpt2 }),
        "BPE o200k" => BpeTrainer.Train([Text], new BpeTrainingOptions { VocabularySize = 310, MinimumFrequency = 1, Pattern = PreTokenization.O200k }),
        "characters" => WordLevelTrainer.TrainCharacters([Text]),
        "words" => WordLevelTrainer.TrainWords([Text], new TokenizerTrainingOptions { VocabularySize = 35, MinimumFrequency = 1 }),
        "expression" => WordLevelTrainer.TrainRegularExpression([Text], @"\w+|\W", new TokenizerTrainingOptions { VocabularySize = 35, MinimumFrequency = 1 }),
        "WordPiece" => WordPieceTrainer.Train([Text], new WordPieceTrainingOptions { VocabularySize = 80, MinimumFrequency = 1, Phrases = ["brown fox"] }),
        "WordPiece cased" => WordPieceTrainer.Train([Text], new WordPieceTrainingOptions { VocabularySize = 80, MinimumFrequency = 1, Normalization = BertNormalization.Cased }),
        "Unigram" => UnigramTrainer.Train([Text], new UnigramTrainingOptions { VocabularySize = 90, Phrases = ["brown fox"] }),
        "Unigram with prefix" => UnigramTrainer.Train([Text], new UnigramTrainingOptions { VocabularySize = 90, AddDummyPrefix = true }),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    [Theory]
    [InlineData("BPE")]
    [InlineData("BPE GPT-2")]
    [InlineData("BPE o200k")]
    [InlineData("characters")]
    [InlineData("words")]
    [InlineData("expression")]
    [InlineData("WordPiece")]
    [InlineData("WordPiece cased")]
    [InlineData("Unigram")]
    [InlineData("Unigram with prefix")]
    public void Load_WhatSaveWrote_EncodesTheSame(string kind)
    {
        var saved = Make(kind);
        TokenizerFile.Save(saved, folder);
        var loaded = TokenizerFile.Load(folder);
        Assert.Equal(saved.GetType(), loaded.GetType());
        Assert.Equal(saved.VocabularySize, loaded.VocabularySize);
        Assert.Equal(saved.SpecialTokens, loaded.SpecialTokens);
        Assert.Equal(saved.Phrases, loaded.Phrases);
        foreach (string text in new[] { Text, "", "foxes brown fox unseen Ω <|eos|>", "\uD800 lone" })
        {
            Assert.Equal(saved.Encode(text), loaded.Encode(text));
            Assert.Equal(saved.Encode(text, SpecialTokenParsing.Parse), loaded.Encode(text, SpecialTokenParsing.Parse));
        }
        Assert.Equal(TokenizerFile.ToJson(saved), TokenizerFile.ToJson(loaded));
        Assert.Equal(ReservedTokens.All, Enumerable.Range(0, 25).Select(id => loaded.GetToken(id)));
    }

    [Fact]
    public void Load_EveryKindOfFile_IsSeenFromItsName()
    {
        Assert.Equal("byte-level BPE", TokenizerFile.Load(SharedFiles.Data("tokenizer/r50k_base.tiktoken")).Algorithm);
        Assert.Equal("byte-level BPE", TokenizerFile.Load(SharedFiles.Data("tokenizer/gpt2-encoder.json")).Algorithm);
        Assert.Equal("WordPiece", TokenizerFile.Load(SharedFiles.Data("tokenizer/bert-base-uncased-vocab.txt")).Algorithm);
        Assert.Equal("Unigram", TokenizerFile.Load(SharedFiles.Data("tokenizer/sentencepiece-test_model.model")).Algorithm);
        Assert.Equal(100277, TokenizerFile.Load("cl100k").VocabularySize);
    }

    [Theory]
    [InlineData("sentencepiece-test_model.model")]
    [InlineData("bert-base-uncased-vocab.txt")]
    [InlineData("gpt2-encoder.json")]
    public void FromJson_OfAPublishedVocabulary_EncodesTheSame(string file)
    {
        var published = TokenizerFile.Load(SharedFiles.Data("tokenizer/" + file));
        var converted = TokenizerFile.FromJson(TokenizerFile.ToJson(published));
        foreach (string text in new[] { Text, "ﬁne  ＦＵＬＬ ½ — don't", "Ünïcödé  x\n\n y" }) Assert.Equal(published.Encode(text), converted.Encode(text));
    }

    [Fact]
    public void Load_TruncatedSentencePieceModel_SaysSo()
    {
        string path = Path.Combine(folder, "cut.model");
        File.WriteAllBytes(path, File.ReadAllBytes(SharedFiles.Data("tokenizer/sentencepiece-test_model.model"))[..5000]);
        Assert.Contains("cut off", Assert.Throws<InvalidInputException>(() => TokenizerFile.Load(path)).Message);
    }

    [Fact]
    public void Load_BrokenTiktokenLine_NamesTheLine()
    {
        string path = Path.Combine(folder, "r50k_base.tiktoken");
        File.WriteAllText(path, "IQ== 0\nnot base64 1\n");
        Assert.Contains("line 2", Assert.Throws<InvalidInputException>(() => TokenizerFile.Load(path)).Message);
    }

    [Fact]
    public void Save_Tiktoken_LoadsTheSameVocabulary()
    {
        var saved = (ByteLevelBpeTokenizer)Make("BPE GPT-2");
        string path = Path.Combine(folder, "own.tiktoken");
        TiktokenFile.Save(saved, path);
        var loaded = TiktokenFile.Load(path, saved.Vocabulary.Pattern, saved.SpecialTokens);
        Assert.Equal(saved.Encode(Text), loaded.Encode(Text));
        Assert.Contains("give the pattern", Assert.Throws<InvalidInputException>(() => TiktokenFile.Load(path)).Message);
    }

    [Theory]
    [InlineData("", "tokenizer.json is broken")]
    [InlineData("[]", "JSON object")]
    [InlineData("{}", "no \"model\"")]
    [InlineData("""{"model":{"type":"Mystery"}}""", "\"Mystery\"")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","merges":[]}}""", "no \"vocab\"")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "merge 0")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "no token for the byte")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "impossible id")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"你":3},"merges":[]}}""", "stands for no byte")]
    [InlineData("""{"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{},"merges":[]}}""", "NFC")]
    [InlineData("""{"pre_tokenizer":{"type":"Mystery"},"model":{"type":"WordLevel","vocab":{}}}""", "Mystery")]
    public void FromJson_BrokenOrUnsupported_SaysWhatIsWrong(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => TokenizerFile.FromJson(json)).Message);

    [Fact]
    public void Load_MissingFile_SaysWhich() =>
        Assert.Contains("nowhere.json", Assert.Throws<InvalidInputException>(() => TokenizerFile.Load(Path.Combine(folder, "nowhere.json"))).Message);
}
