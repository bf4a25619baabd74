using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace LlmLab.Notebooks.Running;

/// <summary>Reads a parameter's text as a value of a C# type, and writes it as a C# expression.</summary>
static class ParameterValue
{
    /// <summary>The types that a parameter may have, for messages.</summary>
    public const string Types = "bool, int, long, float, double, decimal, string, char, DateTime, DateOnly, TimeSpan, Guid, Uri or an enum";

    /// <summary>The text as a C# expression of the type.</summary>
    /// <returns>The expression, or null if the text is no value of that type.</returns>
    /// <exception cref="NotSupportedException">The type is none of <see cref="Types"/>.</exception>
    public static string? TryExpression(Type type, string text)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return text == "null" ? "null" : TryExpression(underlying, text);
        var invariant = CultureInfo.InvariantCulture;
        if (type.IsEnum)
        {
            string? member = Enum.GetNames(type).FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
            return member is null ? null : $"{type.FullName!.Replace('+', '.')}.{member}";
        }
        if (type == typeof(string)) return SymbolDisplay.FormatLiteral(text, quote: true);
        if (type == typeof(bool)) return bool.TryParse(text, out bool flag) ? (flag ? "true" : "false") : null;
        if (type == typeof(char)) return text.Length == 1 ? SymbolDisplay.FormatLiteral(text[0], quote: true) : null;
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out int number) ? number.ToString(invariant) : null;
        if (type == typeof(long)) return long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out long number) ? number.ToString(invariant) + "L" : null;
        if (type == typeof(double)) return double.TryParse(text, NumberStyles.Float, invariant, out double number) && double.IsFinite(number) ? number.ToString("R", invariant) + "d" : null;
        if (type == typeof(float)) return float.TryParse(text, NumberStyles.Float, invariant, out float number) && float.IsFinite(number) ? number.ToString("R", invariant) + "f" : null;
        if (type == typeof(decimal)) return decimal.TryParse(text, NumberStyles.Number, invariant, out decimal number) ? number.ToString(invariant) + "m" : null;
        string literal = SymbolDisplay.FormatLiteral(text, quote: true);
        if (type == typeof(DateTime)) return DateTime.TryParse(text, invariant, DateTimeStyles.None, out _) ? $"System.DateTime.Parse({literal}, System.Globalization.CultureInfo.InvariantCulture)" : null;
        if (type == typeof(DateOnly)) return DateOnly.TryParse(text, invariant, out _) ? $"System.DateOnly.Parse({literal}, System.Globalization.CultureInfo.InvariantCulture)" : null;
        if (type == typeof(TimeSpan)) return TimeSpan.TryParse(text, invariant, out _) ? $"System.TimeSpan.Parse({literal}, System.Globalization.CultureInfo.InvariantCulture)" : null;
        if (type == typeof(Guid)) return Guid.TryParse(text, out _) ? $"System.Guid.Parse({literal})" : null;
        if (type == typeof(Uri)) return Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) ? $"new System.Uri({literal}, System.UriKind.RelativeOrAbsolute)" : null;
        throw new NotSupportedException();
    }
}
