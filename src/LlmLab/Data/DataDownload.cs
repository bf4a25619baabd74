using System.Net;
using System.Net.Http.Headers;
using ICSharpCode.SharpZipLib.BZip2;

namespace LlmLab.Data;

/// <summary>A file of a data set, as it was found or fetched.</summary>
/// <param name="File">The catalog's file.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Downloaded">False where a matching file was already there.</param>
public sealed record FetchedFile(CatalogFile File, string Path, bool Downloaded);

/// <summary>
/// Fetches a catalog entry's files into the cache: what is already on the machine is used where it lies, a download that broke off is
/// resumed, and nothing takes its final name before its SHA-256 is the catalog's.
/// </summary>
/// <param name="folder">Where files are looked for and put.</param>
/// <param name="handler">How requests are sent; null means the network.</param>
public sealed class DataDownload(DataFolder folder, HttpMessageHandler? handler = null) : IDisposable
{
    readonly HttpClient client = new(handler ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) }, disposeHandler: handler is null)
    {
        // The whole of a large file may take long; Ctrl+C and the connect timeout end what hangs.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Gets every file of an entry.</summary>
    /// <exception cref="InvalidInputException">No network, a server's refusal, or content that is not the catalog's; a sentence with the file and what to do.</exception>
    public async Task<IReadOnlyList<FetchedFile>> GetAsync(CatalogEntry entry)
    {
        var fetched = new List<FetchedFile>();
        long done = 0;
        foreach (var file in entry.Files)
        {
            if (folder.Find(file, entry.SystemFolder) is { } present)
                fetched.Add(new FetchedFile(file, present, Downloaded: false));
            else
                fetched.Add(new FetchedFile(file, await DownloadAsync(entry, file, done), Downloaded: true));
            done += file.Bytes;
            Operation.Current.Report($"data {entry.Name}", done, entry.Bytes, "bytes", file.Path);
        }
        return fetched;
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    async Task<string> DownloadAsync(CatalogEntry entry, CatalogFile file, long doneBefore)
    {
        if (file.Url is null)
            throw new InvalidInputException($"The data set {entry.Name} is no download: {entry.Note ?? "see " + entry.Homepage}. {file.Path} was looked for in {folder.Cache}, {folder.Kept ?? "no kept folder"} and {entry.SystemFolder}.");
        var target = folder.CachePath(file);
        var partial = target + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            await FetchAsync(entry, file, partial, doneBefore);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !Operation.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidInputException($"{file.Url} could not be downloaded ({e.Message}): check the network, or put {Path.GetFileName(file.Path)} (SHA-256 {file.Sha256}) into a folder that LLMLAB_DATA names; what has come so far is kept and resumed.", e);
        }
        if (file.Pack == "bzip2")
            Unpack(partial);
        var hash = DataFolder.Sha256(partial);
        if (hash != file.Sha256)
        {
            File.Delete(partial);
            throw new InvalidInputException($"{file.Url} has SHA-256 {hash}, the catalog says {file.Sha256}: the source has changed or something on the way alters downloads; the file was not kept.");
        }
        File.Move(partial, target, overwrite: true);
        return target;
    }

    async Task FetchAsync(CatalogEntry entry, CatalogFile file, string partial, long doneBefore)
    {
        var cancel = Operation.Current.CancellationToken;
        var present = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        // Of a packed file the catalog knows the unpacked size only, so it can't be told whether the part is already the whole.
        if (file.Pack is null && present >= file.Bytes)
        {
            if (present == file.Bytes)
                return;
            File.Delete(partial);
            present = 0;
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Url);
        if (present > 0)
            request.Headers.Range = new RangeHeaderValue(present, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            return;
        response.EnsureSuccessStatusCode();
        var resumes = response.StatusCode == HttpStatusCode.PartialContent;
        await using var target = new FileStream(partial, resumes ? FileMode.Append : FileMode.Create);
        await using var source = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[1 << 16];
        for (int read; (read = await source.ReadAsync(buffer, cancel)) > 0;)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancel);
            Operation.Current.Report($"data {entry.Name}", doneBefore + Math.Min(target.Length, file.Bytes), entry.Bytes, "bytes", file.Path);
        }
    }

    static void Unpack(string path)
    {
        var unpacked = path + ".unpacked";
        try
        {
            using (var source = File.OpenRead(path))
            using (var packed = new BZip2InputStream(source))
            using (var target = File.Create(unpacked))
                packed.CopyTo(target);
        }
        catch (BZip2Exception e)
        {
            File.Delete(unpacked);
            File.Delete(path);
            throw new InvalidInputException($"{Path.GetFileName(path)} is not the bzip2 file that was expected ({e.Message}): it was not kept.", e);
        }
        File.Move(unpacked, path, overwrite: true);
    }
}
