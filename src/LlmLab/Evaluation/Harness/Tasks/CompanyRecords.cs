using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>
/// Records made of the example company's knowledge graph, so that every answer can be checked against it. A record is a question about a
/// fact: question, answer, kind, subject_name, project, passage (the paragraph that answers), sentence (of it, the one that answers), before
/// (what stands in that before the answer), named and namedBefore (whether the sentence, or what stands before the answer, names the fact's
/// subject), wrong (three values that the graph has for the same kind elsewhere), choices and right (their shuffled union and the right one's
/// number), wrongSentence (the sentence with the first wrong value), values (all of the kind).
/// </summary>
/// <param name="seed">The company's seed.</param>
/// <param name="projects">Projects, of which a split takes its share.</param>
sealed class CompanyRecords(ulong seed, int projects)
{
    readonly Lazy<CompanyPart[]> parts = new(() => [.. Enumerable.Range(0, projects).AsParallel().AsOrdered().Select(number => CompanyGenerator.GeneratePart(seed, number))]);

    public IReadOnlyList<TaskRecord> Read(TaskData data)
    {
        var split = data.Split switch
        {
            "train" => CompanySplit.Train,
            "validation" => CompanySplit.Validation,
            null or "test" => CompanySplit.Test,
            _ => throw new InvalidInputException($"The example company has no split \"{data.Split}\": expected train, validation or test."),
        };
        var values = parts.Value.SelectMany(part => part.Facts).GroupBy(fact => fact.Kind).ToDictionary(group => group.Key, group => group.Select(fact => fact.Answer).Distinct().Order(StringComparer.Ordinal).Cast<object?>().ToArray());
        var records = new List<TaskRecord>();
        foreach (var part in parts.Value.Where(part => part.Split == split))
        {
            var subjects = part.Facts.ToDictionary(fact => fact.Id, fact => fact.Subject);
            // One phrasing a fact; those kept for tests where there are any.
            foreach (var group in part.Questions.Where(question => question.Sensitivity == Sensitivity.Internal).GroupBy(question => question.FactId))
            {
                var question = group.OrderByDescending(q => q.HeldOut).First();
                bool answerable = question.Answer is not null;
                // A kind with fewer than four values has no three wrong ones.
                if (answerable && values[question.Kind].Length < 4) continue;
                if (answerable ? data.Questions is null or "answerable" or "all" : data.Questions is "unanswerable" or "all")
                    records.Add(answerable ? Answerable(part, question, subjects[question.FactId], values[question.Kind]) : Unanswerable(part, question));
            }
        }
        return records;
    }

    TaskRecord Answerable(CompanyPart part, CompanyQuestion question, string subject, object?[] values)
    {
        var random = new Random(HashOf(question.Id));
        string answer = question.Answer!, passage = question.Passages[0].Text;
        var others = values.Where(value => (string)value! != answer).ToArray();
        random.Shuffle(others);
        object?[] wrong = [.. others.Take(3)], choices = [answer, .. wrong];
        random.Shuffle(choices);
        int at = passage.IndexOf(answer, StringComparison.Ordinal);
        string upTo = passage[..at];
        int line = upTo.LastIndexOf('\n'), stop = upTo.LastIndexOf(". ", StringComparison.Ordinal);
        string before = upTo[Math.Max(line + 1, stop < 0 ? 0 : stop + 2)..].TrimStart(), rest = passage[(at + answer.Length)..];
        int end = rest.IndexOfAny(['\n']) is var lineEnd and >= 0 ? lineEnd : rest.Length, period = rest.IndexOf(". ", StringComparison.Ordinal);
        string after = period >= 0 && period < end ? rest[..(period + 1)] : rest[..end];
        string[] names = subject.Split(", ");
        return new TaskRecord(new Dictionary<string, object?>
        {
            ["id"] = question.Id,
            ["kind"] = question.Kind,
            ["subject_name"] = subject,
            ["project"] = part.Project,
            ["question"] = question.Question,
            ["answer"] = answer,
            ["passage"] = passage,
            ["before"] = before.TrimEnd(),
            ["sentence"] = before + answer + after,
            ["named"] = names.All((before + after).Contains),
            ["namedBefore"] = names.All(before.Contains),
            ["wrong"] = wrong,
            ["wrongSentence"] = before + wrong[0] + after,
            ["choices"] = choices,
            ["right"] = (decimal)Array.IndexOf(choices, answer),
            ["values"] = values,
        }, question.Id, question.Kind.Split('.')[0]);
    }

    static TaskRecord Unanswerable(CompanyPart part, CompanyQuestion question)
    {
        // A paragraph of the same project that does not answer.
        var passages = part.Questions.Where(other => other.Answer is not null && other.Sensitivity == Sensitivity.Internal).Select(other => other.Passages[0].Text).Distinct().ToArray();
        return new TaskRecord(new Dictionary<string, object?>
        {
            ["id"] = question.Id,
            ["kind"] = question.Kind,
            ["project"] = part.Project,
            ["question"] = question.Question,
            ["answer"] = null,
            ["passage"] = passages.Length == 0 ? "" : passages[new Random(HashOf(question.Id)).Next(passages.Length)],
            ["values"] = Array.Empty<object?>(),
        }, question.Id, question.Kind.Split('.')[0]);
    }

    /// <summary>A seed that depends on a text alone.</summary>
    internal static int HashOf(string id) => (int)(System.IO.Hashing.XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(id)) & 0x7fffffff);
}
