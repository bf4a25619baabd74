using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using LlmLab.Data;

namespace LlmLab.Tests.Data;

public sealed class DataDownloadTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-download-").FullName;
    readonly byte[] content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 % 251))];
    readonly DataFolder data;
    readonly CatalogEntry entry;

    public DataDownloadTests()
    {
        data = new DataFolder(Path.Combine(folder, "cache"), Path.Combine(folder, "kept"));
        entry = new("set", "A test set", "https://example.org", "MIT",
            [new("texts/a.bin", "https://example.org/a.bin", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length)]);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Target => data.CachePath(entry.Files[0]);

    [Fact]
    public async Task GetAsync_FreshDownload_IsCheckedAndUsedAgain()
    {
        var server = new Server(content);
        using var download = new DataDownload(data, server);
        var fetched = Assert.Single(await download.GetAsync(entry));
        Assert.True(fetched.Downloaded);
        Assert.Equal(content, File.ReadAllBytes(fetched.Path));
        Assert.False(Assert.Single(await download.GetAsync(entry)).Downloaded);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task GetAsync_BrokenOff_ResumesWhereItStopped()
    {
        using (var broken = new DataDownload(data, new Server(content) { BreakAfter = 100_000 }))
            await Assert.ThrowsAsync<InvalidInputException>(() => broken.GetAsync(entry));
        Assert.False(File.Exists(Target));
        var part = new FileInfo(Target + ".part").Length;
        Assert.InRange(part, 1, content.Length - 1);
        var server = new Server(content);
        using var download = new DataDownload(data, server);
        await download.GetAsync(entry);
        Assert.Equal(part, server.LastFrom);
        Assert.Equal(content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".part"));
    }

    [Fact]
    public async Task GetAsync_OtherContent_IsRefusedAndNotKept()
    {
        using var download = new DataDownload(data, new Server([.. content.Reverse()]));
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => download.GetAsync(entry));
        Assert.Contains(entry.Files[0].Sha256, e.Message);
        Assert.Empty(Directory.EnumerateFiles(data.Cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task GetAsync_NoNetwork_SaysWhatToDo()
    {
        using var download = new DataDownload(data, new Server(content) { Offline = true });
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => download.GetAsync(entry));
        Assert.Contains("https://example.org/a.bin", e.Message);
        Assert.Contains("LLMLAB_DATA", e.Message);
    }

    [Theory]
    [InlineData("texts/a.bin")]
    [InlineData("elsewhere/under-another-name")]
    public async Task GetAsync_MatchingFileInTheKeptFolder_NeedsNoNetwork(string path)
    {
        var kept = Path.Combine(data.Kept!, path);
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.WriteAllBytes(kept, content);
        using var download = new DataDownload(data, new Server(content) { Offline = true });
        Assert.Equal(kept, Assert.Single(await download.GetAsync(entry)).Path);
    }

    [Fact]
    public async Task GetAsync_KeptFileWithOtherContent_IsNotUsed()
    {
        var kept = Path.Combine(data.Kept!, "texts/a.bin");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.WriteAllBytes(kept, [.. content.Reverse()]);
        using var download = new DataDownload(data, new Server(content));
        Assert.Equal(Target, Assert.Single(await download.GetAsync(entry)).Path);
    }

    [Fact]
    public async Task GetAsync_PackedFile_IsUnpacked()
    {
        using var packed = new MemoryStream();
        using (var bzip2 = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(packed) { IsStreamOwner = false })
            bzip2.Write(content);
        var file = entry.Files[0] with { Pack = "bzip2" };
        using var download = new DataDownload(data, new Server(packed.ToArray()));
        Assert.Equal(content, File.ReadAllBytes(Assert.Single(await download.GetAsync(entry with { Files = [file] })).Path));
    }

    /// <summary>Answers every request with one content, as a file server with ranges does.</summary>
    sealed class Server(byte[] content) : HttpMessageHandler
    {
        public int Requests { get; private set; }
        public long LastFrom { get; private set; }
        public int? BreakAfter { get; init; }
        public bool Offline { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            if (Offline)
                throw new HttpRequestException("Name or service not known (example.org:443)");
            LastFrom = request.Headers.Range?.Ranges.First().From ?? 0;
            var rest = content[(int)LastFrom..];
            Stream stream = BreakAfter is { } bytes ? new Breaking(rest[..bytes]) : new MemoryStream(rest);
            var response = new HttpResponseMessage(LastFrom > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = new StreamContent(stream) };
            if (LastFrom > 0)
                response.Content.Headers.ContentRange = new ContentRangeHeaderValue(LastFrom, content.Length - 1, content.Length);
            return Task.FromResult(response);
        }
    }

    /// <summary>A connection that is reset after what it holds was read.</summary>
    sealed class Breaking(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == Length ? throw new IOException("Connection reset by peer") : base.ReadAsync(buffer, cancellationToken);
    }
}
