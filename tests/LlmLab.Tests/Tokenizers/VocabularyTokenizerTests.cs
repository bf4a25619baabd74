using System.Buffers;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Tests.Tokenizers;

/// <summary>What Microsoft's base class promises, held by each kind of tokenizer.</summary>
public sealed class VocabularyTokenizerTests
{
    const string Text = "The quick brown fox isn't quick; 12345 foxes' naïve café — 你好 😀👍🏽\n\tThe end.\r\n";

    public static TheoryData<string> Kinds => [.. TokenizerTrainer.Kinds, "cl100k"];

    static VocabularyTokenizer Make(string kind) => kind == "cl100k" ? PublishedVocabulary.Cl100k() : TokenizerTrainer.Train(kind, [Text],
        new TokenizerTrainingOptions { VocabularySize = kind switch { "bpe" => 300, "wordpiece" or "unigram" => 75, _ => 1000 }, MinimumFrequency = 1, Coverage = kind is "word" or "regex" ? 1 : null },
        kind == "bpe" ? LlmLab.Tokenizers.Scanning.PreTokenization.Cl100k : @"\w+|\s|[^\w\s]+");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EncodeToTokens_Places_AreInOrderAndSpellTheTokens(string kind)
    {
        var tokenizer = Make(kind);
        var tokens = tokenizer.EncodeToTokens(Text, out _);
        Assert.Equal(tokenizer.Encode(Text), tokens.Select(t => t.Id));
        int last = 0;
        foreach (var token in tokens)
        {
            Assert.True(token.Offset.Start.Value <= last || string.IsNullOrWhiteSpace(Text[last..token.Offset.Start.Value]), $"text before {token.Value} is not covered");
            Assert.InRange(token.Offset.End.Value, Math.Max(last, token.Offset.Start.Value + 1), Text.Length);
            last = token.Offset.End.Value;
        }
        // Tokens that are whole characters spell their place exactly, where text is not normalised.
        if (kind is "bpe" or "character" or "cl100k")
            foreach (var token in tokens)
                if (tokenizer.Decode([token.Id]) is var piece && !piece.Contains('\uFFFD')) Assert.Equal(piece, Text[token.Offset]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EncodeToIds_WithALimit_StopsAtAWholeCharacter(string kind)
    {
        Tokenizer tokenizer = Make(kind);
        var all = tokenizer.EncodeToIds(Text);
        Assert.Equal(all.Count, tokenizer.CountTokens(Text));
        for (int limit = 0; limit <= all.Count; limit++)
        {
            var ids = tokenizer.EncodeToIds(Text, limit, out _, out int consumed);
            Assert.True(ids.Count <= limit);
            Assert.Equal(all.Take(ids.Count), ids);
            Assert.False(consumed < Text.Length && char.IsLowSurrogate(Text[consumed]));
            Assert.Equal(consumed, tokenizer.GetIndexByTokenCount(Text, limit, out _, out int count));
            Assert.Equal(ids.Count, count);
            int index = tokenizer.GetIndexByTokenCountFromEnd(Text, limit, out _, out int fromEnd);
            Assert.True(fromEnd <= limit);
            Assert.False(index < Text.Length && char.IsLowSurrogate(Text[index]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_IntoASpan_WritesWhatFits(string kind)
    {
        var tokenizer = Make(kind);
        int[] ids = tokenizer.Encode(Text);
        string whole = tokenizer.Decode(ids);
        var destination = new char[whole.Length];
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, destination, out int consumed, out int written));
        Assert.Equal((ids.Length, whole.Length), (consumed, written));
        Assert.Equal(whole, new string(destination));
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, destination.AsSpan(0, whole.Length / 2), out consumed, out written));
        Assert.InRange(written, 1, whole.Length / 2);
        Assert.Equal(tokenizer.Decode(ids.Take(consumed)), new string(destination, 0, written));
    }

    [Theory]
    [InlineData("bpe")]
    [InlineData("character")]
    [InlineData("word")]
    [InlineData("regex")]
    [InlineData("unigram")]
    [InlineData("cl100k")]
    public void Decode_OfKnownText_GivesItBackUnchanged(string kind)
    {
        var tokenizer = Make(kind);
        Assert.Equal(Text, tokenizer.Decode(tokenizer.Encode(Text)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void FindId_OfEveryToken_IsItsId(string kind)
    {
        var tokenizer = Make(kind);
        for (int id = 0; id < Math.Min(tokenizer.VocabularySize, 5000); id++)
            if (tokenizer.GetToken(id) is { } token) Assert.Equal(id, tokenizer.FindId(token));
        Assert.Null(tokenizer.FindId("no such token \u0001"));
    }

    [Fact]
    public void Encode_Cl100k_EqualsMicrosoftsTokenizer()
    {
        // On text that does not end in white space with a line end in it: there tiktoken's expression has changed since.
        var theirs = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        var ours = PublishedVocabulary.Cl100k();
        string text = File.ReadAllText(SharedFiles.Data("corpora/gutenberg/Alice-s-Adventures-in-Wonderland_11.txt")).TrimEnd();
        Assert.Equal(theirs.EncodeToIds(text), ours.EncodeToIds(text));
    }
}
