using Lucene.Net.Tartarus.Snowball;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace LlmLab.Text.Stemming;

/// <summary>
/// The Snowball stemmers of other languages, as Lucene.NET has them. For English see <see cref="SnowballEnglishStemmer"/>, which knows
/// two versions. Safe to use from several threads.
/// </summary>
public sealed class SnowballStemmer : IStemmer
{
    static readonly Dictionary<string, Func<SnowballProgram>> programs = new()
    {
        ["danish"] = () => new DanishStemmer(),
        ["dutch"] = () => new DutchStemmer(),
        ["finnish"] = () => new FinnishStemmer(),
        ["french"] = () => new FrenchStemmer(),
        ["german"] = () => new GermanStemmer(),
        ["hungarian"] = () => new HungarianStemmer(),
        ["italian"] = () => new ItalianStemmer(),
        ["norwegian"] = () => new NorwegianStemmer(),
        ["portuguese"] = () => new PortugueseStemmer(),
        ["romanian"] = () => new RomanianStemmer(),
        ["russian"] = () => new RussianStemmer(),
        ["spanish"] = () => new SpanishStemmer(),
        ["swedish"] = () => new SwedishStemmer(),
        ["turkish"] = () => new TurkishStemmer(),
    };

    readonly ThreadLocal<SnowballProgram> program; // a program holds the word that it works on

    SnowballStemmer(Func<SnowballProgram> make) => program = new(make);

    /// <summary>The languages, by their English names.</summary>
    public static IReadOnlyCollection<string> Languages { get; } = [.. programs.Keys.Append("english").Order(StringComparer.Ordinal)];

    /// <summary>The stemmer of a language; for English the one of Snowball 3.</summary>
    /// <param name="language">English name in lower case, such as "german".</param>
    /// <exception cref="InvalidInputException">There is no stemmer for it.</exception>
    public static IStemmer ForLanguage(string language) =>
        language == "english" ? new SnowballEnglishStemmer()
        : programs.TryGetValue(language, out var make) ? new SnowballStemmer(make)
        : throw new InvalidInputException($"There is no Snowball stemmer for \"{language}\"; choose one of {string.Join(", ", Languages)}.");

    /// <inheritdoc/>
    public string Stem(string word)
    {
        var stemmer = program.Value!;
        stemmer.SetCurrent(LetterCase.ToLower(word));
        stemmer.Stem();
        return stemmer.Current;
    }
}
