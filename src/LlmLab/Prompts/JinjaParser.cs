using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Prompts;

/// <summary>Reads the expressions of chat templates, by Jinja's precedence. What lies outside the subset is refused by name.</summary>
sealed partial class JinjaParser
{
    static readonly string[] comparisons = ["==", "!=", "<=", ">=", "<", ">"];
    static readonly string[] filters = ["trim", "strip", "upper", "lower", "length", "tojson"];

    readonly string source;
    readonly List<string> tokens;
    int at;

    JinjaParser(string source)
    {
        this.source = source;
        var found = Token().Matches(source);
        tokens = [.. found.Select(match => match.Value).Where(token => !string.IsNullOrWhiteSpace(token))];
    }

    /// <summary>The expression that a text is.</summary>
    public static JinjaExpression Parse(string text)
    {
        var parser = new JinjaParser(text);
        var expression = parser.Choice();
        if (parser.Next is { } rest) throw parser.Refuse($"\"{rest}\" there");
        return expression;
    }

    string? Next => at < tokens.Count ? tokens[at] : null;

    bool Take(string token)
    {
        if (Next != token) return false;
        at++;
        return true;
    }

    void Expect(string token)
    {
        if (!Take(token)) throw Refuse($"no \"{token}\" where one belongs");
    }

    InvalidInputException Refuse(string what) => new(
        $"The chat template's expression {{{{ {source.Trim()} }}}} has {what}: supported are texts, variables, [..], +, ~, %, comparisons, in, and, or, not, is defined, is none, x if y else z, [n:], raise_exception and the filters {string.Join(", ", filters)}.");

    JinjaExpression Choice()
    {
        var value = Or();
        if (!Take("if")) return value;
        var condition = Or();
        return new JinjaExpression.Choice(condition, value, Take("else") ? Choice() : new JinjaExpression.Literal(""));
    }

    JinjaExpression Or()
    {
        var left = And();
        while (Take("or")) left = new JinjaExpression.Either(left, And());
        return left;
    }

    JinjaExpression And()
    {
        var left = Not();
        while (Take("and")) left = new JinjaExpression.Both(left, Not());
        return left;
    }

    JinjaExpression Not() => Take("not") ? new JinjaExpression.Not(Not()) : Compare();

    JinjaExpression Compare()
    {
        var left = Sum();
        if (Next is { } sign && comparisons.Contains(sign))
        {
            at++;
            return new JinjaExpression.Comparison(sign, left, Sum());
        }
        if (Take("in")) return new JinjaExpression.Comparison("in", left, Sum());
        if (Next == "not" && at + 1 < tokens.Count && tokens[at + 1] == "in")
        {
            at += 2;
            return new JinjaExpression.Not(new JinjaExpression.Comparison("in", left, Sum()));
        }
        if (!Take("is")) return left;
        bool negated = Take("not");
        string? test = Next;
        at++;
        JinjaExpression missing = test switch
        {
            "defined" => new JinjaExpression.Not(new JinjaExpression.IsMissing(left)),
            "undefined" or "none" => new JinjaExpression.IsMissing(left),
            _ => throw Refuse($"the test \"is {test}\""),
        };
        return negated ? new JinjaExpression.Not(missing) : missing;
    }

    JinjaExpression Sum()
    {
        List<JinjaExpression> parts = [Product()];
        while (Next is "+" or "~")
        {
            at++;
            parts.Add(Product());
        }
        return parts.Count == 1 ? parts[0] : new JinjaExpression.Join(parts);
    }

    JinjaExpression Product()
    {
        var left = Filtered();
        while (Take("%")) left = new JinjaExpression.Modulo(left, Filtered());
        return left;
    }

    JinjaExpression Filtered()
    {
        var value = Atom();
        while (Take("|")) value = Filter(value, Next ?? "");
        return value;
    }

    JinjaExpression.Filter Filter(JinjaExpression value, string name)
    {
        if (!filters.Contains(name)) throw Refuse($"the filter or method \"{name}\"");
        at++;
        if (Take("(")) Expect(")");
        return new JinjaExpression.Filter(value, name == "strip" ? "trim" : name);
    }

    JinjaExpression Atom()
    {
        string token = Next ?? throw Refuse("an end too early");
        at++;
        if (token == "(")
        {
            var inner = Choice();
            Expect(")");
            return inner;
        }
        if (token[0] is '\'' or '"') return new JinjaExpression.Literal(Unescape(token));
        if (char.IsAsciiDigit(token[0])) return new JinjaExpression.Literal(long.Parse(token, CultureInfo.InvariantCulture));
        if (token is "true" or "True") return new JinjaExpression.Literal(true);
        if (token is "false" or "False") return new JinjaExpression.Literal(false);
        if (token is "none" or "None") return new JinjaExpression.Literal(null);
        if (token == "raise_exception")
        {
            Expect("(");
            var message = Choice();
            Expect(")");
            return new JinjaExpression.Raise(message);
        }
        if (!char.IsLetter(token[0]) && token[0] != '_') throw Refuse($"\"{token}\" there");
        return Path(token);
    }

    JinjaExpression Path(string name)
    {
        var parts = new List<object>();
        while (true)
        {
            if (Take("."))
            {
                string member = Next ?? throw Refuse("an end too early");
                if (at + 1 < tokens.Count && tokens[at + 1] == "(") return Filter(new JinjaExpression.Path(name, parts), member);
                at++;
                parts.Add(member);
            }
            else if (Take("["))
            {
                string key = Next ?? throw Refuse("an end too early");
                at++;
                if (key == "-" && Next is { } digits) (key, at) = ("-" + digits, at + 1);
                if (Take(":"))
                {
                    Expect("]");
                    return new JinjaExpression.From(new JinjaExpression.Path(name, parts), int.TryParse(key, CultureInfo.InvariantCulture, out int start) ? start : throw Refuse($"the slice \"[{key}:]\""));
                }
                parts.Add(key[0] is '\'' or '"' ? Member(Unescape(key)) : int.TryParse(key, CultureInfo.InvariantCulture, out int index) ? index : throw Refuse($"the index \"[{key}]\""));
                Expect("]");
            }
            else if (Next == "(") throw Refuse($"the function \"{name}\"");
            else return new JinjaExpression.Path(name, parts);
        }
    }

    string Member(string key) => key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? key : throw Refuse($"the member \"{key}\"");

    static string Unescape(string quoted)
    {
        var text = new StringBuilder();
        for (int i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\' || i == quoted.Length - 2)
            {
                text.Append(quoted[i]);
                continue;
            }
            i++;
            text.Append(quoted[i] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' or '\'' or '"' => quoted[i].ToString(), _ => "\\" + quoted[i] });
        }
        return text.ToString();
    }

    [GeneratedRegex(@"'(?:\\.|[^'\\])*'|""(?:\\.|[^""\\])*""|[A-Za-z_]\w*|\d+|==|!=|<=|>=|\S", RegexOptions.Singleline)]
    private static partial Regex Token();
}
