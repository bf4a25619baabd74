using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI;

namespace LlmLab.Interop;

/// <summary>
/// Models behind OpenAI's interface: its own, or those of a server that speaks it (Ollama, vLLM, llama.cpp and others). The environment says
/// which: <c>OPENAI_API_KEY</c>, and <c>OPENAI_BASE_URL</c> for another server, such as <c>http://127.0.0.1:11434/v1</c>.
/// </summary>
public static class HostedModels
{
    const string Prefix = "openai:", Key = "OPENAI_API_KEY", Address = "OPENAI_BASE_URL";

    /// <summary>The model's name where a text says <c>openai:NAME</c>; null where it says something else.</summary>
    public static string? NameOf(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : null;

    /// <summary>An embedding model.</summary>
    /// <param name="model">Its name there, such as <c>text-embedding-3-small</c>.</param>
    /// <exception cref="InvalidInputException">No key is set, or the address is none.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> Embeddings(string model) => Embeddings(model, null);

    /// <summary>A chat model.</summary>
    /// <param name="model">Its name there.</param>
    /// <exception cref="InvalidInputException">No key is set, or the address is none.</exception>
    public static IChatClient Chat(string model) => Chat(model, null);

    internal static IEmbeddingGenerator<string, Embedding<float>> Embeddings(string model, HttpMessageHandler? handler)
    {
        var (client, where) = Client(model, handler);
        return new EmbeddingsOf(client.GetEmbeddingClient(model).AsIEmbeddingGenerator(), where);
    }

    internal static IChatClient Chat(string model, HttpMessageHandler? handler)
    {
        var (client, where) = Client(model, handler);
        return new ChatOf(client.GetChatClient(model).AsIChatClient(), where);
    }

    static (OpenAIClient Client, string Where) Client(string model, HttpMessageHandler? handler)
    {
        if (model.Length == 0) throw new InvalidInputException("The hosted model has no name: expected openai:NAME.");
        string? key = Environment.GetEnvironmentVariable(Key), address = Environment.GetEnvironmentVariable(Address);
        if (string.IsNullOrEmpty(key) && string.IsNullOrEmpty(address))
            throw new InvalidInputException($"The model openai:{model} needs the environment variable {Key}, or {Address} for a server of your own: set one of them.");
        var options = new OpenAIClientOptions();
        if (!string.IsNullOrEmpty(address))
            options.Endpoint = Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
                : throw new InvalidInputException($"{Address} is \"{address}\": expected an address such as http://127.0.0.1:11434/v1.");
        if (handler is not null)
        {
            options.Transport = new HttpClientPipelineTransport(new HttpClient(handler));
            options.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
        }
        // A server of one's own asks for no key, the client does.
        return (new OpenAIClient(new ApiKeyCredential(string.IsNullOrEmpty(key) ? "none" : key), options), $"The model {model} at {options.Endpoint?.Authority ?? "api.openai.com"}");
    }

    // What went wrong, in one sentence; null for what is not the server's doing. The client has tried several times by then.
    static InvalidInputException? Explained(Exception exception, string where) => exception switch
    {
        ClientResultException { Status: 401 or 403 } e => new($"{where} refused the key (HTTP {e.Status}): check {Key}.", e),
        ClientResultException { Status: 404 } e => new($"{where} is not there (HTTP 404): check the model's name and {Address}.", e),
        ClientResultException { Status: > 0 } e => new($"{where} answered with HTTP {e.Status}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e),
        ClientResultException or HttpRequestException or AggregateException { InnerException: ClientResultException or HttpRequestException } => new($"{where} does not answer: check that it runs, and {Address}.", exception),
        _ => null,
    };

    sealed class EmbeddingsOf(IEmbeddingGenerator<string, Embedding<float>> inner, string where) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            try
            {
                return await base.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (Explained(e, where) is { } explained)
            {
                throw explained;
            }
        }
    }

    sealed class ChatOf(IChatClient inner, string where) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            try
            {
                return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (Explained(e, where) is { } explained)
            {
                throw explained;
            }
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync().ConfigureAwait(false)) break;
                }
                catch (Exception e) when (Explained(e, where) is { } explained)
                {
                    throw explained;
                }
                yield return updates.Current;
            }
        }
    }
}
