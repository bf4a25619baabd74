using System.Collections;
using System.Globalization;
using Fluid;
using Fluid.Values;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>A record of a data file: its fields by name. Values are texts, numbers (decimal), truth values, lists and further records.</summary>
sealed record TaskRecord(IReadOnlyDictionary<string, object?> Fields, string Place, string? Subject);

/// <summary>A Liquid template or expression over a record's fields. A field that a record lacks is an error, not an empty text.</summary>
sealed class TaskTemplate
{
    const string Result = "result";
    static readonly FluidParser parser = new();
    static readonly TemplateOptions options = new()
    {
        CultureInfo = CultureInfo.InvariantCulture,
        MaxSteps = 100_000,
        StrictFilters = true,
        StrictVariables = true,
        Assigned = (name, value, context) =>
        {
            context.AmbientValues[Result] = value;
            return ValueTask.FromResult(value);
        },
    };

    readonly IFluidTemplate template;
    readonly string source, where;

    TaskTemplate(string source, string liquid, string where)
    {
        (this.source, this.where) = (source, where);
        if (!parser.TryParse(liquid, out template, out string error))
            throw new InvalidInputException($"{where}: \"{Short(source)}\" is no Liquid: {error.Split('\n')[0]}");
    }

    /// <summary>A template that gives text.</summary>
    /// <param name="source">Liquid.</param>
    /// <param name="where">The task's name and the field, for errors.</param>
    public static TaskTemplate Text(string source, string where) => new(source, source, where);

    /// <summary>An expression that gives a value: a field's name, with filters.</summary>
    public static TaskTemplate Expression(string source, string where) => new(source, "{% assign " + Result + " = " + source + " %}", where);

    /// <summary>A condition, of which <see cref="Holds"/> tells.</summary>
    public static TaskTemplate Condition(string source, string where) => new(source, "{% if " + source + " %}1{% endif %}", where);

    /// <summary>Whether a condition holds for a record.</summary>
    public bool Holds(TaskRecord record) => Render(record).Length > 0;

    /// <summary>The text for a record.</summary>
    public string Render(TaskRecord record)
    {
        var context = Context(record);
        return Run(record, () => template.Render(context));
    }

    /// <summary>The value for a record.</summary>
    public object? Value(TaskRecord record)
    {
        // A field as it is needs no way through Liquid's own types.
        if (record.Fields.TryGetValue(source, out var direct)) return direct;
        var context = Context(record);
        Run(record, () => template.Render(context));
        return Plain((FluidValue)context.AmbientValues[Result]);
    }

    /// <summary>A value as a list; a single one as a list of it, nothing as an empty one.</summary>
    public IReadOnlyList<object?> List(TaskRecord record) => Value(record) switch
    {
        null => [],
        IReadOnlyList<object?> list => list,
        var one => [one],
    };

    /// <summary>A value as text: numbers in invariant form.</summary>
    public static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    string Run(TaskRecord record, Func<string> render)
    {
        try
        {
            return render();
        }
        catch (Exception e) when (e is InvalidOperationException or FluidException or ArgumentException)
        {
            string reason = e.Message.Contains("Undefined variable", StringComparison.OrdinalIgnoreCase)
                ? $"names a field that {record.Place} does not have ({e.Message.Trim().TrimEnd('.')}); it has {string.Join(", ", record.Fields.Keys)}"
                : $"fails on {record.Place}: {e.Message.Split('\n')[0].TrimEnd('.')}";
            throw new InvalidInputException($"{where}: \"{Short(source)}\" {reason}.", e);
        }
    }

    static TemplateContext Context(TaskRecord record)
    {
        var context = new TemplateContext(options);
        foreach (var (name, value) in record.Fields) context.SetValue(name, value is IReadOnlyDictionary<string, object?> or IList ? FluidValue.Create(value, options) : Scalar(value));
        if (record.Subject is { } subject) context.SetValue("subject", new StringValue(subject));
        return context;
    }

    static FluidValue Scalar(object? value) => value switch
    {
        null => NilValue.Instance,
        string text => new StringValue(text),
        bool truth => truth ? BooleanValue.True : BooleanValue.False,
        decimal number => NumberValue.Create(number),
        _ => FluidValue.Create(value, options),
    };

    static object? Plain(FluidValue value) => value switch
    {
        NilValue => null,
        ArrayValue array => array.Values.Select(Plain).ToArray(),
        NumberValue number => number.ToNumberValue(),
        BooleanValue truth => truth.ToBooleanValue(),
        StringValue text => text.ToStringValue(),
        _ => value.ToObjectValue() switch
        {
            IEnumerable list and not string => list.Cast<object?>().Select(item => item is FluidValue inner ? Plain(inner) : item).ToArray(),
            var other => other,
        },
    };

    static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
