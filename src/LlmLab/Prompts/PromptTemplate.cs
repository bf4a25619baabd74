using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fluid;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmLab.Prompts;

/// <summary>What a variable of a prompt may hold.</summary>
public enum PromptVariableType { Text, Number, Boolean, List }

/// <summary>A variable of a prompt.</summary>
/// <param name="Name">Its name in the template.</param>
/// <param name="Type">What it may hold; a list holds texts, or dictionaries from a member's name to its value.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Optional">It may be left out; then it is empty.</param>
public sealed record PromptVariable(string Name, PromptVariableType Type, string Description, bool Optional);

/// <summary>
/// A prompt as a file: YAML front matter that names it, its version and its variables with their types, then the text in Liquid (rendered by
/// Fluid). What is given is checked against what is declared.
/// <code>
/// ---
/// name: answer
/// version: 2
/// description: answers from passages
/// variables:
///   question: text, what is asked
///   passages: list, what was found; each with number, title and text
///   tone: text?, how to speak
/// ---
/// {% for passage in passages %}[{{ passage.number }}] {{ passage.text }}
/// {% endfor %}Question: {{ question }}
/// </code>
/// </summary>
public sealed class PromptTemplate
{
    static readonly FluidParser parser = new();

    readonly IFluidTemplate body;
    readonly string where;

    PromptTemplate(string where, string name, string version, string description, IReadOnlyList<PromptVariable> variables, string text, IFluidTemplate body)
    {
        (this.where, Name, Version, Description, Variables, Text, this.body) = (where, name, version, description, variables, text, body);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
    }

    /// <summary>Its name; versions of one prompt share it.</summary>
    public string Name { get; }
    /// <summary>Its version: numbers with dots.</summary>
    public string Version { get; }
    /// <summary>What it is for.</summary>
    public string Description { get; }
    /// <summary>Its variables.</summary>
    public IReadOnlyList<PromptVariable> Variables { get; }
    /// <summary>The text, in Liquid.</summary>
    public string Text { get; }
    /// <summary>The first digits of the SHA-256 of the text: two prompts of one version can be told apart.</summary>
    public string Hash { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidInputException">It is missing or not a prompt.</exception>
    public static PromptTemplate Load(string path) => File.Exists(path) ? Parse(File.ReadAllText(path), path) : throw new InvalidInputException($"The prompt {path} does not exist.");

    /// <summary>Reads a text.</summary>
    /// <param name="file">Front matter and text.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="InvalidInputException">It is not a prompt, or its text uses a variable that it does not declare.</exception>
    public static PromptTemplate Parse(string file, string where)
    {
        file = file.ReplaceLineEndings("\n");
        int end = file.StartsWith("---\n", StringComparison.Ordinal) ? file.IndexOf("\n---\n", 3, StringComparison.Ordinal) : -1;
        if (end < 0) throw new InvalidInputException($"{where} has no front matter: a prompt begins with a line \"---\", its name, version and variables, and another \"---\".");
        var (fields, variables) = FrontMatter(file[4..(end + 1)], where);
        string Field(string name) => fields.TryGetValue(name, out string? value) && value.Length > 0 ? value : throw new InvalidInputException($"{where} has no \"{name}\" in its front matter.");
        string version = Field("version");
        if (!version.Split('.').All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))) throw new InvalidInputException($"{where} has the version \"{version}\": expected numbers with dots, such as 2 or 1.3.");
        string text = file[(end + 5)..].TrimEnd('\n');
        if (!parser.TryParse(text, out var body, out string error)) throw new InvalidInputException($"{where} cannot be read: {error.ReplaceLineEndings(" ").TrimEnd('.')}.");
        if (VariableNames.UsedBy(body).FirstOrDefault(name => variables.All(variable => variable.Name != name)) is { } undeclared)
            throw new InvalidInputException($"{where} uses {{{{ {undeclared} }}}}, which its front matter does not declare: add it under \"variables\".");
        return new PromptTemplate(where, Field("name"), version, fields.GetValueOrDefault("description", ""), variables, text, body);
    }

    /// <summary>The prompt with its variables filled in. What is filled in is text; it is never read as Liquid.</summary>
    /// <exception cref="InvalidInputException">A variable is missing, unknown or of another type.</exception>
    public string Render(IReadOnlyDictionary<string, object?> values)
    {
        if (values.Keys.FirstOrDefault(key => Variables.All(variable => variable.Name != key)) is { } unknown)
            throw new InvalidInputException($"The prompt {Name} {Version} has no variable \"{unknown}\"; it has {string.Join(", ", Variables.Select(variable => variable.Name))}.");
        var context = new TemplateContext(new TemplateOptions { StrictFilters = true, CultureInfo = CultureInfo.InvariantCulture });
        foreach (var variable in Variables)
        {
            values.TryGetValue(variable.Name, out object? value);
            if (value is null && !variable.Optional) throw new InvalidInputException($"The prompt {Name} {Version} needs the variable \"{variable.Name}\" ({variable.Description}): none was given.");
            if (value is not null && !Fits(value, variable.Type)) throw new InvalidInputException($"The prompt {Name} {Version} needs {variable.Type.ToString().ToLowerInvariant()} in \"{variable.Name}\", found {value.GetType().Name}.");
            context.SetValue(variable.Name, value);
        }
        try
        {
            return body.Render(context);
        }
        catch (Exception e) when (e is FluidException or InvalidOperationException)
        {
            throw new InvalidInputException($"The prompt {Name} {Version} cannot be filled in: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version} ({where})";

    static bool Fits(object value, PromptVariableType type) => type switch
    {
        PromptVariableType.Text => value is string,
        PromptVariableType.Number => value is int or long or double or float or decimal,
        PromptVariableType.Boolean => value is bool,
        _ => value is IEnumerable and not string,
    };

    static (Dictionary<string, string> Fields, List<PromptVariable> Variables) FrontMatter(string text, string where)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var variables = new List<PromptVariable>();
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException)   // the latter for a bracket that is never closed
        {
            string line = e is YamlException { Start.Line: var at } ? $", line {at + 1}" : "";
            throw new InvalidInputException($"{where}{line}: the front matter is not YAML ({e.Message.Split('\n')[0].TrimEnd('.')}).", e);
        }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode map }]) throw new InvalidInputException($"{where} has front matter without fields: it needs name and version.");
        foreach (var (key, node) in map.Children)
        {
            string name = ((YamlScalarNode)key).Value ?? "";
            if (name != "variables") fields[name] = (node as YamlScalarNode)?.Value ?? "";
            else if (node is YamlMappingNode declared)
                variables.AddRange(declared.Children.Select(child => Variable(((YamlScalarNode)child.Key).Value ?? "", (child.Value as YamlScalarNode)?.Value ?? "", where)));
        }
        return (fields, variables);
    }

    // "list?, what it is for": the type, a question mark where it may be left out, the description.
    static PromptVariable Variable(string name, string declared, string where)
    {
        string[] parts = declared.Split(',', 2, StringSplitOptions.TrimEntries);
        string type = parts[0].TrimEnd('?');
        return Enum.TryParse<PromptVariableType>(type, ignoreCase: true, out var known) && !int.TryParse(type, out _)
            ? new PromptVariable(name, known, parts.Length > 1 ? parts[1] : "", parts[0].EndsWith('?'))
            : throw new InvalidInputException($"{where} declares \"{name}\" as \"{type}\": types are text, number, boolean and list, with a ? where it may be left out.");
    }
}
