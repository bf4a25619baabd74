using System.Globalization;

namespace LlmLab.Text.Lemmatization;

/// <summary>
/// Princeton WordNet's index of lemmas, its lists of irregular forms and its sets of synonyms, read from the files of the
/// distribution (<c>index.noun</c>, <c>noun.exc</c>, <c>data.noun</c> …; G. Miller, "WordNet: a lexical database for English", 1995).
/// Debian has them in the package wordnet-base.
/// </summary>
public sealed class WordNetLexicon
{
    static readonly string[] names = ["noun", "verb", "adj", "adv"]; // in the order of PartOfSpeech

    readonly Dictionary<string, int[]>[] synsets; // lemma → offsets of its synsets, by part of speech
    readonly Dictionary<string, string[]>[] irregularForms;
    readonly Lazy<Dictionary<int, string[]>[]> lemmasOfSynset;

    WordNetLexicon(string folder)
    {
        Folder = folder;
        synsets = [.. names.Select(name => ReadIndex(Path.Combine(folder, "index." + name)))];
        irregularForms = [.. names.Select(name => ReadIrregularForms(Path.Combine(folder, name + ".exc")))];
        lemmasOfSynset = new(() => [.. Enum.GetValues<PartOfSpeech>().Select(ReadLemmas)]);
    }

    /// <summary>Where the files lie.</summary>
    public string Folder { get; }

    /// <summary>Reads the lexicon of a folder: some 155,000 lemmas, to be kept for all uses.</summary>
    /// <exception cref="InvalidInputException">A file of WordNet is missing there.</exception>
    public static WordNetLexicon Load(string folder)
    {
        var missing = names.SelectMany(name => (string[])["index." + name, name + ".exc"]).FirstOrDefault(file => !File.Exists(Path.Combine(folder, file)));
        if (missing is not null)
            throw new InvalidInputException($"{folder} has no {missing}; give the folder of a WordNet 3 distribution (on Debian: apt-get install wordnet-base, then /usr/share/wordnet).");
        return new(folder);
    }

    /// <summary>
    /// The lexicon of the first folder that has one: LLMLAB_DATA/lexicon/wordnet, WordNet's own variable WNSEARCHDIR,
    /// /usr/share/wordnet; null if none does.
    /// </summary>
    public static WordNetLexicon? Find()
    {
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("LLMLAB_DATA") is { Length: > 0 } data ? Path.Combine(data, "lexicon", "wordnet") : null,
            Environment.GetEnvironmentVariable("WNSEARCHDIR"),
            "/usr/share/wordnet",
        ];
        return folders.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "index.noun"))) is { } found ? Load(found) : null;
    }

    /// <summary>Whether the lemma is in WordNet as this part of speech.</summary>
    public bool Contains(string lemma, PartOfSpeech part) => synsets[(int)part].ContainsKey(lemma);

    /// <summary>The lemmas of an irregular form ("geese": "goose"); null for a form that is not listed.</summary>
    public IReadOnlyList<string>? LemmasOfIrregularForm(string form, PartOfSpeech part) => irregularForms[(int)part].GetValueOrDefault(form);

    /// <summary>The number of synsets, that is of meanings, that the lemma has as this part of speech.</summary>
    public int CountSynsets(string lemma, PartOfSpeech part) => synsets[(int)part].TryGetValue(lemma, out var offsets) ? offsets.Length : 0;

    /// <summary>The lemmas that share a synset with this one, itself among them; words of a phrase are joined by underscores.</summary>
    public IEnumerable<string> Synonyms(string lemma, PartOfSpeech part) => synsets[(int)part].TryGetValue(lemma, out var offsets)
        ? offsets.SelectMany(offset => lemmasOfSynset.Value[(int)part].GetValueOrDefault(offset) ?? []).Distinct()
        : [];

    // A line: lemma, part of speech, number of synsets, number of pointer kinds, those, number of senses, of tagged senses, the offsets.
    static Dictionary<string, int[]> ReadIndex(string path)
    {
        var index = new Dictionary<string, int[]>();
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith(' ')) continue; // the licence
            var fields = line.TrimEnd().Split(' ');
            var count = int.Parse(fields[2], CultureInfo.InvariantCulture);
            index[fields[0]] = [.. fields[^count..].Select(offset => int.Parse(offset, CultureInfo.InvariantCulture))];
        }
        return index;
    }

    static Dictionary<string, string[]> ReadIrregularForms(string path)
    {
        var forms = new Dictionary<string, string[]>();
        foreach (var line in File.ReadLines(path))
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var form, .. var lemmas]) forms[form] = lemmas;
        return forms;
    }

    // The data files have the lemmas as they are written ("Paris"); without them the index serves, where all are in lower case.
    Dictionary<int, string[]> ReadLemmas(PartOfSpeech part)
    {
        var path = Path.Combine(Folder, "data." + names[(int)part]);
        return File.Exists(path)
            ? File.ReadLines(path).Where(line => !line.StartsWith(' ')).Select(ReadSynset).ToDictionary(synset => synset.Offset, synset => synset.Lemmas)
            : synsets[(int)part].SelectMany(entry => entry.Value.Select(offset => (Offset: offset, Lemma: entry.Key))).GroupBy(pair => pair.Offset)
                .ToDictionary(group => group.Key, group => group.Select(pair => pair.Lemma).ToArray());
    }

    // A line: offset, file number, type, number of words in hexadecimal, then a word and a sense number each; "(a)" marks where an adjective may stand.
    static (int Offset, string[] Lemmas) ReadSynset(string line)
    {
        var fields = line.Split(' ', 4 + 2 * 64);
        var count = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (int.Parse(fields[0], CultureInfo.InvariantCulture), [.. Enumerable.Range(0, count).Select(i => fields[4 + 2 * i].Split('(')[0])]);
    }
}
