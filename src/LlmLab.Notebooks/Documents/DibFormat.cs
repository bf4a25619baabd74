using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.Documents;

/// <summary>
/// The <c>.dib</c> format of .NET Interactive and Polyglot Notebooks: plain text, <c>#!language</c> before each cell, optionally
/// <c>#!meta</c> with JSON first. It holds no outputs, identifiers or cell metadata. So that parameters survive, a cell that begins
/// with the line <c>// parameters</c> has that tag.
/// </summary>
static partial class DibFormat
{
    const string ParametersLine = "// parameters";
    static readonly string[] known =
        ["csharp", "c#", "fsharp", "f#", "pwsh", "powershell", "html", "javascript", "js", "mermaid", "sql", "kql", "http", "value", "markdown", "md", "svg", "bash", "sh", "raw"];
    static readonly Dictionary<string, string> fullNames = new() { ["c#"] = "csharp", ["f#"] = "fsharp", ["powershell"] = "pwsh", ["js"] = "javascript", ["md"] = "markdown", ["sh"] = "bash" };
    static readonly JsonSerializerOptions oneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="InvalidInputException">The JSON after #!meta is broken.</exception>
    public static Notebook Read(string text, string name)
    {
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        var cells = new List<NotebookCell>();
        var identifiers = new CellIdentifiers();
        var metadata = Notebook.NewMetadata();
        string main = "csharp", language = main;
        var languages = new HashSet<string>(known, StringComparer.Ordinal);
        var source = new List<string>();
        int sourceLine = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Marker().Match(lines[i]) is not { Success: true } marker || !(marker.Groups[1].Value is "meta" || languages.Contains(marker.Groups[1].Value)))
            {
                source.Add(lines[i]);
                continue;
            }
            Close();
            language = fullNames.GetValueOrDefault(marker.Groups[1].Value, marker.Groups[1].Value);
            sourceLine = i + 1;
        }
        Close();
        return new Notebook(cells) { Metadata = metadata };

        void Close()
        {
            int contentLine = sourceLine + source.TakeWhile(string.IsNullOrWhiteSpace).Count();
            string content = Trim(source);
            source.Clear();
            if (content.Length == 0) return;
            if (language == "meta")
            {
                ReadMeta(content, contentLine);
                return;
            }
            bool isParameters = content.StartsWith(ParametersLine, StringComparison.Ordinal) && (content.Length == ParametersLine.Length || content[ParametersLine.Length] == '\n');
            if (isParameters) content = content[ParametersLine.Length..].TrimStart('\n');
            var kind = language switch { "markdown" => CellKind.Markdown, "raw" => CellKind.Raw, _ => CellKind.Code };
            var cellMetadata = kind == CellKind.Code && language != main ? NotebookCell.LanguageMetadata(language) : [];
            if (isParameters) cellMetadata["tags"] = new JsonArray("parameters");
            cells.Add(new NotebookCell(identifiers.Take(null, cells.Count, content), kind, content) { Metadata = cellMetadata });
        }

        void ReadMeta(string json, int line)
        {
            try
            {
                if (JsonNode.Parse(json) is not JsonObject meta) throw new JsonException("expected an object");
                if (meta["kernelInfo"] is not JsonObject info) return;
                main = info.Text("defaultKernelName") ?? main;
                ((JsonObject)metadata["polyglot_notebook"]!)["kernelInfo"]!["defaultKernelName"] = main;
                foreach (var item in info["items"] as JsonArray ?? [])
                    if ((item as JsonObject)?.Text("name") is { } named) languages.Add(named);
            }
            catch (JsonException e)
            {
                throw new InvalidInputException($"{name}, line {line + 1 + (e.LineNumber ?? 0)}: what follows #!meta is not JSON ({e.Message.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.', ' ')}).", e);
            }
        }
    }

    public static string Write(Notebook notebook)
    {
        string main = notebook.DefaultLanguage;
        var items = new JsonArray([.. notebook.Cells.Select(c => LanguageOf(c, main)).Append(main).Where(l => l != "raw").Distinct().Order(StringComparer.Ordinal)
            .Select(l => (JsonNode)new JsonObject { ["aliases"] = new JsonArray(), ["name"] = l })]);
        var meta = new JsonObject { ["kernelInfo"] = new JsonObject { ["defaultKernelName"] = main, ["items"] = items } };
        var text = new StringBuilder("#!meta\n\n").Append(meta.ToJsonString(oneLine)).Append('\n');
        foreach (var cell in notebook.Cells)
        {
            text.Append("\n#!").Append(LanguageOf(cell, main)).Append("\n\n");
            if (cell.Tags.Contains("parameters")) text.Append(ParametersLine).Append('\n');
            text.Append(Trim(cell.Source.ReplaceLineEndings("\n").Split('\n'))).Append('\n');
        }
        return text.ToString();
    }

    static string LanguageOf(NotebookCell cell, string main) =>
        cell.Kind switch { CellKind.Markdown => "markdown", CellKind.Raw => "raw", _ => cell.Language ?? main };

    static string Trim(IReadOnlyList<string> lines)
    {
        int first = 0, last = lines.Count - 1;
        while (first <= last && string.IsNullOrWhiteSpace(lines[first])) first++;
        while (last >= first && string.IsNullOrWhiteSpace(lines[last])) last--;
        return string.Join('\n', lines.Skip(first).Take(last - first + 1));
    }

    [GeneratedRegex(@"^#!([A-Za-z][\w#+.\-]*)\s*$")]
    private static partial Regex Marker();
}
