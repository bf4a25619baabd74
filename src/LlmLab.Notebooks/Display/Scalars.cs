using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;

namespace LlmLab.Notebooks.Display;

/// <summary>Values that are one short text, whatever the machine's culture: numbers, strings, dates, enums, names of types.</summary>
static class Scalars
{
    /// <summary>The text of a value that has no parts worth a table, or null where it has.</summary>
    public static string? TryText(object? value) => value switch
    {
        null => "null",
        string text => text,
        bool flag => flag ? "true" : "false",
        char letter => letter.ToString(),
        Enum name => name.ToString(),
        DateTime time => Time(time),
        DateTimeOffset time => Time(time.DateTime) + time.ToString(" zzz", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TimeSpan span => Span(span),
        Type type => TypeNames.Of(type),
        MethodBase method => Signature(method),
        PropertyInfo property => $"{TypeNames.Of(property.PropertyType)} {TypeNames.Of(property.DeclaringType!)}.{property.Name}",
        FieldInfo field => $"{TypeNames.Of(field.FieldType)} {TypeNames.Of(field.DeclaringType!)}.{field.Name}",
        Delegate function => $"{TypeNames.Of(function.GetType())}: {Signature(function.Method)}",
        Task task => Task(task),
        IFormattable formattable when IsPlain(value.GetType()) => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ when IsPlain(value.GetType()) => value.ToString() ?? "",
        _ => null,
    };

    /// <summary>As <see cref="TryText"/>, with floating-point numbers at six significant digits, as a table wants them.</summary>
    public static string? TryShortText(object? value) => value switch
    {
        double number => Short(number),
        float number => Short(number),
        Half number => Short((double)number),
        _ => TryText(value),
    };

    public static bool IsNumber(object? value) =>
        value is byte or sbyte or short or ushort or int or uint or long or ulong or nint or nuint or float or double or decimal or Half or Int128 or UInt128 or BigInteger;

    /// <summary>Six significant digits unless said otherwise, no exponent between 1e-4 and 1e15.</summary>
    public static string Short(double value, int digits = 6)
    {
        double magnitude = Math.Abs(value);
        if (magnitude == 0 || !double.IsFinite(value)) return value.ToString(CultureInfo.InvariantCulture);
        if (magnitude is < 1e-4 or >= 1e15) return value.ToString("0." + new string('#', digits - 1) + "E+0", CultureInfo.InvariantCulture);
        int decimals = Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(magnitude)), 0, 9);
        return value.ToString(decimals == 0 ? "0" : "0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }

    // The base library's own types with a text of their own (Guid, Version, Uri, BigInteger, Regex …) need no table of properties.
    static bool IsPlain(Type type)
    {
        if (type.IsPrimitive || type == typeof(decimal)) return true;
        if (type.Namespace is not { } space || !(space == "System" || space.StartsWith("System.", StringComparison.Ordinal))) return false;
        if (typeof(IEnumerable).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type)) return false;
        if (type.IsGenericType && (type.Name.StartsWith("KeyValuePair", StringComparison.Ordinal) || type.Name.StartsWith("ValueTuple", StringComparison.Ordinal) || type.Name.StartsWith("Tuple", StringComparison.Ordinal))) return false;
        return type.GetMethod(nameof(ToString), Type.EmptyTypes)?.DeclaringType is { } declaring && declaring != typeof(object) && declaring != typeof(ValueType);
    }

    static string Time(DateTime time) =>
        time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + (time.Kind == DateTimeKind.Utc ? " UTC" : "");

    static string Span(TimeSpan span)
    {
        string text = span.ToString("c", CultureInfo.InvariantCulture);
        return text.Contains('.') && span.Ticks % TimeSpan.TicksPerSecond != 0 ? text.TrimEnd('0') : text;
    }

    static string Task(Task task)
    {
        string state = task.Status switch
        {
            TaskStatus.RanToCompletion => "done",
            TaskStatus.Faulted => $"failed: {task.Exception!.InnerException!.Message}",
            TaskStatus.Canceled => "cancelled",
            _ => "still running; await it to see its result",
        };
        // An async method's task is of a private compiler-made type; the reader knows it as Task<T>.
        var type = task.GetType();
        while (type.BaseType is { } parent && type != typeof(Task) && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))) type = parent;
        string name = type.IsGenericType && type.GetGenericArguments()[0] is { Name: not "VoidTaskResult" } result ? $"Task<{TypeNames.Of(result)}>" : "Task";
        return $"{name} ({state})";
    }

    static string Signature(MethodBase method)
    {
        var text = new StringBuilder();
        if (method is MethodInfo { ReturnType: var result }) text.Append(TypeNames.Of(result)).Append(' ');
        if (method.DeclaringType is { } type && !type.Name.StartsWith('<')) text.Append(TypeNames.Of(type)).Append('.');
        text.Append(method.IsConstructor ? "new" : method.Name);
        if (method.IsGenericMethod) text.Append('<').AppendJoin(", ", method.GetGenericArguments().Select(TypeNames.Of)).Append('>');
        return text.Append('(').AppendJoin(", ", method.GetParameters().Select(p => $"{TypeNames.Of(p.ParameterType)} {p.Name}")).Append(')').ToString();
    }
}
