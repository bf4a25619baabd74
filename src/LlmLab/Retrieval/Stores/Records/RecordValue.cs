using System.Globalization;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>
/// The few forms in which values lie in a store, whatever the record's own types: string, bool, long, double, list of strings, null.
/// Dates are UTC in ISO 8601 with a fixed width, so that their order as text is their order in time; a date and time without a zone
/// is taken as UTC.
/// </summary>
static class RecordValue
{
    const string Instant = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    const string Day = "yyyy-MM-dd";

    public static bool IsSupported(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(float) || type == typeof(double)
            || IsDate(type) || type == typeof(Guid) || IsList(type);
    }

    /// <summary>Whether values of the type are lists of strings.</summary>
    public static bool IsList(Type type) => type == typeof(string[]) || type == typeof(List<string>);

    /// <summary>Whether values of the type are points in time.</summary>
    public static bool IsDate(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly);
    }

    /// <summary>Whether values of the type are whole numbers, or null where it is not a number at all.</summary>
    public static bool? IsWhole(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(int) || type == typeof(long) ? true : type == typeof(float) || type == typeof(double) ? false : null;
    }

    /// <summary>A value of a record in the form in which it is stored.</summary>
    public static object? ToStored(object? value) => value switch
    {
        null or string or bool or long or double => value,
        int number => (long)number,
        float number => (double)number,
        Guid id => id.ToString("D"),
        DateTimeOffset time => time.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime().ToString(Instant, CultureInfo.InvariantCulture),
        DateTime time => time.ToString(Instant, CultureInfo.InvariantCulture),
        DateOnly day => day.ToString(Day, CultureInfo.InvariantCulture),
        string[] list => list,
        IEnumerable<string> list => list.ToArray(),
        _ => throw new InvalidInputException($"A {value.GetType().Name} cannot be stored as metadata: expected text, a number, a truth value, a date, a Guid or a list of texts."),
    };

    /// <summary>A stored value as the record's type wants it.</summary>
    public static object? FromStored(object? stored, Type type)
    {
        if (stored is null) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(string)) return Convert.ToString(stored, culture);
        if (type == typeof(bool)) return Convert.ToBoolean(stored, culture);
        if (type == typeof(int)) return Convert.ToInt32(stored, culture);
        if (type == typeof(long)) return Convert.ToInt64(stored, culture);
        if (type == typeof(float)) return Convert.ToSingle(stored, culture);
        if (type == typeof(double)) return Convert.ToDouble(stored, culture);
        if (type == typeof(Guid)) return stored is Guid id ? id : Guid.Parse((string)stored);
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.Parse((string)stored, culture, DateTimeStyles.AssumeUniversal);
        if (type == typeof(DateTime)) return DateTime.Parse((string)stored, culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        if (type == typeof(DateOnly)) return DateOnly.Parse((string)stored, culture);
        if (type == typeof(string[])) return ((IEnumerable<string>)stored).ToArray();
        if (type == typeof(List<string>)) return ((IEnumerable<string>)stored).ToList();
        return stored;
    }
}
