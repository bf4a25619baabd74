namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>What a task asks of a model.</summary>
public enum OutputType
{
    /// <summary>Which of some continuations is the likeliest after a question.</summary>
    MultipleChoice,
    /// <summary>How much probability goes to the true ones of several answers (TruthfulQA's MC2).</summary>
    MultipleTrue,
    /// <summary>After which of some contexts one continuation is the likeliest (WinoGrande).</summary>
    PartialScoring,
    /// <summary>Which of two whole sentences is the likelier (BLiMP, CrowS-Pairs).</summary>
    MinimalPair,
    /// <summary>A text's last words given the rest (LAMBADA).</summary>
    Cloze,
    /// <summary>Whole texts: perplexity.</summary>
    Rolling,
    /// <summary>The model writes; filters take the answer out of what it wrote.</summary>
    Generation,
    /// <summary>Opinions: the model's distribution over options beside people's.</summary>
    Questionnaire,
}

/// <summary>How a data file is read.</summary>
public enum DataFormat
{
    /// <summary>One JSON object a line.</summary>
    JsonLines,
    /// <summary>A JSON document; <see cref="TaskData.Records"/> says where in it the records are.</summary>
    Json,
    /// <summary>Comma-separated values, with a header unless <see cref="TaskData.Columns"/> names the columns.</summary>
    Csv,
    /// <summary>Plain text, the whole file one record with the field "text".</summary>
    Text,
    /// <summary>HellaSwag in six lines a task: context, right ending's number, four endings (llama.cpp's form).</summary>
    HellaSwagText,
    /// <summary>TruthfulQA's mc_task.json or TruthfulQA.csv, by the file's extension.</summary>
    TruthfulQa,
    /// <summary>Facts of the example company's knowledge graph, with questions, passages and wrong values; no file is read.</summary>
    Company,
}

/// <summary>Where a task's records come from.</summary>
public sealed record TaskData
{
    /// <summary>
    /// The file: a path in the data catalog or under the data folder, "shipped:…" for a file that comes with LlmLab, or a path relative to the
    /// task's own file. A "*" stands for the subject: "eval/mmlu/test/*_test.csv".
    /// </summary>
    public string File { get; init; } = "";
    /// <summary>How it is read.</summary>
    public required DataFormat Format { get; init; }
    /// <summary>Names of the columns of a CSV file that has no header.</summary>
    public IReadOnlyList<string>? Columns { get; init; }
    /// <summary>The way to the records in a JSON document, such as "data/paragraphs/qas": each step goes into a list or an object, whose other fields its parts inherit.</summary>
    public string? Records { get; init; }
    /// <summary>The subject of a record, a template; null: what "*" stood for.</summary>
    public string? Subject { get; init; }
    /// <summary>Only the records for which this Liquid condition holds: "before != ''".</summary>
    public string? Where { get; init; }
    /// <summary>Of the example company: whose facts, "train" (which a model may have read), "validation" or "test"; also what is asked: "answerable", "unanswerable" or "all".</summary>
    public string? Split { get; init; }
    /// <summary>Of the example company: which questions: "answerable" (the default), "unanswerable" or "all".</summary>
    public string? Questions { get; init; }
}

/// <summary>Solved examples before each question.</summary>
public sealed record FewShot
{
    /// <summary>Where they come from, read like the task's data; null: from the task's own records, the one in question excepted.</summary>
    public string? File { get; init; }
    /// <summary>Where the file is not on this machine, take the task's own records, the one in question excepted (as lm-evaluation-harness does without a training split), and say so; else the task is left out.</summary>
    public bool OrOwn { get; init; }
    /// <summary>How many, where the caller does not say.</summary>
    public int Count { get; init; }
    /// <summary>The first ones of the file, in order, instead of random ones.</summary>
    public bool First { get; init; }
    /// <summary>What stands between them.</summary>
    public string Delimiter { get; init; } = "\n\n";
}

/// <summary>One step that takes an answer out of what a model wrote.</summary>
public sealed record AnswerFilter
{
    /// <summary>regex, strip, lower, firstLine, number.</summary>
    public required string Kind { get; init; }
    /// <summary>regex: the pattern, of .NET's syntax without backtracking; its first group is taken, else the whole match.</summary>
    public string? Pattern { get; init; }
    /// <summary>regex: take the last match instead of the first.</summary>
    public bool Last { get; init; }
}

/// <summary>
/// An evaluation task as data (after lm-evaluation-harness's YAML files): where its records are, how each becomes a question, what is
/// scored. Templates and expressions are Liquid over a record's fields; nothing in a task file is ever executed as code.
/// </summary>
public sealed record EvaluationTask
{
    /// <summary>Short name, in lower case with underscores.</summary>
    public required string Name { get; init; }
    /// <summary>What it measures, in a line.</summary>
    public required string Description { get; init; }
    /// <summary>Where the data comes from: an address or a citation.</summary>
    public required string Source { get; init; }
    /// <summary>The data's licence.</summary>
    public required string Licence { get; init; }
    /// <summary>The group that it is counted in: commonsense, knowledge, exams …</summary>
    public required string Group { get; init; }
    /// <summary>What a reader of its scores should know; null: nothing.</summary>
    public string? Note { get; init; }
    /// <summary>What it asks.</summary>
    public required OutputType Output { get; init; }
    /// <summary>Where its records are.</summary>
    public required TaskData Data { get; init; }
    /// <summary>Template of what stands once before everything.</summary>
    public string? Instruction { get; init; }
    /// <summary>Template of the question.</summary>
    public string? Prompt { get; init; }
    /// <summary>What stands between the question and what is scored.</summary>
    public string Delimiter { get; init; } = " ";
    /// <summary>Multiple choice: an expression that gives the list of choices ("choices"), or one template a choice.</summary>
    public Choices? Choices { get; init; }
    /// <summary>Multiple choice, partial scoring: an expression that gives the right one, as a number from <see cref="FirstNumber"/>, a label, or the choice itself.</summary>
    public string? Answer { get; init; }
    /// <summary>What <see cref="Answer"/> calls the choices: ["A", "B", …].</summary>
    public IReadOnlyList<string>? Labels { get; init; }
    /// <summary>The number of the first choice where the answer is a number.</summary>
    public int FirstNumber { get; init; }
    /// <summary>Multiple true: an expression that gives a list, true or 1 for each true answer.</summary>
    public string? Truths { get; init; }
    /// <summary>Questionnaire: an expression that gives the list of people's shares or counts.</summary>
    public string? Humans { get; init; }
    /// <summary>Partial scoring: an expression that gives the contexts.</summary>
    public string? Prompts { get; init; }
    /// <summary>Cloze, partial scoring: template of what is scored. Generation: what a solved example shows (default: the first answer).</summary>
    public string? Target { get; init; }
    /// <summary>Minimal pair: template of the good sentence.</summary>
    public string? Good { get; init; }
    /// <summary>Minimal pair: template of the bad one.</summary>
    public string? Bad { get; init; }
    /// <summary>Minimal pair: a masked model scores only the tokens that both sentences have (<see cref="SentencePair.SharedTokens"/>).</summary>
    public bool SharedTokens { get; init; }
    /// <summary>Rolling: template of the text.</summary>
    public string? Text { get; init; }
    /// <summary>Generation: an expression that gives the right answers, one or a list; none where the question has no answer.</summary>
    public string? Answers { get; init; }
    /// <summary>Generation: template of the question alone, for models with a layout of their own for question and evidence.</summary>
    public string? Question { get; init; }
    /// <summary>Generation: template of what the answer must stand in to count as grounded.</summary>
    public string? Evidence { get; init; }
    /// <summary>Generation: an expression that gives all values of the same kind that the knowledge graph has.</summary>
    public string? Values { get; init; }
    /// <summary>Generation: a pattern that marks a refusal.</summary>
    public string? Refusal { get; init; }
    /// <summary>Generation: texts that end the answer.</summary>
    public IReadOnlyList<string> Stops { get; init; } = ["\n"];
    /// <summary>Generation: most tokens.</summary>
    public int MaxTokens { get; init; } = 64;
    /// <summary>Generation: how the answer is taken out, step by step; the right answers go through the same.</summary>
    public IReadOnlyList<AnswerFilter> Filters { get; init; } = [];
    /// <summary>Solved examples.</summary>
    public FewShot FewShot { get; init; } = new();
    /// <summary>What is reported, the task's main figure first.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }
}

/// <summary>The choices of a task: an expression that gives a list, or a template a choice.</summary>
/// <param name="Expression">The expression, or null.</param>
/// <param name="Templates">The templates where there is no expression.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(ChoicesConverter))]
public sealed record Choices(string? Expression, IReadOnlyList<string> Templates);
