using System.Globalization;
using System.Text.Json;

namespace LlmLab.Objectives;

/// <summary>The fields of one JSON object, read by name; what is missing or wrong is reported with its path and read as an empty value.</summary>
readonly struct JsonFields(JsonElement element, string path, Action<string, string> fault)
{
    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public string Text(string name) => Find(name, "a text") is { } value ? Text(value, $"{path}.{name}") : "";

    public double Number(string name, double least, double most)
    {
        if (Find(name, "a number") is not { } value)
            return least;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most)
            return number;
        var culture = CultureInfo.InvariantCulture;
        fault($"{path}.{name}", $"expected a number from {least.ToString(culture)} to {most.ToString(culture)}, found {Describe(value)}");
        return least;
    }

    public bool Truth(string name)
    {
        if (Find(name, "true or false") is not { } value)
            return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            fault($"{path}.{name}", $"expected true or false, found {Describe(value)}");
        return value.ValueKind == JsonValueKind.True;
    }

    public T Choice<T>(string name) where T : struct, Enum =>
        Find(name, $"one of {Names<T>()}") is { } value ? Choice<T>(value, $"{path}.{name}") : default;

    public IReadOnlyList<T> Choices<T>(string name) where T : struct, Enum => List(name, 1, Choice<T>);

    public IReadOnlyList<string> Texts(string name, int least) => List(name, least, Text);

    public T Child<T>(string name, Func<JsonElement, string, T> read) where T : class =>
        Find(name, "an object") is { } value ? read(value, $"{path}.{name}") : null!;

    public IReadOnlyList<T> List<T>(string name, int least, Func<JsonElement, string, T> read)
    {
        if (least == 0 && !Has(name))
            return [];
        if (Find(name, "a list") is not { } value)
            return [];
        var place = $"{path}.{name}";
        if (value.ValueKind != JsonValueKind.Array)
        {
            fault(place, $"expected a list, found {Describe(value)}");
            return [];
        }
        if (value.GetArrayLength() < least)
            fault(place, "the list is empty; at least one entry is expected");
        return [.. value.EnumerateArray().Select((item, i) => read(item, $"{place}[{i}]"))];
    }

    /// <summary>An element in a person's words.</summary>
    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String when element.GetString() is { Length: > 40 } text => $"the text \"{text[..40]}…\"",
        JsonValueKind.String => $"the text \"{element.GetString()}\"",
        _ => element.GetRawText(),
    };

    /// <summary>The names of an enumeration's values as JSON writes them.</summary>
    public static string Names<T>() where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));

    string Text(JsonElement value, string place)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text))
            return text;
        fault(place, $"expected a text that is not empty, found {Describe(value)}");
        return "";
    }

    T Choice<T>(JsonElement value, string place) where T : struct, Enum
    {
        if (value.ValueKind == JsonValueKind.String)
            foreach (var candidate in Enum.GetValues<T>())
                if (JsonNamingPolicy.CamelCase.ConvertName(candidate.ToString()) == value.GetString())
                    return candidate;
        fault(place, $"expected one of {Names<T>()}, found {Describe(value)}");
        return default;
    }

    JsonElement? Find(string name, string expected)
    {
        if (element.TryGetProperty(name, out var value))
            return value;
        fault($"{path}.{name}", $"missing; expected {expected}");
        return null;
    }
}
