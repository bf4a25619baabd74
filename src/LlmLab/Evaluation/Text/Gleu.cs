namespace LlmLab.Evaluation.Text;

/// <summary>
/// Google's GLEU: the smaller of precision and recall of all n-grams of one to four tokens (Y. Wu et al., "Google's neural machine
/// translation system", 2016, section 4). Unlike BLEU it is meant for single sentences. Equal to NLTK 3.8's <c>gleu_score</c>.
/// </summary>
public static class Gleu
{
    const int LongestNgram = 4;

    /// <summary>The score of one segment, 0 to 1, against its best reference.</summary>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public static double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references) => Corpus([hypothesis], [references]);

    /// <summary>The score of a corpus, 0 to 1: counts are summed before they are divided.</summary>
    /// <exception cref="InvalidInputException">There are no hypotheses, or not as many lists of references.</exception>
    public static double Corpus(IReadOnlyList<IReadOnlyList<string>> hypotheses, IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> references)
    {
        TokenizedSegments.Check("GLEU", hypotheses, references);
        var (matches, all) = (0, 0);
        for (var i = 0; i < hypotheses.Count; i++)
        {
            var best = references[i].Select(reference => Count(hypotheses[i], reference)).Where(count => count.All > 0).DefaultIfEmpty().MaxBy(count => count.All == 0 ? 0 : (double)count.Matches / count.All);
            matches += best.Matches;
            all += best.All;
        }
        return all == 0 ? 0 : (double)matches / all;
    }

    static (int Matches, int All) Count(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference)
    {
        var numbers = new TokenNumbers();
        var counter = new NgramCounter(LongestNgram);
        counter.AddReference(numbers.Of(reference));
        static int All(int length) => Enumerable.Range(1, LongestNgram).Sum(order => NgramCounter.Total(length, order));
        return (counter.Match(numbers.Of(hypothesis)).Sum(), Math.Max(All(hypothesis.Count), All(reference.Count)));
    }
}
