using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Display;

/// <summary>
/// Turns any value into a MIME bundle: plain text always, HTML where a table helps, pictures and charts where the value is one.
/// A session owns one; a cell adds forms for its own types by <see cref="Register{T}"/>, and they hold for that session.
/// </summary>
/// <example><c>Formatter.Register&lt;Point&gt;("text/html", p => $"&lt;b&gt;{p.X}, {p.Y}&lt;/b&gt;");</c></example>
public sealed class Formatter
{
    const int ScalarLimit = 100;
    const int LineWidth = 100;

    readonly List<(Type Type, string MimeType, Func<object, string> Format)> registered = [];

    /// <summary>Adds a form for a type, in the session of the running cell; the latest one for a type wins.</summary>
    /// <param name="mimeType">The form: "text/plain", "text/html", "image/svg+xml" …</param>
    /// <param name="format">The content in that form; HTML is not encoded again, pictures are base64, JSON is parsed.</param>
    /// <exception cref="InvalidOperationException">No cell is running.</exception>
    /// <exception cref="InvalidInputException"><paramref name="mimeType"/> is not a MIME type.</exception>
    public static void Register<T>(string mimeType, Func<T, string> format) => CellFunctions.Cell.Formatter.Add(mimeType, format);

    /// <summary>As <see cref="Register{T}"/>, on this formatter.</summary>
    /// <exception cref="InvalidInputException"><paramref name="mimeType"/> is not a MIME type.</exception>
    public void Add<T>(string mimeType, Func<T, string> format)
    {
        if (!MimeTypes.IsValid(mimeType)) throw new InvalidInputException($"\"{mimeType}\" is not a MIME type: expected one like text/html.");
        lock (registered) registered.Insert(0, (typeof(T), mimeType, value => format((T)value)));
    }

    /// <summary>All forms of a value.</summary>
    public MimeBundle Format(object? value)
    {
        if (value is null) return Bundles.Text("null");
        var own = Registered(value);
        if (own.Count == 0) return Builtin(value);
        var data = new Dictionary<string, JsonNode>(own);
        if (!data.ContainsKey(MimeTypes.Plain)) data[MimeTypes.Plain] = Builtin(value).Data[MimeTypes.Plain].DeepClone();
        return new MimeBundle(data);
    }

    /// <summary>
    /// A value in one form. A string is taken as content of that type; bytes likewise for pictures and other binary types; anything
    /// else must have that form. Plain text goes along.
    /// </summary>
    /// <exception cref="InvalidInputException">The value has no such form, or the type is not a MIME type.</exception>
    public MimeBundle Format(object? value, string mimeType)
    {
        if (!MimeTypes.IsValid(mimeType)) throw new InvalidInputException($"\"{mimeType}\" is not a MIME type: expected one like text/html.");
        if (value is string text) return new RawContent(mimeType, text).ToBundle();
        if (value is byte[] bytes && MimeTypes.IsBinary(mimeType)) return Bundles.Of((MimeTypes.Plain, Members.Line(bytes)), (mimeType, Convert.ToBase64String(bytes)));
        var all = Format(value);
        if (!all.Data.TryGetValue(mimeType, out var form))
            throw new InvalidInputException($"A value of type {TypeNames.Of(value?.GetType() ?? typeof(object))} has no form {mimeType}: it has {string.Join(", ", all.Data.Keys)}. Formatter.Register adds one.");
        var data = new Dictionary<string, JsonNode> { [MimeTypes.Plain] = all.Data[MimeTypes.Plain].DeepClone() };
        data[mimeType] = form.DeepClone();
        return new MimeBundle(data) { Metadata = all.Metadata };
    }

    Dictionary<string, JsonNode> Registered(object value)
    {
        (Type Type, string MimeType, Func<object, string> Format)[] candidates;
        lock (registered) candidates = [.. registered.Where(r => r.Type.IsInstanceOfType(value))];
        var forms = new Dictionary<string, JsonNode>();
        foreach (var (_, mimeType, format) in candidates)
            if (!forms.ContainsKey(mimeType)) forms[mimeType] = Bundles.Node(mimeType, format(value));
        return forms;
    }

    static MimeBundle Builtin(object value) => value switch
    {
        MimeBundle bundle => bundle,
        RawContent content => content.ToBundle(),
        JsonNode node => Json(node),
        JsonElement element => Json(JsonNode.Parse(element.GetRawText())),
        JsonDocument document => Json(JsonNode.Parse(document.RootElement.GetRawText())),
        IHtmlView view => Bundles.Html(view.ToText(), view.ToHtml()),
        _ when LibraryTypes.TryFormat(value) is { } bundle => bundle,
        _ when Scalars.TryText(value) is { } text => Bundles.Text(text),
        byte[] bytes => Bundles.Text(Bytes(bytes)),
        Exception exception => Bundles.Text(ExceptionText.Of(exception)),
        Array { Rank: 2 } matrix => Bundles.Table(Tables.OfMatrix(matrix)),
        IEnumerable sequence => Sequence(sequence),
        _ when Members.OwnText(value) is { } text => Bundles.Text(text),
        _ when Members.Any(value.GetType()) => Bundles.Table(Tables.OfObject(value)),
        _ => Bundles.Text(TypeNames.Of(value.GetType())),
    };

    static MimeBundle Sequence(IEnumerable sequence)
    {
        if (Tables.IsDictionary(sequence)) return Bundles.Table(Tables.OfDictionary(sequence));
        var (items, count) = Sequences.Take(sequence, ScalarLimitOf(sequence));
        if (items.Count == 0) return Bundles.Text("[]");
        if (items.Take(Tables.RowLimit).Any(Tables.HasColumns)) return Bundles.Table(Tables.OfSequence(items, count));
        return Bundles.Text(List(items, count));
    }

    // Numbers and words are cheap to show; a lazy sequence of anything else is read no further than its table needs.
    static int ScalarLimitOf(IEnumerable sequence)
    {
        var element = sequence.GetType().GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
        return element is not null && (element.IsPrimitive || element == typeof(string) || element == typeof(decimal)) ? ScalarLimit : Tables.RowLimit;
    }

    static string List(List<object?> items, long? count)
    {
        int limit = items.Count > ScalarLimit ? ScalarLimit : items.Count > Tables.RowLimit && count != items.Count ? Math.Min(items.Count - 1, ScalarLimit) : items.Count;
        var words = items.Take(limit).Select(item => item is string text ? JsonSerializer.Serialize(text, Quoting) : Members.Line(item)).ToList();
        if (limit < items.Count || count > items.Count) words.Add(Sequences.Rest(count));
        var lines = new StringBuilder("[");
        int column = 1;
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i] + (i + 1 < words.Count ? "," : "]");
            if (i > 0 && column + 1 + word.Length > LineWidth)
            {
                lines.Append("\n ");
                column = 1;
            }
            else if (i > 0)
            {
                lines.Append(' ');
                column++;
            }
            lines.Append(word);
            column += word.Length;
        }
        return lines.ToString();
    }

    static readonly JsonSerializerOptions Quoting = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static MimeBundle Json(JsonNode? node) => node is null ? Bundles.Text("null") : new MimeBundle(new Dictionary<string, JsonNode>
    {
        [MimeTypes.Plain] = JsonValue.Create(node.ToJsonString(Indented)),
        [MimeTypes.Json] = node.DeepClone(),
    });

    static string Bytes(byte[] bytes)
    {
        const int shown = 64, perLine = 16;
        var text = new StringBuilder(Members.Line(bytes));
        foreach (byte[] line in bytes.Take(shown).Chunk(perLine))
            text.Append('\n').Append(string.Join(' ', line.Select(b => b.ToString("x2", CultureInfo.InvariantCulture))).PadRight(perLine * 3 + 1))
                .Append(string.Concat(line.Select(b => b is >= 32 and < 127 ? (char)b : '·')));
        return bytes.Length > shown ? text.Append("\n…").ToString() : text.ToString();
    }
}
