using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Prompts;

/// <summary>
/// Turns a chat template in Jinja (the language of <c>chat_template</c> in Hugging Face's tokenizer_config.json) into Liquid, which Fluid
/// renders. Liquid has no joining, no negation and no brackets: such parts are computed step by step into variables of their own. Blocks
/// are trimmed as transformers does it (trim_blocks, lstrip_blocks).
/// </summary>
sealed partial class LiquidWriter
{
    readonly StringBuilder liquid = new();
    readonly Stack<(string Kind, int Nested)> open = new();
    int variables;

    /// <summary>The template in Liquid.</summary>
    /// <exception cref="InvalidInputException">It uses what lies outside the subset.</exception>
    public static string Translate(string jinja)
    {
        var writer = new LiquidWriter();
        int at = 0;
        foreach (Match mark in Mark().Matches(jinja))
        {
            writer.Text(Trimmed(jinja, at, mark.Index, mark));
            at = mark.Index + mark.Length;
            if (mark.Groups["close"].Value.StartsWith('-')) while (at < jinja.Length && char.IsWhiteSpace(jinja[at])) at++;
            else if (mark.Value[1] is '%' or '#' && at < jinja.Length && jinja[at] == '\n') at++;
            if (mark.Value[1] == '{') writer.Output(JinjaParser.Parse(mark.Groups["body"].Value));
            else if (mark.Value[1] == '%') writer.Statement(mark.Groups["body"].Value.Trim());
        }
        string rest = jinja[at..];
        if (rest.Contains("{%", StringComparison.Ordinal) || rest.Contains("{{", StringComparison.Ordinal)) throw new InvalidInputException("The chat template has a {% or {{ that is never closed.");
        // Jinja drops one line end at the very end of a template.
        writer.Text(rest.EndsWith('\n') ? rest[..^1] : rest);
        if (writer.open.TryPeek(out var left)) throw new InvalidInputException($"The chat template has a {{% {left.Kind} %}} that is never ended.");
        return writer.liquid.ToString();
    }

    static string Trimmed(string jinja, int from, int to, Match mark)
    {
        string text = jinja[from..to];
        if (mark.Groups["open"].Value.EndsWith('-')) return text.TrimEnd();
        if (mark.Value[1] == '{') return text;
        // Spaces before a block that begins its line.
        int line = text.LastIndexOf('\n') + 1;
        bool beginsLine = line > 0 || from == 0 || jinja[from - 1] == '\n';
        return beginsLine && text[line..].All(c => c is ' ' or '\t') ? text[..line] : text;
    }

    // A string first: appending an interpolated one would write its beginning before what its parts compute.
    void Write(string tag) => liquid.Append(tag);

    void Text(string text)
    {
        if (text.Length == 0) return;
        if (text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal)) liquid.Append("{% raw %}").Append(text).Append("{% endraw %}");
        else liquid.Append(text);
    }

    void Statement(string statement)
    {
        string word = statement.Split([' ', '\n', '\t'], 2)[0], rest = statement[word.Length..].Trim();
        switch (word)
        {
            case "for" when Loop().Match(rest) is { Success: true } loop:
                string list = Value(JinjaParser.Parse(loop.Groups[2].Value));
                Write($"{{% for {loop.Groups[1].Value} in {list} %}}");
                open.Push(("for", 0));
                break;
            case "if":
                If(rest);
                open.Push(("if", 0));
                break;
            case "elif" when open.TryPop(out var chain) && chain.Kind == "if":
                // As an if inside an else: what its condition needs can be computed there.
                liquid.Append("{% else %}");
                If(rest);
                open.Push(("if", chain.Nested + 1));
                break;
            case "else" when open.TryPeek(out var branch) && branch.Kind == "if":
                liquid.Append("{% else %}");
                break;
            case "endif" when open.TryPop(out var ended) && ended.Kind == "if":
                for (int i = 0; i <= ended.Nested; i++) liquid.Append("{% endif %}");
                break;
            case "endfor" when open.TryPop(out var finished) && finished.Kind == "for":
                liquid.Append("{% endfor %}");
                break;
            case "set" when Setting().Match(rest) is { Success: true } set:
                Assign(set.Groups[1].Value, JinjaParser.Parse(set.Groups[2].Value));
                break;
            case "generation" or "endgeneration":
                break; // marks what is learned; nothing to write
            default:
                throw new InvalidInputException($"The chat template has {{% {statement} %}}: supported are for … in, if, elif, else, set, endfor and endif, each where it belongs.");
        }
    }

    void If(string condition) => Write($"{{% if {Condition(JinjaParser.Parse(condition))} %}}");

    void Output(JinjaExpression expression)
    {
        switch (expression)
        {
            case JinjaExpression.Literal { Value: string text }:
                Text(text);
                break;
            case JinjaExpression.Join join:
                foreach (var part in join.Parts) Output(part);
                break;
            case JinjaExpression.Choice choice:
                Write($"{{% if {Condition(choice.Condition)} %}}");
                Output(choice.Then);
                liquid.Append("{% else %}");
                Output(choice.Else);
                liquid.Append("{% endif %}");
                break;
            case JinjaExpression.Raise raise:
                Write($"{{% raise {Value(raise.Message)} %}}");
                break;
            default:
                Write($"{{{{ {Value(expression)} }}}}");
                break;
        }
    }

    void Assign(string name, JinjaExpression expression)
    {
        if (expression is JinjaExpression.Join or JinjaExpression.Choice or JinjaExpression.Literal { Value: string })
        {
            Write($"{{% capture {name} %}}");
            Output(expression);
            liquid.Append("{% endcapture %}");
        }
        else Write($"{{% assign {name} = {Value(expression)} %}}");
    }

    /// <summary>A plain operand of Liquid; what is more is computed into a variable first.</summary>
    string Value(JinjaExpression expression)
    {
        switch (expression)
        {
            case JinjaExpression.Literal { Value: string text } literal:
                if (text.Contains('\n') || text.Contains('"')) return Step(name => Assign(name, literal));
                return $"\"{text}\"";
            case JinjaExpression.Literal literal:
                return literal.Value switch { null => "nil", bool truth => truth ? "true" : "false", _ => Convert.ToString(literal.Value, CultureInfo.InvariantCulture)! };
            case JinjaExpression.Path path:
                return string.Concat(path.Parts.Select(part => part is int index ? $"[{index}]" : $".{part}").Prepend(path.Name == "loop" ? "forloop" : path.Name));
            case JinjaExpression.Filter filter:
                string filtered = Value(filter.Value);
                return Step(name => Write($"{{% assign {name} = {filtered} | {Filter(filter.Name)} %}}"));
            case JinjaExpression.From from:
                string whole = Value(from.Value);
                return Step(name => Write($"{{% assign {name} = {whole} | from: {from.Start} %}}"));
            case JinjaExpression.Modulo modulo:
                var (left, right) = (Value(modulo.Left), Value(modulo.Right));
                return Step(name => Write($"{{% assign {name} = {left} | modulo: {right} %}}"));
            case JinjaExpression.Join or JinjaExpression.Choice:
                return Step(name => Assign(name, expression));
            case JinjaExpression.Raise:
                throw new InvalidInputException("The chat template uses the result of raise_exception: it has none.");
            default:
                return Step(name => Truth(name, expression));
        }
    }

    static string Filter(string name) => name switch { "trim" => "strip", "upper" => "upcase", "lower" => "downcase", "length" => "size", _ => "json" };

    /// <summary>A condition that Liquid can evaluate in one go.</summary>
    string Condition(JinjaExpression expression)
    {
        switch (expression)
        {
            case JinjaExpression.Comparison { Operator: "in" } inside:
                var (part, whole) = (Value(inside.Left), Value(inside.Right));
                return $"{whole} contains {part}";
            case JinjaExpression.Comparison comparison:
                var (left, right) = (Value(comparison.Left), Value(comparison.Right));
                return $"{left} {comparison.Operator} {right}";
            case JinjaExpression.IsMissing missing:
                return $"{Value(missing.Value)} == nil";
            case JinjaExpression.Not { Value: JinjaExpression.IsMissing known }:
                return $"{Value(known.Value)} != nil";
            case JinjaExpression.Not or JinjaExpression.Both or JinjaExpression.Either:
                return Step(name => Truth(name, expression));
            default:
                // In Jinja empty texts and lists count as false, in Liquid they do not.
                string value = Value(expression);
                return Step(name => Write($"{{% assign {name} = {value} | truth %}}"));
        }
    }

    void Truth(string name, JinjaExpression expression)
    {
        void Set(bool truth) => Write($"{{% assign {name} = {(truth ? "true" : "false")} %}}");
        void Where(JinjaExpression condition, Action then)
        {
            Write($"{{% if {Condition(condition)} %}}");
            then();
            liquid.Append("{% endif %}");
        }
        Set(expression is JinjaExpression.Not);
        switch (expression)
        {
            case JinjaExpression.Not not:
                Where(not.Value, () => Set(false));
                break;
            case JinjaExpression.Both both:
                Where(both.Left, () => Where(both.Right, () => Set(true)));
                break;
            case JinjaExpression.Either either:
                Where(either.Left, () => Set(true));
                Where(either.Right, () => Set(true));
                break;
            default:
                Where(expression, () => Set(true));
                break;
        }
    }

    string Step(Action<string> compute)
    {
        string name = $"step_{++variables}";
        compute(name);
        return name;
    }

    [GeneratedRegex(@"(?<open>\{[%{#]-?)(?<body>(?:'(?:\\.|[^'\\])*'|""(?:\\.|[^""\\])*""|.)*?)(?<close>-?[%}#]\})", RegexOptions.Singleline)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^([A-Za-z_]\w*)\s+in\s+(.+)$", RegexOptions.Singleline)]
    private static partial Regex Loop();

    [GeneratedRegex(@"^([A-Za-z_]\w*)\s*=\s*(.+)$", RegexOptions.Singleline)]
    private static partial Regex Setting();
}
