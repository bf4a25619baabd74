namespace LlmLab.Prompts;

/// <summary>An expression of a chat template.</summary>
abstract record JinjaExpression
{
    /// <summary>Text, a number, true, false or none.</summary>
    public sealed record Literal(object? Value) : JinjaExpression;
    /// <summary>A variable with what follows it: <c>message['role']</c>, <c>loop.first</c>, <c>messages[0]</c>.</summary>
    public sealed record Path(string Name, IReadOnlyList<object> Parts) : JinjaExpression;
    /// <summary><c>value | trim</c>; also <c>value.strip()</c>.</summary>
    public sealed record Filter(JinjaExpression Value, string Name) : JinjaExpression;
    /// <summary><c>messages[1:]</c>.</summary>
    public sealed record From(JinjaExpression Value, int Start) : JinjaExpression;
    /// <summary>Texts joined by + or ~.</summary>
    public sealed record Join(IReadOnlyList<JinjaExpression> Parts) : JinjaExpression;
    /// <summary><c>a % b</c>.</summary>
    public sealed record Modulo(JinjaExpression Left, JinjaExpression Right) : JinjaExpression;
    /// <summary>==, !=, &lt;, &lt;=, &gt;, &gt;=, in.</summary>
    public sealed record Comparison(string Operator, JinjaExpression Left, JinjaExpression Right) : JinjaExpression;
    /// <summary><c>x is defined</c>, <c>x is none</c>.</summary>
    public sealed record IsMissing(JinjaExpression Value) : JinjaExpression;
    public sealed record Not(JinjaExpression Value) : JinjaExpression;
    public sealed record Both(JinjaExpression Left, JinjaExpression Right) : JinjaExpression;
    public sealed record Either(JinjaExpression Left, JinjaExpression Right) : JinjaExpression;
    /// <summary><c>a if condition else b</c>.</summary>
    public sealed record Choice(JinjaExpression Condition, JinjaExpression Then, JinjaExpression Else) : JinjaExpression;
    /// <summary><c>raise_exception('…')</c>.</summary>
    public sealed record Raise(JinjaExpression Message) : JinjaExpression;
}
