using System.Security.Cryptography;

namespace LlmLab.Data.Pipeline;

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

    /// <summary>Appends lines.</summary>
    public void Write(ReadOnlySpan<byte> lines)
    {
        file.Write(lines);
        sha256.AppendData(lines);
        md5.AppendData(lines);
        FileBytes += lines.Length;
    }

    /// <summary>Counts a document whose line is written.</summary>
    public void Count(Document document, DocumentTraits traits, int textBytes)
    {
        Documents++;
        Bytes += textBytes;
        balance.Add(document, traits, textBytes);
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
