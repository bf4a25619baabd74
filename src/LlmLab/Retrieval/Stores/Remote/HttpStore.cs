using System.Net;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>A store behind an HTTP API.</summary>
public abstract class HttpStore : Store
{
    private protected HttpStore(Uri address, IEnumerable<(string Name, string? Value)> headers, VectorStoreOptions? options, HttpMessageHandler? handler) : base(options)
    {
        Api = new HttpApi(address, headers, handler);
        Name = address.GetLeftPart(UriPartial.Authority);
    }

    internal override string Name { get; }

    internal HttpApi Api { get; }

    private protected override bool IsTransient(Exception exception) => exception switch
    {
        HttpApiException failure => failure.IsTransient,
        HttpRequestException => true, // no connection
        TaskCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    private protected override string? Explain(Exception exception) => exception switch
    {
        HttpApiException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } => $"the key is missing or wrong ({KeyVariable})",
        HttpApiException failure => failure.Message,
        _ => null,
    };

    /// <summary>The environment variable that holds the key.</summary>
    private protected abstract string KeyVariable { get; }

    /// <summary>The address that a user gave, or one sentence.</summary>
    private protected static Uri Parse(string address, string example) =>
        Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new InvalidInputException($"The store's address cannot be used: expected one such as {example}, without a key in it.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Api.Dispose();
        base.Dispose(disposing);
    }
}
