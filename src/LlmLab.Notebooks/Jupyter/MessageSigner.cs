using System.Security.Cryptography;
using System.Text;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// Signs messages and checks signatures: the HMAC of header, parent header, metadata and content, in hexadecimal. A signature is
/// accepted once, so that a recorded message can't be sent again. With an empty key nothing is signed or checked.
/// </summary>
public sealed class MessageSigner(string key, string scheme = "hmac-sha256")
{
    const int RememberedSignatures = 1 << 16;

    readonly byte[] key = Encoding.UTF8.GetBytes(key);
    readonly HashAlgorithmName hash = HashOf(scheme) ?? throw new ArgumentException($"unknown scheme {scheme}", nameof(scheme));
    readonly HashSet<string> seen = [];
    readonly Queue<string> seenInOrder = new();

    /// <summary>Whether a connection file's signature_scheme is known.</summary>
    public static bool IsSupported(string scheme) => HashOf(scheme) is not null;

    /// <summary>The signature of the four JSON parts; empty without a key.</summary>
    public string Sign(ReadOnlySpan<byte> header, ReadOnlySpan<byte> parent, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> content)
    {
        if (key.Length == 0) return "";
        using var hmac = IncrementalHash.CreateHMAC(hash, key);
        hmac.AppendData(header);
        hmac.AppendData(parent);
        hmac.AppendData(metadata);
        hmac.AppendData(content);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    /// <summary>Checks a received signature and remembers it. Called from one thread.</summary>
    /// <returns>Null if the message may be trusted, otherwise why not.</returns>
    public string? Reject(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> header, ReadOnlySpan<byte> parent, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> content)
    {
        if (key.Length == 0) return null;
        string expected = Sign(header, parent, metadata, content);
        if (!CryptographicOperations.FixedTimeEquals(signature, Encoding.ASCII.GetBytes(expected))) return "its signature is wrong";
        if (!seen.Add(expected)) return "its signature was used before";
        seenInOrder.Enqueue(expected);
        if (seenInOrder.Count > RememberedSignatures) seen.Remove(seenInOrder.Dequeue());
        return null;
    }

    static HashAlgorithmName? HashOf(string scheme) => scheme switch
    {
        "hmac-sha256" => HashAlgorithmName.SHA256,
        "hmac-sha384" => HashAlgorithmName.SHA384,
        "hmac-sha512" => HashAlgorithmName.SHA512,
        "hmac-sha1" => HashAlgorithmName.SHA1,
        "hmac-md5" => HashAlgorithmName.MD5,
        _ => null,
    };
}
