using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace LlmLab.Notebooks.Display;

/// <summary>A value's parts, read safely: a getter that throws gives its exception's text.</summary>
static class Members
{
    const int MostInLine = 5;
    const int LongestLine = 200;

    /// <summary>Names and values of the public properties and fields, in the order of declaration, base types first.</summary>
    public static IEnumerable<(string Name, object? Value)> Of(object value)
    {
        foreach (var member in Readable(value.GetType())) yield return (member.Name, Read(member, value));
    }

    public static bool Any(Type type) => Readable(type).Any();

    /// <summary>One line for any value: "Point { X = 1, Y = 2 }", "[1, 2, … 20 in all]".</summary>
    public static string Line(object? value, int depth = 2)
    {
        string line = value switch
        {
            Failure failure => failure.ToString(),
            _ when Scalars.TryShortText(value) is { } text => text,
            byte[] bytes => $"byte[{bytes.Length.ToString("N0", CultureInfo.InvariantCulture)}]",
            Exception exception => $"{exception.GetType().Name}: {exception.Message}",
            IEnumerable sequence => SequenceLine(sequence, depth),
            _ when OwnText(value!) is { } text => text,
            _ when depth == 0 => TypeNames.Of(value!.GetType()),
            _ => ObjectLine(value!, depth),
        };
        return line.Length <= LongestLine ? line : string.Concat(line.AsSpan(0, LongestLine - 1), "…");
    }

    /// <summary>The text that a type gives itself by overriding ToString; null for records, whose text only lists properties.</summary>
    public static string? OwnText(object value)
    {
        var type = value.GetType();
        if (IsRecord(type) || TypeNames.IsAnonymous(type) || IsTuple(type)) return null;
        var declaring = type.GetMethod(nameof(ToString), Type.EmptyTypes)?.DeclaringType;
        if (declaring is null || declaring == typeof(object) || declaring == typeof(ValueType)) return null;
        try
        {
            return value.ToString();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new Failure(e).ToString();
        }
    }

    public static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly, [typeof(StringBuilder)]) is not null;

    static bool IsTuple(Type type) => typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type);

    static string SequenceLine(IEnumerable sequence, int depth)
    {
        var (items, count) = Sequences.Take(sequence, MostInLine);
        if (depth == 0 && items.Any(item => item is not string && Scalars.TryText(item) is null)) return TypeNames.Of(sequence.GetType());
        if (Tables.IsDictionary(sequence))
        {
            var pairs = items.Take(MostInLine).Select(Tables.Pair).Select(p => $"{Line(p.Key, depth - 1)}: {Line(p.Value, depth - 1)}");
            return $"{{ {string.Join(", ", items.Count <= MostInLine ? pairs : pairs.Append(Sequences.Rest(count)))} }}";
        }
        var shown = items.Take(MostInLine).Select(item => item is string text ? $"\"{text}\"" : Line(item, Math.Max(0, depth - 1)));
        return items.Count <= MostInLine ? $"[{string.Join(", ", shown)}]" : $"[{string.Join(", ", shown)}, {Sequences.Rest(count)}]";
    }

    static string ObjectLine(object value, int depth)
    {
        var type = value.GetType();
        if (IsTuple(type)) return $"({string.Join(", ", Of(value).Select(m => Line(m.Value, depth - 1)))})";
        string members = string.Join(", ", Of(value).Select(m => $"{m.Name} = {Line(m.Value, depth - 1)}"));
        string name = TypeNames.IsAnonymous(type) ? "" : TypeNames.Of(type) + " ";
        return members.Length == 0 ? TypeNames.Of(type) : $"{name}{{ {members} }}";
    }

    static IEnumerable<MemberInfo> Readable(Type type)
    {
        var chain = new Stack<Type>();
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType) chain.Push(t);
        var seen = new HashSet<string>();
        foreach (var level in chain)
        {
            const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
            foreach (var member in level.GetMembers(own).OrderBy(m => m.MetadataToken))
            {
                bool isReadable = member switch
                {
                    PropertyInfo p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0 && IsBoxable(p.PropertyType),
                    FieldInfo f => IsBoxable(f.FieldType),
                    _ => false,
                };
                if (isReadable && seen.Add(member.Name)) yield return member;
            }
        }
    }

    static bool IsBoxable(Type type) => !type.IsByRef && !type.IsByRefLike && !type.IsPointer && !type.IsFunctionPointer;

    static object? Read(MemberInfo member, object value)
    {
        try
        {
            // The most derived override is called, whichever level declared the member.
            return member is PropertyInfo property ? property.GetValue(value) : ((FieldInfo)member).GetValue(value);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner and not OperationCanceledException)
        {
            return new Failure(inner);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return new Failure(e);
        }
    }

    /// <summary>Stands where a getter threw.</summary>
    public sealed record Failure(Exception Exception)
    {
        public override string ToString() => $"⚠ {Exception.GetType().Name}: {Exception.Message}";
    }
}
