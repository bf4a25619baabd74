using LlmLab.Text;
using LlmLab.Text.Lemmatization;
using LlmLab.Text.Stemming;

namespace LlmLab.Evaluation.Text;

/// <summary>The parameters of <see cref="Meteor"/>; the defaults are NLTK's.</summary>
/// <param name="Alpha">Weight of recall against precision, 0 to 1.</param>
/// <param name="Beta">How steeply the penalty grows with fragmentation.</param>
/// <param name="Gamma">Largest penalty, 0 to 1.</param>
public sealed record MeteorOptions(double Alpha = 0.9, double Beta = 3.0, double Gamma = 0.5);

/// <summary>
/// METEOR: words are aligned if they are equal, have the same stem, or are synonyms in WordNet; word order counts through the number of
/// stretches that were aligned (A. Lavie and A. Agarwal, "METEOR: an automatic metric for MT evaluation with high levels of correlation
/// with human judgments", WMT 2007). Equal to NLTK 3.8's <c>meteor_score</c>. Not safe to use from several threads at once.
/// </summary>
/// <param name="lemmatizer">Finds synonyms; null leaves that stage out, and scores are then lower.</param>
/// <param name="options">Weights; by default NLTK's.</param>
public sealed class Meteor(WordNetLemmatizer? lemmatizer, MeteorOptions? options = null)
{
    readonly MeteorOptions options = options ?? new();
    readonly PorterStemmer stemmer = new();
    readonly Dictionary<string, string> stems = [];
    readonly Dictionary<string, HashSet<string>> synonyms = [];

    /// <summary>What was compared, for reports.</summary>
    public string Method => lemmatizer is null ? "words and stems, without WordNet's synonyms" : $"words, stems and synonyms ({lemmatizer.Method})";

    /// <summary>The score of one segment, 0 to 1, against its best reference.</summary>
    /// <param name="hypothesis">Tokens; compared in lower case.</param>
    /// <param name="references">The tokens of each reference.</param>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references)
    {
        if (references.Count == 0) throw new InvalidInputException("METEOR was given no reference; it needs at least one.");
        return references.Max(reference => Score(hypothesis, reference));
    }

    double Score(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference)
    {
        var matches = Align(hypothesis, reference);
        if (matches.Count == 0) return 0;
        var precision = (double)matches.Count / hypothesis.Count;
        var recall = (double)matches.Count / reference.Count;
        var mean = precision * recall / (options.Alpha * precision + (1 - options.Alpha) * recall);
        return (1 - options.Gamma * Math.Pow((double)CountChunks(matches) / matches.Count, options.Beta)) * mean;
    }

    /// <summary>Pairs of positions, in the order of the hypothesis.</summary>
    List<(int Hypothesis, int Reference)> Align(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference)
    {
        var matches = new List<(int Hypothesis, int Reference)>();
        var left = hypothesis.Select((word, position) => (Position: position, Word: LetterCase.ToLower(word))).ToList();
        var right = reference.Select((word, position) => (Position: position, Word: LetterCase.ToLower(word))).ToList();
        Match(left, right, matches, (one, other) => one == other);
        // From here on stems take the place of words: that is how NLTK comes to look up synonyms of stems.
        left = [.. left.Select(item => (item.Position, Stem(item.Word)))];
        right = [.. right.Select(item => (item.Position, Stem(item.Word)))];
        Match(left, right, matches, (one, other) => one == other);
        if (lemmatizer is not null) Match(left, right, matches, (one, other) => one == other || Synonyms(one).Contains(other));
        matches.Sort();
        return matches;
    }

    /// <summary>Takes the last word of the hypothesis with the last word of the reference that fits it, and so on to the front.</summary>
    static void Match(List<(int Position, string Word)> left, List<(int Position, string Word)> right, List<(int, int)> matches, Func<string, string, bool> fits)
    {
        for (var i = left.Count - 1; i >= 0; i--)
            for (var j = right.Count - 1; j >= 0; j--)
            {
                if (!fits(left[i].Word, right[j].Word)) continue;
                matches.Add((left[i].Position, right[j].Position));
                left.RemoveAt(i);
                right.RemoveAt(j);
                break;
            }
    }

    static int CountChunks(List<(int Hypothesis, int Reference)> matches) =>
        1 + matches.Zip(matches.Skip(1)).Count(pair => pair.Second.Hypothesis != pair.First.Hypothesis + 1 || pair.Second.Reference != pair.First.Reference + 1);

    string Stem(string word)
    {
        if (!stems.TryGetValue(word, out var stem)) stems.Add(word, stem = stemmer.Stem(word));
        return stem;
    }

    HashSet<string> Synonyms(string word)
    {
        if (!synonyms.TryGetValue(word, out var found))
            synonyms.Add(word, found = [.. lemmatizer!.Synonyms(LetterCase.ToLower(word)).Where(synonym => !synonym.Contains('_'))]);
        return found;
    }
}
