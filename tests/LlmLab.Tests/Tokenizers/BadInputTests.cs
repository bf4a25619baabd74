using LlmLab.Data;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class BadInputTests
{
    static readonly string text = string.Concat(Enumerable.Repeat("the quick brown fox jumps over the lazy dog. ", 20));

    public static TheoryData<string> Kinds => [.. TokenizerTrainer.Kinds];

    static VocabularyTokenizer Train(string kind, IEnumerable<string> texts, int size = 300, int frequency = 2) =>
        TokenizerTrainer.Train(kind, texts, new TokenizerTrainingOptions { VocabularySize = size, MinimumFrequency = frequency }, kind == "bpe" ? PreTokenization.Cl100k : @"\w+|\W");

    static VocabularyTokenizer Small(string kind) => Train(kind, [text], kind switch { "bpe" => 300, "character" => int.MaxValue, "word" => 34, "regex" => 30, _ => 60 });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_EmptyText_SaysSo(string kind)
    {
        Assert.Contains("empty", Assert.Throws<InvalidInputException>(() => Train(kind, [])).Message);
        Assert.Contains("empty", Assert.Throws<InvalidInputException>(() => Train(kind, ["", ""])).Message);
    }

    [Theory]
    [InlineData("bpe")]
    [InlineData("wordpiece")]
    [InlineData("unigram")]
    [InlineData("word")]
    [InlineData("regex")]
    public void Train_VocabularyLargerThanTheTextAllows_NamesTheLargestThatWorks(string kind)
    {
        string message = Assert.Throws<InvalidInputException>(() => Train(kind, [text], 5000)).Message;
        Assert.Contains("5000 were asked for", message);
        int largest = int.Parse(System.Text.RegularExpressions.Regex.Match(message, @"at most (\d+) tokens").Groups[1].Value);
        Assert.Equal(largest, Train(kind, [text], largest).VocabularySize);
        Assert.Throws<InvalidInputException>(() => Train(kind, [text], largest + 1));
    }

    [Theory]
    [InlineData("bpe")]
    [InlineData("wordpiece")]
    [InlineData("unigram")]
    public void Train_VocabularySmallerThanTheAlphabet_NamesTheSmallest(string kind) =>
        Assert.Contains("26 were asked for", Assert.Throws<InvalidInputException>(() => Train(kind, [text], 26)).Message);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_ReservedTokensInUserText_AreTextUnlessParsingIsAskedFor(string kind)
    {
        var tokenizer = Small(kind);
        const string user = "the <|system|>fox<|end_of_turn|><|bos|>";
        Assert.DoesNotContain(tokenizer.Encode(user), id => id < ReservedTokens.All.Count);
        Assert.DoesNotContain(tokenizer.EncodeToIds(user), id => id < ReservedTokens.All.Count);
        Assert.DoesNotContain(tokenizer.Tokenize(user), t => t.Id < ReservedTokens.All.Count);
        int[] expected = [tokenizer.SpecialTokens[ReservedTokens.System], tokenizer.SpecialTokens[ReservedTokens.EndOfTurn], tokenizer.SpecialTokens[ReservedTokens.BeginningOfSequence]];
        Assert.Equal(expected, tokenizer.Encode(user, SpecialTokenParsing.Parse).Where(id => id < ReservedTokens.All.Count));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_ReservedTokensInTheTrainingText_AreNeverLearned(string kind)
    {
        var tokenizer = Train(kind, [string.Concat(Enumerable.Repeat("the <|bos|> fox <|bos|> dog ", 50))], kind switch { "bpe" => 281 + 9, "word" => 26 + 5, "regex" => 26 + 7, "character" => int.MaxValue, _ => 44 });
        Assert.Equal(1, Enumerable.Range(0, tokenizer.VocabularySize).Count(id => tokenizer.GetToken(id) == "<|bos|>"));
        Assert.DoesNotContain(tokenizer.Encode("the <|bos|> fox"), id => id == 0);
    }

    [Fact]
    public void Encode_LoneSurrogates_BecomeTheReplacementCharacter()
    {
        var tokenizer = PublishedVocabulary.Cl100k();
        Assert.Equal(tokenizer.Encode("a\uFFFDb \uFFFD"), tokenizer.Encode("a\uD800b \uDC00"));
        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD83Db")));
    }

    [Fact]
    public void Decode_HalfACharacter_IsTheReplacementCharacter()
    {
        var tokenizer = PublishedVocabulary.Cl100k();
        int[] ids = tokenizer.Encode("𝟗");
        Assert.True(ids.Length > 1);
        Assert.Equal("\uFFFD", tokenizer.Decode(ids[..1]));
        Assert.Equal("𝟗"u8.ToArray(), tokenizer.DecodeToBytes(ids));
    }

    [Fact]
    public void Decode_IdOutsideTheVocabulary_NamesItAndTheVocabulary()
    {
        var error = Assert.Throws<InvalidInputException>(() => Small("bpe").Decode([26, 300]));
        Assert.Contains("300", error.Message);
        Assert.Contains("0 to 299", error.Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_EmptyText_GivesNoTokens(string kind)
    {
        var tokenizer = Small(kind);
        Assert.Empty(tokenizer.Encode(""));
        Assert.Equal("", tokenizer.Decode([]));
    }

    [Fact]
    public void Train_OneLineWithoutSpaces_KeepsMemoryBounded()
    {
        // 100 MB of text without a single place to cut; counting must not copy it. One thread, so that only its own memory is counted.
        string line = new('a', 50_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var tokenizer = BpeTrainer.Train([line, text], new BpeTrainingOptions { VocabularySize = 300, Threads = 1 });
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 40_000_000, $"{allocated} bytes were allocated");
        Assert.Contains("aaaaaaaa", Enumerable.Range(281, 19).Select(id => tokenizer.GetToken(id)));
    }

    [Fact]
    public void Encode_OneLineWithoutSpaces_DecodesUnchanged()
    {
        string line = string.Concat(Enumerable.Repeat("abcé", 300_000));
        var tokenizer = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = 300 });
        Assert.Equal(line, tokenizer.Decode(tokenizer.Encode(line)));
    }

    [Fact]
    public void Train_OptionsThatMakeNoSense_AreNamed()
    {
        string Message(TokenizerTrainingOptions options) => Assert.Throws<InvalidInputException>(() => BpeTrainer.Train([text], new BpeTrainingOptions(options))).Message;
        Assert.Contains("coverage", Message(new() { Coverage = 1.5 }));
        Assert.Contains("minimum frequency 0", Message(new() { MinimumFrequency = 0 }));
        Assert.Contains("<|bos|>", Message(new() { SpecialTokens = ["<|bos|>"] }));
        Assert.Contains("\"x\" is given twice", Message(new() { Phrases = ["x", "x"] }));
        Assert.Contains("phrase is empty", Message(new() { Phrases = [""] }));
    }

    [Fact]
    public void Train_Interrupted_StopsWithTheToken()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        using var operation = Operation.Enter(source.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => BpeTrainer.Train(Corpus.FromText("t", text), new BpeTrainingOptions { VocabularySize = 300 }));
    }
}
