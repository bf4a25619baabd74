using LlmLab.Text;
using LlmLab.Text.Stemming;

namespace LlmLab.Evaluation.Text;

/// <summary>Precision, recall and their harmonic mean, 0 to 1.</summary>
public readonly record struct RougeScore(double Precision, double Recall, double FMeasure)
{
    /// <summary>The score of a number of hits.</summary>
    internal static RougeScore Of(double hits, double inPrediction, double inTarget)
    {
        var precision = hits / Math.Max(1, inPrediction);
        var recall = hits / Math.Max(1, inTarget);
        return new(precision, recall, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
    }
}

/// <summary>
/// ROUGE: how many n-grams, or how long a common subsequence, a text shares with a target (C.-Y. Lin, "ROUGE: a package for automatic
/// evaluation of summaries", 2004). Equal to Google's rouge_score, which replaces the Perl script today.
/// </summary>
/// <param name="useStemmer">Compare Porter stems (of words of more than three letters).</param>
public sealed class Rouge(bool useStemmer = false)
{
    static readonly PorterStemmer stemmer = new();

    /// <summary>ROUGE-N: shared n-grams.</summary>
    /// <param name="target">The text that is right.</param>
    /// <param name="prediction">The text to judge.</param>
    /// <param name="order">Tokens of an n-gram, at least 1.</param>
    public RougeScore N(string target, string prediction, int order)
    {
        if (order < 1) throw new InvalidInputException($"ROUGE-{order} does not exist; n-grams have at least one token.");
        var numbers = new TokenNumbers();
        var counter = new NgramCounter(order);
        var (targetTokens, predictionTokens) = (Numbered(target, numbers), Numbered(prediction, numbers));
        counter.AddReference(targetTokens);
        return RougeScore.Of(counter.Match(predictionTokens)[order - 1], NgramCounter.Total(predictionTokens.Length, order), NgramCounter.Total(targetTokens.Length, order));
    }

    /// <summary>ROUGE-L: the longest common subsequence of the two texts.</summary>
    public RougeScore L(string target, string prediction)
    {
        var numbers = new TokenNumbers();
        var (targetTokens, predictionTokens) = (Numbered(target, numbers), Numbered(prediction, numbers));
        return RougeScore.Of(LongestCommonSubsequence.Length(targetTokens, predictionTokens), predictionTokens.Length, targetTokens.Length);
    }

    /// <summary>
    /// ROUGE-Lsum: for each line of the target the union of its common subsequences with all lines of the prediction, each token counted
    /// once. Put each sentence on a line of its own.
    /// </summary>
    public RougeScore LSum(string target, string prediction)
    {
        var numbers = new TokenNumbers();
        int[][] Sentences(string text) => [.. text.Split('\n').Where(line => line.Length > 0).Select(line => Numbered(line, numbers))];
        var (targets, predictions) = (Sentences(target), Sentences(prediction));
        var (inTarget, inPrediction) = (Count(targets), Count(predictions));
        var hits = 0;
        foreach (var sentence in targets)
        {
            var common = new SortedSet<int>(predictions.SelectMany(one => LongestCommonSubsequence.Positions(sentence, one)));
            foreach (var token in common.Select(position => sentence[position]))
            {
                if (inTarget.GetValueOrDefault(token) == 0 || inPrediction.GetValueOrDefault(token) == 0) continue;
                inTarget[token]--;
                inPrediction[token]--;
                hits++;
            }
        }
        return RougeScore.Of(hits, predictions.Sum(one => one.Length), targets.Sum(one => one.Length));
    }

    /// <summary>Lower-case runs of the letters a to z and digits; anything else separates.</summary>
    public IReadOnlyList<string> Tokenize(string text)
    {
        var lower = LetterCase.ToLower(text);
        return [.. TokenRanges(lower).Select(range => lower[range]).Select(token => IsStemmed(token) ? stemmer.Stem(token) : token)];
    }

    int[] Numbered(string text, TokenNumbers numbers)
    {
        var lower = LetterCase.ToLower(text);
        var ranges = TokenRanges(lower);
        var tokens = new int[ranges.Count];
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = lower.AsSpan(ranges[i]);
            tokens[i] = IsStemmed(token) ? numbers.Of(stemmer.Stem(token.ToString())) : numbers.Of(token);
        }
        return tokens;
    }

    bool IsStemmed(ReadOnlySpan<char> token) => useStemmer && token.Length > 3;

    static List<Range> TokenRanges(string lower)
    {
        var ranges = new List<Range>(lower.Length / 5);
        var start = -1;
        for (var i = 0; i <= lower.Length; i++)
            if (i < lower.Length && (char.IsAsciiLetterLower(lower[i]) || char.IsAsciiDigit(lower[i])))
            {
                if (start < 0) start = i;
            }
            else if (start >= 0)
            {
                ranges.Add(start..i);
                start = -1;
            }
        return ranges;
    }

    static Dictionary<int, int> Count(int[][] sentences) => sentences.SelectMany(sentence => sentence).GroupBy(token => token).ToDictionary(group => group.Key, group => group.Count());
}
