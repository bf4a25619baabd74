using System.Text;
using System.Text.Json;
using Fluid;
using Fluid.Values;
using LlmLab.Tokenizers;

namespace LlmLab.Prompts;

/// <summary>A message of a conversation as templates see it.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">What is said: text, never control tokens.</param>
public sealed record TemplateMessage(string Role, string Content);

/// <summary>
/// How a conversation is written for a model: the <c>chat_template</c> that Hugging Face's tokenizer_config.json carries, rendered by Fluid.
/// <para>
/// Supported of Jinja: for, if/elif/else, set, output; texts, variables, members and indices, <c>+</c> and <c>~</c> joining texts, %,
/// comparisons, in, and, or, not, is (not) defined/none, <c>x if y else z</c>, <c>messages[1:]</c>, <c>loop.*</c>, raise_exception, and the
/// filters trim, upper, lower, length, tojson; white space is trimmed as transformers does. Macros, namespaces and other functions are refused.
/// </para>
/// <para>
/// Safe against injection: <see cref="Encode"/> makes control tokens of what the template itself writes and of nothing else. A message that
/// spells <c>&lt;|assistant|&gt;</c> is encoded as those letters.
/// </para>
/// </summary>
public sealed class ChatTemplate
{
    static readonly FluidParser parser = MakeParser();

    readonly IFluidTemplate template;
    readonly string beginningOfSequence, endOfSequence;

    /// <summary>Reads a template.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="jinja">The template.</param>
    /// <param name="beginningOfSequence">The token <c>bos_token</c>.</param>
    /// <param name="endOfSequence">The token <c>eos_token</c>.</param>
    /// <exception cref="InvalidInputException">It uses what lies outside the subset.</exception>
    public ChatTemplate(string name, string jinja, string beginningOfSequence = "", string endOfSequence = "")
    {
        (Name, Source, this.beginningOfSequence, this.endOfSequence) = (name, jinja, beginningOfSequence, endOfSequence);
        string liquid = LiquidWriter.Translate(jinja);
        if (!parser.TryParse(liquid, out template!, out string error)) throw new InvalidInputException($"The chat template {name} cannot be read ({error.TrimEnd('.')}).");
    }

    /// <summary>ChatML, the form of OpenAI's early chat models and of Qwen.</summary>
    public static ChatTemplate ChatMl { get; } = new("ChatML",
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        endOfSequence: "<|im_end|>");

    /// <summary>The form of Llama 3.</summary>
    public static ChatTemplate Llama3 { get; } = new("Llama 3",
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}" +
        "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
        "<|begin_of_text|>", "<|eot_id|>");

    /// <summary>The form of the models that are trained here: a control token for each role, one that ends a turn, nothing else.</summary>
    public static ChatTemplate LlmLab { get; } = new("LlmLab",
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ '" + ReservedTokens.System + "' }}{% elif message['role'] == 'user' %}{{ '" + ReservedTokens.User + "' }}" +
        "{% elif message['role'] == 'assistant' %}{{ '" + ReservedTokens.Assistant + "' }}{% else %}{{ raise_exception('Roles are system, user and assistant.') }}{% endif %}{{ message['content'] }}{{ eos_token }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '" + ReservedTokens.Assistant + "' }}{% endif %}",
        ReservedTokens.BeginningOfSequence, ReservedTokens.EndOfTurn);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The template as it was given.</summary>
    public string Source { get; }

    /// <summary>The token that ends a turn.</summary>
    public string EndOfTurn => endOfSequence;

    /// <summary>The template of a tokenizer_config.json.</summary>
    /// <exception cref="InvalidInputException">The file has none, or one outside the subset.</exception>
    public static ChatTemplate Load(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} does not exist: name a tokenizer_config.json.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var root = json.RootElement;
            if (!root.TryGetProperty("chat_template", out var text) || text.ValueKind != JsonValueKind.String) throw new InvalidInputException($"{path} has no \"chat_template\": the model has no form for conversations.");
            string Token(string name) => !root.TryGetProperty(name, out var token) ? "" : token.ValueKind == JsonValueKind.Object ? token.GetProperty("content").GetString()! : token.GetString() ?? "";
            return new ChatTemplate(Path.GetFileName(path), text.GetString()!, Token("bos_token"), Token("eos_token"));
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path} is not valid JSON ({e.Message.Split(". ")[0]}).", e);
        }
    }

    /// <summary>The conversation as text, as transformers' apply_chat_template gives it with tokenize=False. Not safe to parse for control tokens: for a model use <see cref="Encode"/>.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="addGenerationPrompt">Write what begins the assistant's answer.</param>
    /// <exception cref="InvalidInputException">The template refuses the conversation.</exception>
    public string Render(IReadOnlyList<TemplateMessage> messages, bool addGenerationPrompt = true)
    {
        var options = new TemplateOptions();
        options.Filters.AddFilter("from", (input, arguments, _) => new ArrayValue([.. input.Enumerate(new TemplateContext()).Skip((int)arguments.At(0).ToNumberValue())]));
        options.Filters.AddFilter("truth", (input, _, _) => BooleanValue.Create(IsTrue(input)));
        options.Filters.AddFilter("json", (input, _, _) => new StringValue(JsonSerializer.Serialize(input.ToObjectValue())));
        var context = new TemplateContext(options);
        context.SetValue("messages", new ArrayValue([.. messages.Select(message => FluidValue.Create(new Dictionary<string, object> { ["role"] = message.Role, ["content"] = message.Content }, options))]));
        context.SetValue("add_generation_prompt", addGenerationPrompt);
        context.SetValue("bos_token", beginningOfSequence);
        context.SetValue("eos_token", endOfSequence);
        return template.Render(context);
    }

    /// <summary>The conversation in tokens: control tokens where the template writes them, everything that people wrote as plain text.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="addGenerationPrompt">Write what begins the assistant's answer.</param>
    public IReadOnlyList<int> Encode(IReadOnlyList<TemplateMessage> messages, VocabularyTokenizer tokenizer, bool addGenerationPrompt = true)
    {
        // Every character that begins a control token is replaced in what people wrote by one that occurs nowhere; the template's own
        // stay. After rendering, whatever reads as a control token was written by the template.
        char[] first = [.. tokenizer.SpecialTokens.Keys.Where(token => token.Length > 0).Select(token => token[0]).Distinct()];
        string all = string.Concat(messages.Select(message => message.Content + message.Role)) + Source;
        char[] standIns = [.. Enumerable.Range(0xE000, 0x1900).Select(code => (char)code).Where(code => !all.Contains(code)).Take(first.Length)];
        if (standIns.Length < first.Length) throw new InvalidInputException("The messages use nearly all of Unicode's private characters: there is none left to guard control tokens with.");
        string Guard(string text) => Swap(text, first, standIns);
        string rendered = Render([.. messages.Select(message => new TemplateMessage(Guard(message.Role) is var role && role != message.Role ? role : message.Role, Guard(message.Content)))], addGenerationPrompt);
        var ids = new List<int>();
        foreach (var (piece, id) in Pieces(rendered, tokenizer.SpecialTokens))
        {
            if (id is { } control) ids.Add(control);
            else ids.AddRange(tokenizer.Encode(Swap(piece, standIns, first)));
        }
        return ids;
    }

    static string Swap(string text, char[] from, char[] to)
    {
        var swapped = new StringBuilder(text);
        for (int i = 0; i < from.Length; i++) swapped.Replace(from[i], to[i]);
        return swapped.ToString();
    }

    static IEnumerable<(string Piece, int? Id)> Pieces(string text, IReadOnlyDictionary<string, int> controls)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            string? control = controls.Keys.Where(token => token.Length > 0 && string.CompareOrdinal(text, i, token, 0, token.Length) == 0).MaxBy(token => token.Length);
            if (control is null) continue;
            if (i > start) yield return (text[start..i], null);
            yield return (control, controls[control]);
            start = i + control.Length;
            i = start - 1;
        }
        if (start < text.Length) yield return (text[start..], null);
    }

    static bool IsTrue(FluidValue value) => value switch
    {
        StringValue text => text.ToStringValue().Length > 0,
        NumberValue number => number.ToNumberValue() != 0,
        ArrayValue array => array.Values.Count > 0,
        _ => value.ToBooleanValue(),
    };

    static FluidParser MakeParser()
    {
        var made = new FluidParser();
        made.RegisterExpressionTag("raise", async (expression, _, _, context) =>
            throw new InvalidInputException($"The chat template refuses this conversation: {(await expression.EvaluateAsync(context)).ToStringValue()}"));
        return made;
    }
}
