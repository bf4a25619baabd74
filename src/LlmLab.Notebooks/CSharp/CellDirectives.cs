using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace LlmLab.Notebooks.CSharp;

/// <summary>A package asked for by <c>#r "nuget: Name, Version"</c>.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Version">Its version or range, or null for the latest stable one.</param>
sealed record PackageRequest(string Name, string? Version);

/// <summary>What a cell asks for before its code runs.</summary>
/// <param name="Code">The cell with these lines blanked.</param>
/// <param name="Files">Assemblies: <c>#r "file.dll"</c>.</param>
/// <param name="Packages">Packages: <c>#r "nuget: Name, Version"</c>.</param>
/// <param name="Sources">Package sources: <c>#i "nuget: address"</c>.</param>
/// <param name="Scripts">Scripts to run first: <c>#load "file.csx"</c>.</param>
sealed partial record CellDirectives(string Code, IReadOnlyList<string> Files, IReadOnlyList<PackageRequest> Packages, IReadOnlyList<string> Sources, IReadOnlyList<string> Scripts)
{
    /// <summary>Reads and blanks the directives, wherever in the cell they stand.</summary>
    /// <exception cref="InvalidInputException">One of them is malformed.</exception>
    public static CellDirectives Of(string code)
    {
        var lines = Line().Matches(code);
        if (lines.Count == 0) return new(code, [], [], [], []);

        var root = CellSyntax.Parse(code).Root;
        var characters = code.ToCharArray();
        List<string> files = [], sources = [], scripts = [];
        var packages = new List<PackageRequest>();
        foreach (Match line in lines)
        {
            // A line of a raw string may look like one.
            if (!root.FindTrivia(line.Groups["name"].Index).IsDirective) continue;
            var (name, argument) = (line.Groups["name"].Value, line.Groups["argument"].Value.Trim());
            if (Quoted().Match(argument) is not { Success: true } quoted)
                throw new InvalidInputException($"""#{name} {argument} is not understood: write #r "file.dll", #r "nuget: Name, Version", #i "nuget: source" or #load "file.csx".""");
            var value = quoted.Groups["value"].Value.Trim();
            if (name == "load") scripts.Add(value);
            else if (name == "i") sources.Add(NuGet().Match(value) is { Success: true } source ? source.Groups["rest"].Value.Trim() : value);
            else if (NuGet().Match(value) is { Success: true } package) packages.Add(Package(package.Groups["rest"].Value));
            else files.Add(value);
            for (var i = line.Index; i < line.Index + line.Length; i++) if (characters[i] is not ('\r' or '\n')) characters[i] = ' ';
        }

        return new(new string(characters), files, packages, sources, scripts);
    }

    /// <summary>The code with directive lines blanked, whether they are right or not.</summary>
    public static string Blank(string code) => Line().Replace(code, line => new string(' ', line.Length));

    static PackageRequest Package(string text)
    {
        var parts = text.Split(',', 2, StringSplitOptions.TrimEntries);
        var isVersionGood = parts.Length == 1 || PackageVersion().IsMatch(parts[1]);
        if (!PackageName().IsMatch(parts[0]) || !isVersionGood)
            throw new InvalidInputException($"""#r "nuget: {text.Trim()}" is not understood: write #r "nuget: Name, Version", for example #r "nuget: Humanizer.Core, 2.14.1".""");
        return new(parts[0], parts.Length == 1 ? null : parts[1]);
    }

    [GeneratedRegex(@"^[ \t]*#(?<name>r|i|load)\b(?<argument>[^\r\n]*)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^""(?<value>[^""]+)""\s*(//.*)?$")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^nuget\s*:\s*(?<rest>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex NuGet();

    [GeneratedRegex(@"^[A-Za-z0-9_][\w.\-]*$")]
    private static partial Regex PackageName();

    [GeneratedRegex(@"^[\[\(]?\s*[\w.\-+*]*(\s*,\s*[\w.\-+*]*)?\s*[\]\)]?$")]
    private static partial Regex PackageVersion();
}
