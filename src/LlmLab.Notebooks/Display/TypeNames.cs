namespace LlmLab.Notebooks.Display;

/// <summary>Type names as C# writes them: <c>int[]</c>, <c>Dictionary&lt;string, double&gt;</c>.</summary>
static class TypeNames
{
    static readonly Dictionary<Type, string> keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(Type type)
    {
        if (keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsArray) return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying) + "?";
        if (type.IsGenericParameter) return type.Name;
        if (IsAnonymous(type)) return "anonymous";
        if (type.IsGenericType && type.FullName is { } full && full.StartsWith("System.ValueTuple`", StringComparison.Ordinal)) return $"({string.Join(", ", type.GetGenericArguments().Select(Of))})";
        string name = type.Name;
        if (type.IsGenericType)
        {
            // A nested type repeats its parent's arguments; only the last ones are its own.
            int own = name.IndexOf('`') is var tick and >= 0 ? int.Parse(name.AsSpan(tick + 1), provider: System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (own > 0) name = $"{name[..name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments()[^own..].Select(Of))}>";
        }
        // A cell's own types are nested in Roslyn's submission class, which no reader wrote.
        return type.DeclaringType is { } outer && !outer.Name.StartsWith("Submission#", StringComparison.Ordinal) ? $"{Of(outer)}.{name}" : name;
    }

    public static bool IsAnonymous(Type type) => type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) || type.Name.StartsWith("AnonymousType", StringComparison.Ordinal);
}
