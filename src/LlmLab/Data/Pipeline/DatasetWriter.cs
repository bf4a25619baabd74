using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace LlmLab.Data.Pipeline;

/// <summary>A document ready to be written: its line, and what the balance report counts of it.</summary>
sealed record PreparedDocument(byte[] Line, int TextBytes, DocumentTraits Traits);

/// <summary>Writes the data set's file and the hashes that name it.</summary>
sealed class DatasetWriter(string path) : IDisposable
{
    readonly FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
    readonly IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5); // DVC's choice, for its file; not for security
    readonly BalanceTally balance = new();

    public long Documents { get; private set; }
    public long Bytes { get; private set; }
    public long FileBytes { get; private set; }
    public string Hash { get; private set; } = "";
    public string FileMd5 { get; private set; } = "";
    public BalanceReport Balance => balance.Report();

    /// <summary>The costly part of writing a document, for many threads.</summary>
    public static PreparedDocument Prepare(Document document)
    {
        var buffer = new ArrayBufferWriter<byte>(document.Text.Length + 512);
        DocumentJson.Write(buffer, document);
        return new PreparedDocument(buffer.WrittenSpan.ToArray(), Encoding.UTF8.GetByteCount(document.Text), DocumentTraits.Of(document));
    }

    public void Add(Document document, PreparedDocument prepared)
    {
        file.Write(prepared.Line);
        sha256.AppendData(prepared.Line);
        md5.AppendData(prepared.Line);
        Documents++;
        Bytes += prepared.TextBytes;
        FileBytes += prepared.Line.Length;
        balance.Add(document, prepared.Traits, prepared.TextBytes);
    }

    public void Dispose()
    {
        if (Hash.Length > 0) return;
        Hash = Convert.ToHexStringLower(sha256.GetCurrentHash());
        FileMd5 = Convert.ToHexStringLower(md5.GetCurrentHash());
        file.Flush(flushToDisk: true);
        file.Dispose();
        sha256.Dispose();
        md5.Dispose();
    }
}
