using LlmLab.Text;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Evaluation.Text;

/// <summary>
/// Exact match and token F1 of short answers, as the evaluation script of SQuAD 2.0 computes them (P. Rajpurkar et al., "Know what you
/// don't know", ACL 2018): case, punctuation and English articles do not count.
/// </summary>
public static class AnswerMatch
{
    const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    static readonly Substitution articles = new($"{CharacterClasses.Boundary}(a|an|the){CharacterClasses.Boundary}", " ");

    /// <summary>1 if the answer equals one of the right ones after <see cref="Normalize"/>, else 0.</summary>
    /// <param name="prediction">The answer to judge; empty for "there is no answer".</param>
    /// <param name="answers">The right answers; none, or only empty ones, if the question has no answer.</param>
    public static int Exact(string prediction, IReadOnlyList<string> answers) =>
        RightAnswers(answers).Max(answer => Normalize(answer) == Normalize(prediction) ? 1 : 0);

    /// <summary>The F1 of shared tokens with the right answer that fits best, 0 to 1.</summary>
    /// <param name="prediction">The answer to judge; empty for "there is no answer".</param>
    /// <param name="answers">The right answers; none, or only empty ones, if the question has no answer.</param>
    public static double F1(string prediction, IReadOnlyList<string> answers) => RightAnswers(answers).Max(answer => F1(prediction, answer));

    /// <summary>Lower case, without ASCII punctuation, the articles a, an, the, and superfluous white space.</summary>
    public static string Normalize(string answer)
    {
        var bare = string.Concat(LetterCase.ToLower(answer).Where(character => !Punctuation.Contains(character)));
        return string.Join(' ', Whitespace.Split(articles.Pattern.Replace(bare, articles.Replacement)));
    }

    static double F1(string prediction, string answer)
    {
        var (right, predicted) = (Whitespace.Split(Normalize(answer)), Whitespace.Split(Normalize(prediction)));
        if (right.Count == 0 || predicted.Count == 0) return right.Count == predicted.Count ? 1 : 0;
        var counts = right.GroupBy(token => token).ToDictionary(group => group.Key, group => group.Count());
        var shared = predicted.GroupBy(token => token).Sum(group => Math.Min(group.Count(), counts.GetValueOrDefault(group.Key)));
        if (shared == 0) return 0;
        var (precision, recall) = ((double)shared / predicted.Count, (double)shared / right.Count);
        return 2 * precision * recall / (precision + recall);
    }

    static IEnumerable<string> RightAnswers(IReadOnlyList<string> answers) =>
        answers.Where(answer => Normalize(answer).Length > 0).DefaultIfEmpty("");
}
