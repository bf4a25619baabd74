using System.Runtime.CompilerServices;
using System.Text;
using LlmLab.Models;
using LlmLab.Prompts;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using Microsoft.Extensions.AI;

namespace LlmLab.Generation;

/// <summary>
/// A model trained here behind .NET's chat interface, so that whatever speaks to hosted models can speak to it. A chat template turns the
/// conversation into tokens; what people wrote can never become a control token.
/// <code>
/// using var chat = LanguageModelChatClient.Load(run);
/// var response = await chat.GetResponseAsync("Who leads Amber Lantern?", new ChatOptions { Temperature = 0, MaxOutputTokens = 40 });
/// </code>
/// </summary>
public sealed class LanguageModelChatClient : IChatClient
{
    readonly LanguageModel model;
    readonly VocabularyTokenizer tokenizer;
    readonly ChatTemplate template;
    readonly TextGenerator generator;
    readonly GenerationOptions defaults;
    readonly string name;

    /// <summary>A client over a model; it disposes of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The tokenizer that it was trained with.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="template">How a conversation is written; null: <see cref="ChatTemplate.LlmLab"/>.</param>
    /// <param name="defaults">How text is drawn where a call does not say.</param>
    /// <exception cref="InvalidInputException">The tokenizer is not the model's, or lacks the token that ends a turn.</exception>
    public LanguageModelChatClient(LanguageModel model, VocabularyTokenizer tokenizer, string name, ChatTemplate? template = null, GenerationOptions? defaults = null)
    {
        model.Spec.CheckVocabulary(tokenizer.VocabularySize, name);
        (this.model, this.tokenizer, this.name, this.template) = (model, tokenizer, name, template ?? ChatTemplate.LlmLab);
        if (this.template.EndOfTurn.Length > 0 && !tokenizer.SpecialTokens.ContainsKey(this.template.EndOfTurn))
            throw new InvalidInputException($"The chat template {this.template.Name} ends turns with {this.template.EndOfTurn}, which the vocabulary of {name} lacks: use the model's own template.");
        this.defaults = defaults ?? new GenerationOptions();
        generator = new TextGenerator(model, tokenizer);
        model.eval();
    }

    /// <summary>A client over a run's model.</summary>
    public static LanguageModelChatClient Load(Run run, ChatTemplate? template = null) => new(run.LoadModel(), run.LoadTokenizer(), run.Description.Name, template);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        ChatFinishReason? reason = null;
        UsageDetails? usage = null;
        await foreach (var update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            text.Append(update.Text);
            reason ??= update.FinishReason;
            usage ??= update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details;
        }
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text.ToString())) { ModelId = name, FinishReason = reason, Usage = usage };
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">An option that the model cannot follow, or a conversation longer than its context.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = template.Encode([.. messages.Select(Plain)], tokenizer);
        int room = model.Spec.ContextLength - prompt.Count;
        if (room < 1) throw new InvalidInputException($"The conversation has {prompt.Count} tokens, and the context of {name} holds {model.Spec.ContextLength}: shorten it, or begin a new one.");
        var drawing = Options(options, room);
        int written = 0;
        using var pieces = generator.Stream(prompt, drawing, _ => written++).GetEnumerator();
        // Computing takes a thread; the caller's stays free.
        while (await Task.Run(pieces.MoveNext, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, pieces.Current) { ModelId = name };
        }
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = prompt.Count, OutputTokenCount = written, TotalTokenCount = prompt.Count + written })])
        {
            ModelId = name,
            FinishReason = written >= drawing.MostTokens ? ChatFinishReason.Length : ChatFinishReason.Stop,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("llmlab", null, name)
        : serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    GenerationOptions Options(ChatOptions? options, int room)
    {
        if (options?.Tools is { Count: > 0 }) throw new InvalidInputException($"{name} cannot call tools: leave them out, or use a model that can.");
        if (options?.ResponseFormat is { } format and not ChatResponseFormatText) throw new InvalidInputException($"{name} writes plain text, not {format.GetType().Name}: leave out ResponseFormat.");
        // A trained token that ends the turn stops the answer; other control tokens are never drawn.
        int[] ends = [.. new[] { template.EndOfTurn, ReservedTokens.EndOfSequence }.Where(tokenizer.SpecialTokens.ContainsKey).Select(token => tokenizer.SpecialTokens[token]).Distinct()];
        return defaults with
        {
            MostTokens = Math.Min(room, options?.MaxOutputTokens ?? defaults.MostTokens),
            Temperature = options?.Temperature ?? defaults.Temperature,
            TopP = options?.TopP ?? defaults.TopP,
            TopK = options?.TopK ?? defaults.TopK,
            Seed = options?.Seed ?? defaults.Seed,
            Stops = options?.StopSequences is { Count: > 0 } stops ? [.. stops] : defaults.Stops,
            StopTokens = [.. defaults.StopTokens, .. ends],
            ExcludedTokens = [.. defaults.ExcludedTokens, .. tokenizer.SpecialTokens.Values.Except(ends)],
            Overflow = ContextOverflow.Stop,
        };
    }

    TemplateMessage Plain(ChatMessage message) =>
        message.Contents.FirstOrDefault(content => content is not TextContent) is { } other
            ? throw new InvalidInputException($"{name} reads text alone; the message of role {message.Role} holds {other.GetType().Name}.")
            : new TemplateMessage(message.Role.Value, string.Join("\n\n", message.Contents.Cast<TextContent>().Select(content => content.Text)));
}
