namespace LlmLab.Data.Company;

/// <summary>Values for a grammar's slots: what a sentence is about.</summary>
sealed class Frame
{
    readonly Grammar grammar;
    readonly string?[] values;

    public Frame(Grammar grammar)
    {
        this.grammar = grammar;
        values = new string?[grammar.SlotCount];
    }

    Frame(Frame other)
    {
        grammar = other.grammar;
        values = (string?[])other.values.Clone();
    }

    public string this[string slot]
    {
        get => grammar.Slot(slot) is >= 0 and var index && values[index] is { } value ? value : throw new InvalidOperationException($"The slot {slot} has no value here.");
        set
        {
            // A value that no rule speaks of costs nothing and may be wanted by the next grammar.
            if (grammar.Slot(slot) is >= 0 and var index)
                values[index] = value;
        }
    }

    public string? At(int index) => values[index];

    /// <summary>A copy that can say more.</summary>
    public Frame With(params ReadOnlySpan<(string Slot, string Value)> more)
    {
        var copy = new Frame(this);
        foreach (var (slot, value) in more)
            copy[slot] = value;
        return copy;
    }
}

/// <summary>
/// Expands a grammar's rules for one part of the company. It takes a rule's alternatives in turn from a random start, so that
/// none is heard again before the others were, and draws inner choices freely.
/// </summary>
sealed class Speaker(Grammar grammar, Domain domain, ulong seed, ulong unit)
{
    readonly ushort[] turns = new ushort[grammar.Alternatives.Length];
    readonly ushort[] listTurns = new ushort[grammar.Lists.Count];
    readonly TextBuffer scratch = new();
    readonly ulong offset = Draw.For(seed, 17, unit).Next();

    public Draw Draw = Draw.For(seed, 11, unit);

    public Grammar Grammar => grammar;

    /// <summary>Appends a finished expansion and returns where it starts.</summary>
    public int Say(string rule, Frame frame, TextBuffer text) => Say(grammar.Rule(rule), frame, text);

    public int Say(int rule, Frame frame, TextBuffer text)
    {
        var start = text.Length;
        Expand(rule, frame, text);
        text.Polish(start);
        return start;
    }

    /// <summary>A finished expansion as a text.</summary>
    public string Say(string rule, Frame frame) => Say(grammar.Rule(rule), frame);

    /// <inheritdoc cref="Say(string, Frame)"/>
    public string Say(int rule, Frame frame)
    {
        scratch.Clear();
        Say(rule, frame, scratch);
        return scratch.ToString();
    }

    void Expand(int rule, Frame frame, TextBuffer text)
    {
        var alternatives = grammar.Alternatives[rule];
        // The stride visits all alternatives before any comes again, in another order for each part of the company.
        var turn = turns[rule]++;
        var start = (uint)((offset ^ (ulong)rule * 0x9E3779B97F4A7C15) >> 33);
        var index = (int)((start + (uint)turn * Stride(alternatives.Length, start)) % (uint)alternatives.Length);
        Expand(alternatives[index], frame, text);
    }

    static uint Stride(int count, uint start)
    {
        ReadOnlySpan<uint> primes = [7, 11, 13, 17, 19, 23, 29];
        for (uint i = 0; i < primes.Length; i++)
            if (primes[(int)((start + i) % 7)] is var prime && count % prime != 0)
                return prime;
        return 1;
    }

    void Expand(GrammarNode node, Frame frame, TextBuffer text)
    {
        switch (node.Kind)
        {
            case GrammarNodeKind.Text:
                text.Append(node.Text);
                break;
            case GrammarNodeKind.Slot:
                text.Append(frame.At(node.Index) ?? throw new InvalidOperationException($"The slot {grammar.SlotNames.First(name => grammar.Slot(name) == node.Index)} has no value here."));
                break;
            case GrammarNodeKind.Rule:
                Expand(node.Index, frame, text);
                break;
            case GrammarNodeKind.List:
                var list = domain.Phrases[node.Index];
                var turn = listTurns[node.Index]++;
                // Random, but never the phrase that was just used.
                text.Append(list[(turn * 3 + Draw.Below(3)) % list.Length]);
                break;
            default:
                foreach (var part in node.Choices[node.Choices.Length == 1 ? 0 : Draw.Below(node.Choices.Length)])
                    Expand(part, frame, text);
                break;
        }
    }
}
