using System.Globalization;
using System.Text.RegularExpressions;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Evaluation.Text;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>
/// The model writes, filters take the answer out, and it is compared with the right ones. For answers from documents: whether it refused
/// where nothing answers, whether the answer stands in its evidence, and whether it is a value that the knowledge graph has for something else.
/// </summary>
sealed class GenerationOutput : TaskOutput
{
    public static readonly Metric[] Known =
    [
        new("exact_match", "share of answers that equal a right one (by SQuAD's normalisation, numbers as they are)"),
        new("f1", "mean F1 of words shared with the best right answer"),
        new("rouge_l", "mean F-measure of ROUGE-L with the best right answer"),
        new("contains", "share of answers in which a right one stands"),
        new("grounded", "share of answers, refusals left out, that stand in the evidence"),
        new("misattributed", "share of answers that are wrong but are the knowledge graph's value of something else", false),
        new("invented", "share of answers that are wrong and neither a refusal nor a value of the knowledge graph", false),
        new("refusal_recall", "share of the questions without an answer that are refused"),
        new("false_refusal_rate", "share of the questions with an answer that are refused", false),
    ];

    static readonly Regex number = new(@"[-+]?\$?\d[\d,]*(\.\d+)?", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    static readonly Rouge rouge = new();

    readonly Func<string, string>[] filters;
    readonly Regex? refusal;
    readonly bool numbers;

    public GenerationOutput(EvaluationTask task) : base(task)
    {
        filters = [.. task.Filters.Select(Filter)];
        numbers = task.Filters.Any(filter => filter.Kind == "number");
        refusal = task.Refusal is { } pattern ? Pattern(pattern) : null;
    }

    public override ItemRequests Requests(TaskItem item, string before) => new()
    {
        Generations = [new GenerationRequest(before + item.Prompt, Task.Stops, Task.MaxTokens) { Question = item.Question, Passages = item.Evidence.Length > 0 ? [item.Evidence] : [] }],
    };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers) => Judge(item, answers.Generations[0]);

    public override IReadOnlyList<IReadOnlyDictionary<string, ItemScore>> MostFrequent(IReadOnlyList<TaskItem> items)
    {
        var given = items.Where(item => item.Answers.Count > 0).ToArray();
        string? common = given.Length == 0 ? null : MostCommon(given.Select(item => item.Answers[0]));
        return [.. items.Select(item => common is null ? None : Judge(item, common))];
    }

    Dictionary<string, ItemScore> Judge(TaskItem item, string written)
    {
        string answer = Filtered(written);
        string[] right = [.. item.Answers.Select(Filtered)];
        bool refused = refusal?.IsMatch(written) ?? false, answerable = right.Length > 0;
        if (!answerable) return Scores(("refusal_recall", refused ? 1 : 0));
        // SQuAD's normalisation takes signs and decimal points away: numbers are compared as they are.
        int exact = refused ? 0 : numbers ? right.Contains(answer) ? 1 : 0 : AnswerMatch.Exact(answer, right);
        string normal = AnswerMatch.Normalize(answer);
        bool known = item.Values.Any(value => AnswerMatch.Normalize(Filtered(value)) == normal);
        return Scores(
            ("exact_match", exact),
            ("f1", refused ? 0 : AnswerMatch.F1(answer, right)),
            ("rouge_l", refused ? 0 : right.Max(one => rouge.L(one, answer).FMeasure)),
            ("contains", !refused && right.Any(one => normal.Contains(AnswerMatch.Normalize(one), StringComparison.Ordinal)) ? 1 : 0),
            ("grounded", refused ? double.NaN : normal.Length > 0 && AnswerMatch.Normalize(item.Evidence).Contains(normal, StringComparison.Ordinal) ? 1 : 0),
            ("misattributed", exact == 0 && !refused && known ? 1 : 0),
            ("invented", exact == 0 && !refused && !known ? 1 : 0),
            ("false_refusal_rate", refused ? 1 : 0));
    }

    string Filtered(string text) => filters.Aggregate(text, (value, filter) => filter(value));

    Func<string, string> Filter(AnswerFilter filter) => filter.Kind switch
    {
        "strip" => text => text.Trim(),
        "lower" => text => text.ToLowerInvariant(),
        "firstLine" => text => text.TrimStart().Split('\n')[0],
        "number" => Number,
        _ => Match(Pattern(filter.Pattern ?? throw new InvalidInputException($"Task {Task.Name} has a regex filter without a pattern.")), filter.Last),
    };

    static Func<string, string> Match(Regex pattern, bool last) => text =>
    {
        var matches = pattern.Matches(text);
        if (matches.Count == 0) return text;
        var match = last ? matches[^1] : matches[0];
        return match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
    };

    // The last number of a text in one form: without thousands' separators and signs of money, 5.0 as 5.
    static string Number(string text)
    {
        var matches = number.Matches(text);
        if (matches.Count == 0) return text.Trim();
        string digits = matches[^1].Value.Replace(",", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal);
        return decimal.TryParse(digits, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal value) ? value.ToString("0.############", CultureInfo.InvariantCulture) : digits;
    }

    Regex Pattern(string pattern)
    {
        try
        {
            // Without backtracking, so that no pattern in a data file can hang the run.
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new InvalidInputException($"Task {Task.Name}: \"{pattern}\" is no pattern that can be used: {e.Message.Split('\n')[0]}", e);
        }
    }
}
