using System.Text;

namespace LlmLab.Data.Company;

/// <summary>Reads grammar files into nodes; see <see cref="Grammar"/> for the notation.</summary>
sealed class GrammarParser
{
    readonly List<List<GrammarNode>> alternatives = [];
    readonly HashSet<int> defined = [];
    readonly Dictionary<int, string> firstUse = [];

    public Dictionary<string, int> Rules { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, int> Slots { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, int> Lists { get; } = new(StringComparer.Ordinal);

    public void Read(string file, string text)
    {
        var rule = -1;
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var place = $"data/company/{file}, line {number}";
            if (line.Length == 0 || line[0] == '#' || string.IsNullOrWhiteSpace(line))
                continue;
            if (line[0] != ' ')
            {
                rule = RuleIndex(line.Trim(), place);
                if (!defined.Add(rule))
                    throw new InvalidInputException($"{place}: the rule \"{line.Trim()}\" is defined twice.");
                continue;
            }
            if (rule < 0)
                throw new InvalidInputException($"{place}: an alternative stands before the first rule.");
            var position = 0;
            var body = line.Trim();
            var choices = Choices(body, ref position, place, nested: false);
            if (position < body.Length)
                throw new InvalidInputException($"{place}: a closing parenthesis too many at column {position + 1}.");
            alternatives[rule].Add(new GrammarNode(GrammarNodeKind.Choice, "", 0, choices));
        }
    }

    public GrammarNode[][] Finish()
    {
        foreach (var (name, index) in Rules)
            if (alternatives[index].Count == 0)
                throw new InvalidInputException($"{firstUse[index]}: the rule \"{name}\" has no alternatives.");
        return [.. alternatives.Select(list => list.ToArray())];
    }

    GrammarNode[][] Choices(string body, ref int position, string place, bool nested)
    {
        var choices = new List<GrammarNode[]>();
        var sequence = new List<GrammarNode>();
        var text = new StringBuilder();
        void Flush()
        {
            if (text.Length > 0)
                sequence.Add(new GrammarNode(GrammarNodeKind.Text, text.ToString(), 0, []));
            text.Clear();
        }
        for (; position < body.Length; position++)
        {
            var c = body[position];
            if (c == ')')
                break;
            switch (c)
            {
                case '\\' when position + 1 < body.Length:
                    text.Append(body[++position] == 'n' ? '\n' : body[position]);
                    break;
                case '|' when nested:
                    Flush();
                    choices.Add([.. sequence]);
                    sequence.Clear();
                    break;
                case '(':
                    Flush();
                    position++;
                    var inner = Choices(body, ref position, place, nested: true);
                    if (position >= body.Length)
                        throw new InvalidInputException($"{place}: a parenthesis is not closed.");
                    sequence.Add(new GrammarNode(GrammarNodeKind.Choice, "", 0, inner));
                    break;
                case '$' or '@' or '%':
                    var name = Name(body, position + 1);
                    if (name.Length == 0)
                        goto default;
                    Flush();
                    sequence.Add(c switch
                    {
                        '$' => new GrammarNode(GrammarNodeKind.Slot, "", Index(Slots, name), []),
                        '@' => new GrammarNode(GrammarNodeKind.Rule, "", RuleIndex(name, place), []),
                        _ => new GrammarNode(GrammarNodeKind.List, "", Index(Lists, name), []),
                    });
                    position += name.Length;
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }
        Flush();
        choices.Add([.. sequence]);
        return [.. choices];
    }

    static string Name(string body, int start)
    {
        var end = start;
        while (end < body.Length && (char.IsAsciiLetterLower(body[end]) || char.IsAsciiDigit(body[end]) || body[end] is '.' or '-'))
            end++;
        // A full stop or dash that ends a name belongs to the sentence.
        while (end > start && body[end - 1] is '.' or '-')
            end--;
        return body[start..end];
    }

    int RuleIndex(string name, string place)
    {
        if (Rules.TryGetValue(name, out var index))
            return index;
        alternatives.Add([]);
        firstUse[alternatives.Count - 1] = place;
        return Rules[name] = alternatives.Count - 1;
    }

    static int Index(Dictionary<string, int> table, string name) => table.TryGetValue(name, out var index) ? index : table[name] = table.Count;
}
