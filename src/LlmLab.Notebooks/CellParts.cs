using System.Text.RegularExpressions;

namespace LlmLab.Notebooks;

/// <summary>A stretch of a cell in one language, or one command of the session.</summary>
/// <param name="Name">The language, or the command's name if <paramref name="IsCommand"/>.</param>
/// <param name="Code">The text, empty for a command.</param>
/// <param name="Start">Where the text begins in the cell, in UTF-16 units.</param>
/// <param name="Line">The cell's line, from 0, on which the text begins.</param>
/// <param name="IsCommand">True for <c>#!time</c>, <c>#!who</c>, <c>#!whos</c>.</param>
sealed record CellPart(string Name, string Code, int Start, int Line, bool IsCommand = false)
{
    /// <summary>The text with an empty line for each of the cell's lines before it, so that errors name the cell's own lines.</summary>
    public string PaddedCode => new string('\n', Line) + Code;

    /// <summary>Whether there is anything to run.</summary>
    public bool IsBlank => !IsCommand && string.IsNullOrWhiteSpace(Code);
}

/// <summary>Splits a cell at its <c>#!name</c> lines.</summary>
static partial class CellParts
{
    /// <summary>Commands of the session, by name, with what they do.</summary>
    public static IReadOnlyList<string> Commands { get; } = ["time", "who", "whos"];

    /// <param name="code">The cell.</param>
    /// <param name="language">The language it begins in.</param>
    /// <param name="resolve">The language of a name or an alias, or null.</param>
    /// <exception cref="InvalidInputException">An unknown name, or words after a known one.</exception>
    public static IReadOnlyList<CellPart> Split(string code, string language, Func<string, string?> resolve, IEnumerable<string> known)
    {
        var parts = new List<CellPart>();
        string current = language;
        int start = 0, startLine = 0, line = 0;
        for (int position = 0; position < code.Length; line++)
        {
            int end = code.IndexOf('\n', position);
            int next = end < 0 ? code.Length : end + 1;
            var match = Marker().Match(code[position..next].TrimEnd());
            if (match.Success)
            {
                Close(position);
                string name = match.Groups["name"].Value;
                bool isCommand = Commands.Contains(name);
                string resolved = isCommand ? name : resolve(name) ?? throw Unknown(name, line, known);
                if (match.Groups["rest"].Length > 0)
                    throw new InvalidInputException($"Line {line + 1} of the cell has \"{match.Groups["rest"].Value}\" after #!{name}: expected nothing there; code starts on the next line.");
                if (isCommand) parts.Add(new CellPart(name, "", position, line, IsCommand: true));
                else current = resolved;
                start = next;
                startLine = line + 1;
            }
            position = next;
        }
        Close(code.Length);
        return parts;

        void Close(int end)
        {
            // A cell without text still has one part, so that there is a language to complete in.
            if (end > start || (end == code.Length && parts.Count == 0)) parts.Add(new CellPart(current, code[start..end], start, startLine));
        }
    }

    static InvalidInputException Unknown(string name, int line, IEnumerable<string> known) =>
        new($"Line {line + 1} of the cell has #!{name}, which is unknown here: known are {string.Join(", ", Commands.Concat(known).Select(n => "#!" + n))}.");

    // "#!/bin/bash" is a script's first line, no language.
    [GeneratedRegex(@"^#!(?<name>[A-Za-z][\w#+.\-]*)(?:\s+(?<rest>\S.*))?$")]
    private static partial Regex Marker();
}
