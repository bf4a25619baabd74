using System.Text;

namespace LlmLab.Evaluation.Fluency;

/// <summary>
/// A sentence with slots, one of <c>data/fluency/pairs.txt</c>: <c>{a:person.singular}</c> takes a word of a category under a name,
/// <c>{a.plural}</c> is another form of that word, <c>[x|y]</c> is x in the acceptable sentence and y in the other, <c>~a</c> is "a" or "an".
/// </summary>
sealed class PairTemplate
{
    readonly List<Piece> pieces = [];
    readonly List<(string Name, string Category)> slots = [];
    readonly PairLexicon lexicon;
    readonly string place;

    enum Where { Both, Good, Bad }

    /// <summary>Text, or a form of the word in a slot.</summary>
    readonly record struct Piece(Where Where, string Text, int Slot, int Form);

    public PairTemplate(string place, string text, PairLexicon lexicon)
    {
        (this.lexicon, this.place) = (lexicon, place);
        var (where, literal) = (Where.Both, new StringBuilder());
        void Flush()
        {
            if (literal.Length > 0) pieces.Add(new(where, literal.ToString(), -1, 0));
            literal.Clear();
        }
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '[' when where == Where.Both: Flush(); where = Where.Good; break;
                case '|' when where == Where.Good: Flush(); where = Where.Bad; break;
                case ']' when where == Where.Bad: Flush(); where = Where.Both; break;
                case '[' or '|' or ']': throw new InvalidInputException($"{place}: \"{text[i]}\" at column {i + 1} does not fit; expected [acceptable|unacceptable].");
                case '{':
                    Flush();
                    var end = text.IndexOf('}', i);
                    if (end < 0) throw new InvalidInputException($"{place}: the slot at column {i + 1} is not closed.");
                    pieces.Add(Slot(where, text[(i + 1)..end]));
                    i = end;
                    break;
                default: literal.Append(text[i]); break;
            }
        }
        Flush();
        if (where != Where.Both) throw new InvalidInputException($"{place}: a \"[\" is not closed.");
        if (pieces.All(piece => piece.Where == Where.Both)) throw new InvalidInputException($"{place}: the template has no [acceptable|unacceptable] part, so that its pair would be equal.");
    }

    /// <summary>Draws words and writes both sentences.</summary>
    public (string Good, string Bad) Expand(Random random)
    {
        var words = new string[slots.Count][];
        for (var i = 0; i < words.Length; i++)
        {
            // Two slots of one category get two different words.
            var choices = lexicon.Words(slots[i].Category).Where(word => !words.AsSpan(0, i).Contains(word)).ToArray();
            words[i] = choices[random.Next(choices.Length)];
        }
        string Write(Where left) => Sentence(string.Concat(pieces.Where(piece => piece.Where != left).Select(piece => piece.Slot < 0 ? piece.Text : words[piece.Slot][piece.Form])));
        return (Write(Where.Bad), Write(Where.Good));
    }

    static string Sentence(string text)
    {
        for (var at = text.IndexOf("~a ", StringComparison.Ordinal); at >= 0; at = text.IndexOf("~a ", StringComparison.Ordinal))
            text = text[..at] + ("aeiou".Contains(text[at + 3]) ? "an " : "a ") + text[(at + 3)..];
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    Piece Slot(Where where, string text)
    {
        if (text.Split('.') is not [var reference, var form]) throw new InvalidInputException($"{place}: \"{{{text}}}\" is no slot; expected {{name:category.form}} or {{name.form}}.");
        var parts = reference.Split(':');
        var slot = slots.FindIndex(known => known.Name == parts[0]);
        if (parts.Length == 2)
        {
            if (slot >= 0) throw new InvalidInputException($"{place}: the slot \"{parts[0]}\" is filled twice; refer to it as {{{parts[0]}.{form}}}.");
            slot = slots.Count;
            slots.Add((parts[0], parts[1]));
        }
        else if (slot < 0) throw new InvalidInputException($"{place}: the slot \"{parts[0]}\" has no category; expected {{{parts[0]}:category.{form}}} where it stands first.");
        return lexicon.Form(slots[slot].Category, form) switch
        {
            >= 0 and var index => new(where, "", slot, index),
            -2 => throw new InvalidInputException($"{place}: the lexicon has no category \"{slots[slot].Category}\"."),
            _ => throw new InvalidInputException($"{place}: the category \"{slots[slot].Category}\" has no form \"{form}\"."),
        };
    }
}
