using LlmLab.Evaluation.Statistics;
using LlmLab.Evaluation.Text;

namespace LlmLab.Retrieval.Reading;

/// <summary>What a reader gets right, with intervals.</summary>
/// <param name="ExactMatch">Share of answerable questions answered exactly (SQuAD's normalisation).</param>
/// <param name="F1">Mean F1 of shared words over answerable questions.</param>
/// <param name="RougeL">Mean F-measure of ROUGE-L over answerable questions.</param>
/// <param name="Refused">Share of unanswerable questions refused; null where there were none.</param>
/// <param name="FalselyRefused">Share of answerable questions refused.</param>
/// <param name="Cited">Of the right answers, the share that names a passage which holds the answer.</param>
public sealed record ReadingScores(Estimate ExactMatch, Estimate F1, Estimate RougeL, Estimate? Refused, Estimate FalselyRefused, Estimate? Cited);

/// <summary>One question and what became of it.</summary>
public sealed record ReadingResult(ReadingQuestion Question, ReadingAnswer Answer)
{
    /// <summary>Whether it is right.</summary>
    public bool IsRight => Question.Answer is { } right ? !Answer.Refused && AnswerMatch.Exact(Answer.Text, [right]) == 1 : Answer.Refused;
}

/// <summary>Measures a reader.</summary>
public static class ReadingEvaluation
{
    /// <summary>Answers all questions, on several threads.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="questions">The questions with their passages.</param>
    /// <param name="threads">Threads; 0: as many as processors.</param>
    public static IReadOnlyList<ReadingResult> Run(Reader reader, IReadOnlyList<ReadingQuestion> questions, int threads = 0)
    {
        int done = 0;
        var operation = Operation.Current;
        int before = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(1);   // a small model's operations are too short to share
        try
        {
            return [.. questions.AsParallel().AsOrdered().WithDegreeOfParallelism(threads > 0 ? threads : Environment.ProcessorCount).WithCancellation(operation.CancellationToken).Select(question =>
            {
                var result = new ReadingResult(question, reader.Answer(question.Question, question.Passages));
                operation.Report("reading", Interlocked.Increment(ref done), questions.Count, "questions");
                return result;
            })];
        }
        finally
        {
            TorchSharp.torch.set_num_threads(before);
        }
    }

    /// <summary>The scores of results.</summary>
    /// <exception cref="InvalidInputException">None of the questions has an answer.</exception>
    public static ReadingScores Score(IReadOnlyList<ReadingResult> results)
    {
        var answerable = results.Where(result => result.Question.Answer is not null).ToArray();
        var rest = results.Where(result => result.Question.Answer is null).ToArray();
        if (answerable.Length == 0) throw new InvalidInputException("None of the questions has an answer: exact match needs some.");
        var rouge = new Rouge();
        var right = answerable.Where(result => result.IsRight).ToArray();
        return new ReadingScores(
            Estimate.OfShare(right.Length, answerable.Length),
            Bootstrap.OfMean([.. answerable.Select(r => r.Answer.Refused ? 0 : AnswerMatch.F1(r.Answer.Text, [r.Question.Answer!]))]),
            Bootstrap.OfMean([.. answerable.Select(r => r.Answer.Refused ? 0 : rouge.L(r.Question.Answer!, r.Answer.Text).FMeasure)]),
            rest.Length == 0 ? null : Estimate.OfShare(rest.Count(r => r.Answer.Refused), rest.Length),
            Estimate.OfShare(answerable.Count(r => r.Answer.Refused), answerable.Length),
            right.Length == 0 ? null : Estimate.OfShare(right.Count(r => r.Answer.Passage is { } at && r.Question.Passages[at].Contains(r.Question.Answer!, StringComparison.Ordinal)), right.Length));
    }
}
