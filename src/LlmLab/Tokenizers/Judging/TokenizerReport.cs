using System.Text;
using LlmLab.Data;

namespace LlmLab.Tokenizers.Judging;

/// <summary>
/// How well a tokenizer fits a text. Measures as in Rust et al. 2021 (arXiv:2012.15613): a word is a run of characters that are no white
/// space. Special tokens and unused ids do not count as vocabulary.
/// </summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Algorithm">What sort of tokenizer it is.</param>
/// <param name="VocabularySize">Its vocabulary, special tokens included.</param>
/// <param name="Bytes">UTF-8 bytes of the text.</param>
/// <param name="Words">Words of the text.</param>
/// <param name="Tokens">Tokens of the text.</param>
/// <param name="BytesPerToken">Bytes per token: higher means shorter sequences.</param>
/// <param name="Fertility">Tokens per word: 1 is a vocabulary of all words.</param>
/// <param name="FertilityByLanguage">The same by the documents' language ("?" where it is not known).</param>
/// <param name="VocabularyUse">Share of the vocabulary that occurs in the text.</param>
/// <param name="RareTokens">Share of the vocabulary that occurs fewer than <see cref="RareBelow"/> times, unused tokens included: such tokens are learned badly.</param>
/// <param name="UnknownTokens">Share of the text's tokens that are the unknown token.</param>
/// <param name="RoundTrip">Share of the documents that decode to exactly what was encoded.</param>
public sealed record TokenizerReport(
    string Name, string Algorithm, int VocabularySize, long Bytes, long Words, long Tokens, double BytesPerToken, double Fertility,
    IReadOnlyDictionary<string, double> FertilityByLanguage, double VocabularyUse, double RareTokens, double UnknownTokens, double RoundTrip)
{
    /// <summary>Tokens that occur less often count as rare.</summary>
    public const int RareBelow = 10;

    /// <summary>Measures a tokenizer on documents.</summary>
    /// <exception cref="InvalidInputException">The documents hold no text.</exception>
    public static TokenizerReport Measure(string name, VocabularyTokenizer tokenizer, IEnumerable<Document> documents)
    {
        var occurrences = new long[tokenizer.VocabularySize];
        var languages = new SortedDictionary<string, (long Words, long Tokens)>(StringComparer.Ordinal);
        long bytes = 0, words = 0, tokens = 0, count = 0, same = 0;
        var ids = new TokenBuffer();
        foreach (var document in documents)
        {
            if (document.Text.Length == 0) continue;
            ids.Clear();
            tokenizer.Encode(document.Text, ids);
            foreach (int id in ids.Span) occurrences[id]++;
            long ownWords = CountWords(document.Text);
            string language = document.Metadata.Language ?? "?";
            var (languageWords, languageTokens) = languages.GetValueOrDefault(language);
            languages[language] = (languageWords + ownWords, languageTokens + ids.Count);
            bytes += Encoding.UTF8.GetByteCount(document.Text);
            words += ownWords;
            tokens += ids.Count;
            if (tokenizer.Decode(ids.ToArray()) == document.Text) same++;
            Operation.Current.Report("measuring " + name, ++count, null, "documents");
        }
        if (tokens == 0) throw new InvalidInputException("There is no text to measure the tokenizer on.");

        var special = tokenizer.SpecialTokens.Values.ToHashSet();
        var vocabulary = Enumerable.Range(0, occurrences.Length).Where(id => !special.Contains(id) && tokenizer.GetToken(id) is not null).ToList();
        return new TokenizerReport(name, tokenizer.Algorithm, tokenizer.VocabularySize, bytes, words, tokens,
            (double)bytes / tokens, (double)tokens / Math.Max(1, words),
            languages.ToDictionary(l => l.Key, l => (double)l.Value.Tokens / Math.Max(1, l.Value.Words)),
            Share(vocabulary, id => occurrences[id] > 0), Share(vocabulary, id => occurrences[id] < RareBelow),
            tokenizer.UnknownId is { } unknown ? (double)occurrences[unknown] / tokens : 0, (double)same / count);
    }

    static double Share(List<int> ids, Func<int, bool> holds) => ids.Count == 0 ? 0 : (double)ids.Count(holds) / ids.Count;

    static long CountWords(string text)
    {
        long words = 0;
        bool inside = false;
        foreach (char c in text)
        {
            bool space = char.IsWhiteSpace(c);
            if (!space && !inside) words++;
            inside = !space;
        }
        return words;
    }
}
