using System.Collections.Frozen;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Analysis.Util;
using Lucene.Net.Util;

namespace LlmLab.Text;

/// <summary>
/// Words so frequent that they say little about a text's topic. Leaving them out makes an index smaller; whether it makes search
/// better has to be measured. The lists are those that come with Lucene.
/// </summary>
public sealed class StopWords
{
    readonly FrozenSet<string> words;

    StopWords(string name, IEnumerable<string> words)
    {
        Name = name;
        this.words = words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Where the list comes from, for reports.</summary>
    public string Name { get; }

    /// <summary>How many words the list has.</summary>
    public int Count => words.Count;

    /// <summary>Snowball's English list, 174 words.</summary>
    public static StopWords English { get; } = Snowball("english");

    /// <summary>Lucene's classic list for English: the 33 words that its analyzers leave out by default.</summary>
    public static StopWords ShortEnglish { get; } = new("Lucene, short English", StopAnalyzer.ENGLISH_STOP_WORDS_SET);

    /// <summary>The languages that <see cref="ForLanguage"/> knows, by their English names.</summary>
    public static IReadOnlyList<string> Languages { get; } =
        ["danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese", "russian", "spanish", "swedish"];

    /// <summary>Snowball's list for a language.</summary>
    /// <param name="language">English name in lower case, such as "german".</param>
    /// <exception cref="InvalidInputException">There is no list for it.</exception>
    public static StopWords ForLanguage(string language) => Languages.Contains(language)
        ? Snowball(language)
        : throw new InvalidInputException($"There is no list of stop words for \"{language}\"; choose one of {string.Join(", ", Languages)}.");

    /// <summary>A list of one's own.</summary>
    public static StopWords Of(string name, IEnumerable<string> words) => new(name, words);

    /// <summary>Whether the word is in the list, in whatever case.</summary>
    public bool Contains(string word) => words.Contains(word);

    /// <summary>The tokens that are not in the list.</summary>
    public IEnumerable<string> Remove(IEnumerable<string> tokens) => tokens.Where(token => !Contains(token));

    static StopWords Snowball(string language)
    {
        var type = typeof(StopAnalyzer); // any of the assembly that carries the lists
        using var stream = type.Assembly.GetManifestResourceStream($"Lucene.Net.Analysis.Common.Analysis.Snowball.{language}_stop.txt")
            ?? throw new InvalidOperationException($"Lucene's list of {language} stop words is missing.");
        using var reader = new StreamReader(stream);
        return new($"Snowball, {language}", WordlistLoader.GetSnowballWordSet(reader, LuceneVersion.LUCENE_48));
    }
}
