namespace LlmLab.Evaluation.Fluency;

/// <summary>
/// The words that fill the templates of minimal pairs, by category, each in the forms that its category names; read from
/// <c>data/fluency/lexicon.txt</c>. A backslash before a space keeps a form of two words together.
/// </summary>
sealed class PairLexicon
{
    readonly Dictionary<string, (string[] Forms, List<string[]> Words)> categories = new(StringComparer.Ordinal);

    public PairLexicon(string file, string text)
    {
        (string[] Forms, List<string[]> Words)? current = null;
        foreach (var (place, line) in Lines(file, text))
        {
            if (line[0] != ' ')
            {
                if (line.Split(':') is not [var name, var forms] || forms.Trim().Length == 0)
                    throw new InvalidInputException($"{place}: expected \"category: forms\", found \"{line}\".");
                current = (forms.Split(' ', StringSplitOptions.RemoveEmptyEntries), []);
                if (!categories.TryAdd(name.Trim(), current.Value)) throw new InvalidInputException($"{place}: the category \"{name.Trim()}\" stands there twice.");
                continue;
            }
            if (current is not { } category) throw new InvalidInputException($"{place}: a word stands before the first category.");
            string[] word = [.. line.Replace("\\ ", "\0").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(form => form.Replace('\0', ' '))];
            if (word.Length != category.Forms.Length)
                throw new InvalidInputException($"{place}: the word has {word.Length} forms, its category {category.Forms.Length} ({string.Join(", ", category.Forms)}).");
            category.Words.Add(word);
        }
    }

    /// <summary>The words of a category, each with as many forms as the category.</summary>
    public IReadOnlyList<string[]> Words(string category) => categories[category].Words;

    /// <summary>The position of a form in a category's words; −1 if it has no such form, −2 if there is no such category.</summary>
    public int Form(string category, string form) => categories.TryGetValue(category, out var known) ? Array.IndexOf(known.Forms, form) : -2;

    /// <summary>The lines that say something, with where they stand.</summary>
    internal static IEnumerable<(string Place, string Line)> Lines(string file, string text) => text.Split('\n')
        .Select((line, i) => (Place: $"{file}, line {i + 1}", Line: line.TrimEnd()))
        .Where(line => line.Line.Length > 0 && line.Line[0] != '#');
}
