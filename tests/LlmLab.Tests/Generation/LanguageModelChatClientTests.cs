using LlmLab.Data.Company;
using LlmLab.Generation;
using LlmLab.Models;
using LlmLab.Prompts;
using LlmLab.Tests.Training;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Generation;

public sealed class LanguageModelChatClientTests : IDisposable
{
    static readonly VocabularyTokenizer tokenizer = BpeTrainer.Train(CompanyCorpus.Generate(1, 40_000), new BpeTrainingOptions { VocabularySize = 400 });

    readonly LanguageModelChatClient client;

    public LanguageModelChatClientTests()
    {
        TorchThreads.One();
        client = new(new LanguageModel(new ModelSpec { VocabularySize = tokenizer.VocabularySize, LayerCount = 1, Width = 32, HeadCount = 2, ContextLength = 48 }, seed: 1), tokenizer, "tiny");
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task GetResponse_SameSeed_SameTextAndUsageThatAddsUp()
    {
        var options = new ChatOptions { Seed = 3, Temperature = 1, MaxOutputTokens = 12 };
        var one = await client.GetResponseAsync("Who leads it?", options, Token);
        var other = await client.GetResponseAsync("Who leads it?", options, Token);
        Assert.Equal(one.Text, other.Text);
        Assert.Equal(ChatTemplate.LlmLab.Encode([new("user", "Who leads it?")], tokenizer).Count, one.Usage!.InputTokenCount);
        Assert.InRange(one.Usage.OutputTokenCount!.Value, 0, 12);
        Assert.Equal(one.Usage.InputTokenCount + one.Usage.OutputTokenCount, one.Usage.TotalTokenCount);
        Assert.NotEqual(one.Text, (await client.GetResponseAsync("Who leads it?", new ChatOptions { Seed = 4, Temperature = 1, MaxOutputTokens = 12 }, Token)).Text);
    }

    [Fact]
    public async Task GetStreamingResponse_Pieces_AreTheResponse()
    {
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 10 };
        var whole = await client.GetResponseAsync("Hello", options, Token);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Hello", options, Token)) updates.Add(update);
        Assert.Equal(whole.Text, string.Concat(updates.Select(u => u.Text)));
        Assert.Equal(whole.FinishReason, updates[^1].FinishReason);
    }

    [Fact]
    public async Task GetResponse_MaxOutputTokens_EndsForLength()
    {
        var response = await client.GetResponseAsync("Hello", new ChatOptions { Temperature = 0, MaxOutputTokens = 3 }, Token);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task GetResponse_StopSequence_IsNotPartOfTheText()
    {
        var free = (await client.GetResponseAsync("Hello", new ChatOptions { Seed = 3, Temperature = 1, MaxOutputTokens = 20 }, Token)).Text;
        string stop = free[(free.Length / 2)..(free.Length / 2 + 2)];
        var stopped = (await client.GetResponseAsync("Hello", new ChatOptions { Seed = 3, Temperature = 1, MaxOutputTokens = 20, StopSequences = [stop] }, Token)).Text;
        Assert.DoesNotContain(stop, stopped, StringComparison.Ordinal);
        Assert.StartsWith(stopped, free, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponse_AnyDraw_NeverWritesControlTokens()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            string text = (await client.GetResponseAsync("Hi", new ChatOptions { Seed = seed, Temperature = 5, MaxOutputTokens = 20 }, Token)).Text;
            Assert.DoesNotContain("<|", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task GetResponse_WhatTheModelCannotDo_SaysSo()
    {
        string longText = string.Concat(Enumerable.Repeat("words and words ", 40));
        Assert.Contains("shorten it", (await Assert.ThrowsAsync<InvalidInputException>(() => client.GetResponseAsync(longText, cancellationToken: Token))).Message);
        Assert.Contains("tools", (await Assert.ThrowsAsync<InvalidInputException>(() => client.GetResponseAsync("a", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1)] }, Token))).Message);
        Assert.Contains("plain text", (await Assert.ThrowsAsync<InvalidInputException>(() => client.GetResponseAsync("a", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, Token))).Message);
        Assert.Contains("DataContent", (await Assert.ThrowsAsync<InvalidInputException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], cancellationToken: Token))).Message);
        Assert.Contains("system, user and assistant", (await Assert.ThrowsAsync<InvalidInputException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.Tool, "a")], cancellationToken: Token))).Message);
    }

    [Fact]
    public async Task GetResponse_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("Hello", cancellationToken: source.Token));
    }
}
