using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using LlmLab.Retrieval.Search;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>
/// Retrieval-augmented generation around any chat client, ours or a hosted one: searches for what the last user message asks, gives the
/// passages to the model, and cites in the response what the answer came from.
/// <code>
/// var chat = new RetrievalChatClient(inner, index, new() { Tokenizer = tokenizer, Prompt = PromptLibrary.Shipped.Find("answer") });
/// var response = await chat.GetResponseAsync("Who leads Amber Lantern?");
/// foreach (var citation in RetrievalChatClient.CitationsOf(response)) …
/// </code>
/// </summary>
public sealed partial class RetrievalChatClient(IChatClient inner, PassageIndex index, RetrievalChatOptions options) : DelegatingChatClient(inner)
{
    /// <summary>In a response's additional properties: what it cites, a list of <see cref="Citation"/>.</summary>
    public const string CitationsKey = "llmlab.citations";
    /// <summary>In a response's additional properties: the passages that the model read, a list of <see cref="FoundPassage"/>.</summary>
    public const string PassagesKey = "llmlab.passages";
    /// <summary>In a response's additional properties: true where no passage was near enough to ask the model at all.</summary>
    public const string RefusedKey = "llmlab.refused";
    /// <summary>In a content's additional properties: the number of the passage that it is.</summary>
    public const string PassageNumberKey = "llmlab.passage";

    /// <summary>What a response cites.</summary>
    public static IReadOnlyList<Citation> CitationsOf(ChatResponse response) =>
        response.AdditionalProperties?.TryGetValue(CitationsKey, out var citations) == true && citations is IReadOnlyList<Citation> list ? list : [];

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">There is no question, or it is longer than the budget.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, CancellationToken cancellationToken = default)
    {
        var (prompt, context) = await PrepareAsync(messages, chatOptions, cancellationToken).ConfigureAwait(false);
        if (context is null) return Annotated(new ChatResponse(new ChatMessage(ChatRole.Assistant, options.Refusal)) { FinishReason = ChatFinishReason.Stop }, [], refused: true);
        return Annotated(await base.GetResponseAsync(prompt, chatOptions, cancellationToken).ConfigureAwait(false), context.Passages, refused: false);
    }

    /// <inheritdoc/>
    /// <remarks>The last update carries citations and passages in its additional properties.</remarks>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (prompt, context) = await PrepareAsync(messages, chatOptions, cancellationToken).ConfigureAwait(false);
        var text = new StringBuilder();
        if (context is null)
        {
            text.Append(options.Refusal);
            yield return new ChatResponseUpdate(ChatRole.Assistant, options.Refusal);
        }
        else
        {
            await foreach (var update in base.GetStreamingResponseAsync(prompt, chatOptions, cancellationToken).ConfigureAwait(false))
            {
                text.Append(update.Text);
                yield return update;
            }
        }
        yield return new ChatResponseUpdate
        {
            Role = ChatRole.Assistant,
            AdditionalProperties = Properties(Cited(text.ToString(), context?.Passages ?? []).Select(cited => cited.Citation), context?.Passages ?? [], refused: context is null),
        };
    }

    async Task<(IReadOnlyList<ChatMessage> Prompt, PackedContext? Context)> PrepareAsync(IEnumerable<ChatMessage> messages, ChatOptions? chatOptions, CancellationToken cancellationToken)
    {
        var conversation = messages.ToList();
        int last = conversation.FindLastIndex(message => message.Role == ChatRole.User);
        string question = last < 0 ? "" : conversation[last].Text;
        if (string.IsNullOrWhiteSpace(question)) throw new InvalidInputException("The conversation has no question: its last user message is empty.");
        var packer = new ContextPacker(options.Tokenizer, options.ContextTokens);
        packer.Pack(question, []);   // a question that is too long is said before anything is searched
        var search = options.Search;
        if (chatOptions?.AdditionalProperties?.TryGetValue(RetrievalChatOptions.ClearanceKey, out var given) == true && given is Clearance clearance)
            search = search with { Filter = search.Filter with { Clearance = clearance } };
        var found = await index.SearchAsync(question, search, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0 || options.LeastSimilarity is { } least && (found.Max(one => one.Similarity) ?? double.NegativeInfinity) < least) return (conversation, null);
        if (options.Reranker is { } reranker) found = reranker.Rerank(question, found);
        var context = packer.Pack(question, found);
        var contents = Contents(question, context);
        // A prompt has words of its own: the passages of the lowest rank make room for them.
        while (context.Passages.Count > 0 && options.Prompt is not null && options.Tokenizer.CountTokens(((TextContent)contents[0]).Text) > options.ContextTokens)
        {
            context = context with { Passages = [.. context.Passages.SkipLast(1)], LeftOut = context.LeftOut + 1 };
            contents = Contents(question, context);
        }
        if (context.Passages.Count == 0) throw new InvalidInputException($"None of the {found.Count} passages found fits into {options.ContextTokens} tokens beside the question{(options.Prompt is null ? "" : $" and the words of the prompt {options.Prompt.Name}")}: raise ContextTokens, or cut documents into shorter passages.");
        conversation[last] = new ChatMessage(ChatRole.User, contents);
        return (conversation, context);
    }

    List<AIContent> Contents(string question, PackedContext context)
    {
        if (options.Prompt is not { } prompt)
            return [.. context.Passages.Select((found, i) => new TextContent(found.Passage.Text) { AdditionalProperties = new() { [PassageNumberKey] = i + 1 } }), new TextContent(question)];
        var values = new Dictionary<string, object?>
        {
            ["question"] = question,
            ["refusal"] = options.Refusal,
            ["passages"] = context.Passages.Select((found, i) => new Dictionary<string, object?> { ["number"] = i + 1, ["title"] = found.Passage.Metadata.Title ?? found.Passage.Metadata.Source, ["text"] = found.Passage.Text }).ToList(),
        };
        return [new TextContent(prompt.Render(values.Where(value => prompt.Variables.Any(variable => variable.Name == value.Key)).ToDictionary(value => value.Key, value => value.Value)))];
    }

    static ChatResponse Annotated(ChatResponse response, IReadOnlyList<FoundPassage> passages, bool refused)
    {
        var cited = Cited(response.Text, passages);
        response.AdditionalProperties = Properties(cited.Select(one => one.Citation), passages, refused, response.AdditionalProperties);
        if (response.Messages.LastOrDefault()?.Contents.OfType<TextContent>().LastOrDefault() is { } text && cited.Count > 0)
            text.Annotations = [.. text.Annotations ?? [], .. cited.Select(one => one.Citation.ToAnnotation(one.Regions))];
        return response;
    }

    static AdditionalPropertiesDictionary Properties(IEnumerable<Citation> citations, IReadOnlyList<FoundPassage> passages, bool refused, AdditionalPropertiesDictionary? others = null) => new(others ?? [])
    {
        [CitationsKey] = (IReadOnlyList<Citation>)[.. citations],
        [PassagesKey] = passages,
        [RefusedKey] = refused,
    };

    /// <summary>What an answer cites: the numbers in brackets that it writes; where it writes none, the best passage that spells the whole answer.</summary>
    static List<(Citation Citation, IReadOnlyList<Range> Regions)> Cited(string answer, IReadOnlyList<FoundPassage> passages)
    {
        var numbers = Number().Matches(answer).Select(match => (Number: int.TryParse(match.Groups[1].Value, out int number) ? number : 0, Region: match.Index..(match.Index + match.Length)))
            .Where(match => match.Number >= 1 && match.Number <= passages.Count).ToLookup(match => match.Number, match => match.Region);
        if (numbers.Count > 0)
        {
            string bare = Number().Replace(answer, "").Trim().TrimEnd('.');
            return [.. numbers.OrderBy(number => number.Key).Select(number => (Citation.Of(number.Key, passages[number.Key - 1].Passage, bare), (IReadOnlyList<Range>)[.. number]))];
        }
        string whole = answer.Trim();
        int best = whole.Length == 0 ? -1 : passages.ToList().FindIndex(found => found.Passage.Text.Contains(whole, StringComparison.OrdinalIgnoreCase));
        return best < 0 ? [] : [(Citation.Of(best + 1, passages[best].Passage, whole), [0..answer.Length])];
    }

    [GeneratedRegex(@"\[(\d{1,3})\]")]
    private static partial Regex Number();
}
