using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.CSharp;

/// <summary>A restored package's files.</summary>
/// <param name="Runtime">Assemblies to load.</param>
/// <param name="Compile">Assemblies to compile against, by name.</param>
/// <param name="NativeFolders">Folders with native libraries.</param>
sealed record RestoredPackages(IReadOnlyList<string> Runtime, IReadOnlyDictionary<string, string> Compile, IReadOnlyList<string> NativeFolders);

/// <summary>
/// Restores packages as a project would: by <c>dotnet restore</c> of a generated one, so that versions, sources and credentials are
/// those of the machine. A session's packages are restored together, so that their dependencies agree.
/// </summary>
sealed partial class PackageRestore
{
    readonly List<PackageRequest> packages = [];
    readonly List<string> sources = [];

    /// <summary>Adds a source.</summary>
    public void AddSource(string source)
    {
        if (!sources.Contains(source)) sources.Add(source);
    }

    /// <summary>Restores packages beside those of earlier cells.</summary>
    /// <returns>The files of all of them; null if nothing new was asked for.</returns>
    /// <exception cref="InvalidInputException">The restore failed: its own reason.</exception>
    public async Task<RestoredPackages?> RestoreAsync(IReadOnlyList<PackageRequest> wanted)
    {
        var added = wanted.Where(package => !packages.Any(known => IsSatisfied(known, package))).Distinct().ToList();
        if (added.Count == 0) return null;
        foreach (var package in added)
        {
            if (packages.Find(known => string.Equals(known.Name, package.Name, StringComparison.OrdinalIgnoreCase)) is { } known)
                throw new InvalidInputException($"{known.Name} {known.Version} is in use in this session: restart the kernel to use {package.Version}.");
        }

        var all = packages.Concat(added).OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var project = Project(all);
        var folder = Path.Combine(CacheFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..20]);
        var assets = Path.Combine(folder, "obj", "project.assets.json");
        var isPinned = all.All(package => package.Version is not null && !package.Version.Contains('*', StringComparison.Ordinal));
        var title = "Restoring " + string.Join(", ", added.Select(package => package.Name)) + "…";
        if (!isPinned || Read(assets) is not { } restored)
        {
            Directory.CreateDirectory(folder);
            var file = Path.Combine(folder, "packages.csproj");
            await File.WriteAllTextAsync(file, project).ConfigureAwait(false);
            await RunAsync(file, folder, title).ConfigureAwait(false);
            restored = Read(assets) ?? throw new InvalidInputException($"The restore of {string.Join(", ", added.Select(package => package.Name))} left no {assets}.");
        }

        packages.AddRange(added);
        return restored;
    }

    static bool IsSatisfied(PackageRequest known, PackageRequest wanted) =>
        string.Equals(known.Name, wanted.Name, StringComparison.OrdinalIgnoreCase) && (wanted.Version is null || wanted.Version == known.Version);

    static string CacheFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } data ? data : Path.GetTempPath(), "llmlab", "packages");

    string Project(IEnumerable<PackageRequest> all)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <Project>
              <PropertyGroup>
                <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
                <ImportDirectoryBuildTargets>false</ImportDirectoryBuildTargets>
                <ImportDirectoryPackagesProps>false</ImportDirectoryPackagesProps>
              </PropertyGroup>
              <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
              <PropertyGroup>
                <TargetFramework>net{Environment.Version.Major}.{Environment.Version.Minor}</TargetFramework>
                <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <DisableImplicitNuGetFallbackFolder>true</DisableImplicitNuGetFallbackFolder>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{SecurityElement.Escape(string.Join(';', sources))}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>

            """);
        foreach (var package in all)
            text.Append(CultureInfo.InvariantCulture, $"    <PackageReference Include=\"{package.Name}\" Version=\"{SecurityElement.Escape(package.Version ?? "*")}\" />\n");
        return text.Append("  </ItemGroup>\n  <Import Project=\"Sdk.targets\" Sdk=\"Microsoft.NET.Sdk\" />\n</Project>\n").ToString();
    }

    static async Task RunAsync(string project, string folder, string title)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["restore", project, "--nologo", "-v", "q", "-p:RestoreUseStaticGraphEvaluation=false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Variables of the build that started this process would change what the restore does.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var process = Start(start);
        var text = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            var clock = Stopwatch.StartNew();
            var exit = process.WaitForExitAsync();
            while (await Task.WhenAny(exit, Task.Delay(500)).ConfigureAwait(false) != exit)
                Operation.Current.Report(title, Math.Floor(clock.Elapsed.TotalSeconds), null, "seconds");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var output = string.Concat(await text.ConfigureAwait(false));
        if (process.ExitCode == 0) return;
        var reason = Reason().Match(output) is { Success: true } match ? match.Groups["text"].Value.Trim() : output.Trim();
        throw new InvalidInputException($"{title.TrimEnd('…')} failed: {reason}");
    }

    static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidInputException($"Packages are restored by the .NET SDK, whose `{start.FileName}` could not be started: {error.Message}.", error);
        }
    }

    /// <summary>Reads the restore's result; null if there is none or a file of it is gone.</summary>
    static RestoredPackages? Read(string assets)
    {
        if (!File.Exists(assets)) return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(assets));
        var root = document.RootElement;
        // A restore that failed leaves the file too.
        if (root.TryGetProperty("logs", out var logs) && logs.EnumerateArray().Any(log => log.GetProperty("level").GetString() == "Error")) return null;
        var roots = root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var target = root.GetProperty("targets").EnumerateObject().Last().Value;
        var runtime = new List<string>();
        var compile = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var natives = new List<string>();
        foreach (var library in target.EnumerateObject())
        {
            var path = root.GetProperty("libraries").GetProperty(library.Name).GetProperty("path").GetString()!;
            if (roots.Select(folder => Path.Combine(folder, path)).FirstOrDefault(Directory.Exists) is not { } folder) return null;
            runtime.AddRange(Assets(library.Value, "runtime", folder).Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)));
            foreach (var file in Assets(library.Value, "compile", folder)) compile[Path.GetFileNameWithoutExtension(file)] = file;
            natives.AddRange(Assets(library.Value, "native", folder).Select(file => Path.GetDirectoryName(file)!));
        }

        return runtime.All(File.Exists) ? new(runtime, compile, [.. natives.Distinct()]) : null;
    }

    static IEnumerable<string> Assets(JsonElement library, string kind, string folder) =>
        library.TryGetProperty(kind, out var files) ? files.EnumerateObject().Where(file => !file.Name.EndsWith("_._", StringComparison.Ordinal)).Select(file => Path.GetFullPath(Path.Combine(folder, file.Name))) : [];

    [GeneratedRegex(@"error\s+(?<text>(NU|NETSDK|MSB)\d+:\s*[^\r\n]*?)(\s*\[[^\]\r\n]*\])?\s*$", RegexOptions.Multiline)]
    private static partial Regex Reason();
}
