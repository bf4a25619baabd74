using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Snowball;
using Lucene.Net.Analysis.Standard;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Analysis.Util;
using Lucene.Net.Util;

namespace LlmLab.Retrieval.Search;

/// <summary>Makes words of text: Unicode's word breaks, lower case, without stop words, stemmed by Snowball's rules of the language.</summary>
sealed class KeywordAnalysis : Analyzer
{
    readonly string? stemmer;
    readonly CharArraySet? stopWords;

    /// <exception cref="InvalidInputException">The language is unknown.</exception>
    public KeywordAnalysis(KeywordOptions options)
    {
        if (options.Language is not { } language) return;
        if (!Text.StopWords.Languages.Contains(language))
            throw new InvalidInputException($"There are no stop words and stems for \"{language}\"; choose one of {string.Join(", ", Text.StopWords.Languages)}, or none.");
        stemmer = char.ToUpperInvariant(language[0]) + language[1..];
        if (!options.StopWords) return;
        using var stream = typeof(StopAnalyzer).Assembly.GetManifestResourceStream($"Lucene.Net.Analysis.Common.Analysis.Snowball.{language}_stop.txt")!;
        using var reader = new StreamReader(stream);
        stopWords = WordlistLoader.GetSnowballWordSet(reader, LuceneVersion.LUCENE_48);
    }

    /// <summary>The words of a text, in order.</summary>
    public List<string> Words(string text)
    {
        var words = new List<string>();
        using var stream = GetTokenStream("text", text);
        var term = stream.GetAttribute<ICharTermAttribute>();
        stream.Reset();
        while (stream.IncrementToken()) words.Add(term.ToString());
        stream.End();
        return words;
    }

    protected override TokenStreamComponents CreateComponents(string fieldName, TextReader reader)
    {
        var source = new StandardTokenizer(LuceneVersion.LUCENE_48, reader);
        TokenStream stream = new LowerCaseFilter(LuceneVersion.LUCENE_48, source);
        if (stemmer == "English") stream = new EnglishPossessiveFilter(LuceneVersion.LUCENE_48, stream);
        if (stopWords is not null) stream = new StopFilter(LuceneVersion.LUCENE_48, stream, stopWords);
        if (stemmer is not null) stream = new SnowballFilter(stream, stemmer);
        return new TokenStreamComponents(source, stream);
    }
}
