using System.Runtime.CompilerServices;
using LlmLab.Retrieval.Reading;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>
/// The small model that reads passages, as a chat client: the inner client of a <see cref="RetrievalChatClient"/> without a prompt. What
/// the message's contents mark as passages it reads; the rest of the last user message is the question.
/// </summary>
/// <param name="reader">The reader; the client disposes of it.</param>
/// <param name="name">The model's name.</param>
public sealed class ReaderChatClient(Reader reader, string name) : IChatClient
{
    /// <summary>In a response's additional properties: the reader's <see cref="ReadingAnswer"/>.</summary>
    public const string AnswerKey = "llmlab.reading";

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var last = messages.LastOrDefault(message => message.Role == ChatRole.User) ?? throw new InvalidInputException("The conversation has no question: ask something.");
        bool IsPassage(AIContent content) => content.AdditionalProperties?.ContainsKey(RetrievalChatClient.PassageNumberKey) == true;
        string[] passages = [.. last.Contents.Where(IsPassage).OfType<TextContent>().Select(content => content.Text)];
        string question = string.Join(' ', last.Contents.Where(content => !IsPassage(content)).OfType<TextContent>().Select(content => content.Text));
        var answer = await Task.Run(() => reader.Answer(question, passages), cancellationToken).ConfigureAwait(false);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.Text)) { ModelId = name, FinishReason = ChatFinishReason.Stop, AdditionalProperties = new() { [AnswerKey] = answer } };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates()) yield return update;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("llmlab", null, name)
        : serviceType.IsInstanceOfType(this) ? this : serviceType.IsInstanceOfType(reader) ? reader : null;

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
