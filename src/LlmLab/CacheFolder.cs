namespace LlmLab;

/// <summary>
/// The user's cache folder for what can be had again: downloads, measured settings. <c>LLMLAB_CACHE</c> names it, else it is where the
/// operating system wants caches.
/// </summary>
public static class CacheFolder
{
    /// <summary>The folder's full path; it may not exist yet.</summary>
    public static string Path => Environment.GetEnvironmentVariable("LLMLAB_CACHE") is { Length: > 0 } named
        ? System.IO.Path.GetFullPath(named)
        : System.IO.Path.Combine(SystemFolder(), "llmlab");

    static string SystemFolder()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
            home = System.IO.Path.GetTempPath();
        if (OperatingSystem.IsMacOS())
            return System.IO.Path.Combine(home, "Library", "Caches");
        // XDG Base Directory Specification: a path that is not absolute is ignored.
        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named && System.IO.Path.IsPathRooted(named)
            ? named
            : System.IO.Path.Combine(home, ".cache");
    }
}
