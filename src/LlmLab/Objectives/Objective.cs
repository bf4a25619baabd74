using LlmLab.Data;

namespace LlmLab.Objectives;

/// <summary>
/// What a language model is for, written down before anything is built (<c>objective.json</c>). Later steps read it: data takes the
/// sources that are permitted, tokenization the languages, architecture the budgets, evaluation the targets and example questions,
/// guardrails the topics out of bounds and the domain rules.
/// </summary>
public sealed record Objective
{
    /// <summary>Short name, used in files and tables.</summary>
    public required string Name { get; init; }
    /// <summary>What the model is for, in a sentence or two.</summary>
    public required string Purpose { get; init; }
    /// <summary>The shape of its work.</summary>
    public required ObjectiveTask Task { get; init; }
    /// <summary>Who uses it, with the roles that decide what each may read.</summary>
    public required IReadOnlyList<EndUser> EndUsers { get; init; }
    /// <summary>The problems that it solves: what is slow, wrong or impossible today.</summary>
    public required IReadOnlyList<string> ProblemsSolved { get; init; }
    /// <summary>Questions or requests as users would put them; the seed of the evaluation set.</summary>
    public required IReadOnlyList<ExampleQuestion> ExampleQuestions { get; init; }
    /// <summary>Topics that it must not answer on; guardrails refuse them.</summary>
    public IReadOnlyList<string> OutOfBounds { get; init; } = [];
    /// <summary>Rules of the domain: privacy, ethics, law, safety, style.</summary>
    public IReadOnlyList<DomainRule> DomainRules { get; init; } = [];
    /// <summary>Where its knowledge comes from, each source with what its owner permits.</summary>
    public required IReadOnlyList<DataSource> DataSources { get; init; }
    /// <summary>ISO 639-1 codes of the languages that it reads and writes.</summary>
    public required IReadOnlyList<string> Languages { get; init; }
    /// <summary>Measured conditions under which it is good enough.</summary>
    public required IReadOnlyList<Target> Targets { get; init; }
    /// <summary>What building and running it may cost.</summary>
    public required Budgets Budgets { get; init; }
    /// <summary>How it is to be built, and why; null until decided (see <see cref="Recommendation.For"/>).</summary>
    public ApproachChoice? Choice { get; init; }
}

/// <summary>The shape of a model's work.</summary>
public enum ObjectiveTask { QuestionAnswering, SupportChat, ContentGeneration, Classification, Other }

/// <summary>The ways to get a model that does the work; the first three run on one's own machine.</summary>
public enum Approach
{
    /// <summary>A model trained from scratch on one's own text.</summary>
    OwnModel,
    /// <summary>An existing open model, trained further on one's own examples.</summary>
    FineTuning,
    /// <summary>Passages found in one's own documents and put into the prompt; it needs one of the others to write the answer.</summary>
    Retrieval,
    /// <summary>Somebody else's model behind an interface on the network.</summary>
    HostedModel,
}

/// <summary>A group of users.</summary>
/// <param name="Who">Who they are.</param>
/// <param name="Count">About how many.</param>
/// <param name="Roles">Their roles; documents name the roles that may read them.</param>
/// <param name="QuestionsPerDay">About how many requests they make a day, together.</param>
public sealed record EndUser(string Who, int Count, IReadOnlyList<string> Roles, double QuestionsPerDay);

/// <summary>A request as a user would put it.</summary>
/// <param name="Question">The request.</param>
/// <param name="Answer">What a good answer says; null where the right reply is a refusal.</param>
public sealed record ExampleQuestion(string Question, string? Answer);

/// <summary>What a rule is about.</summary>
public enum RuleKind { Privacy, Ethics, Legal, Safety, Style }

/// <summary>Where a rule is enforced.</summary>
public enum RuleStage { Data, Training, Answers }

/// <summary>A rule of the domain and the place where it is enforced.</summary>
public sealed record DomainRule(RuleKind Kind, string Rule, IReadOnlyList<RuleStage> AppliesTo);

/// <summary>What the owner of a source permits.</summary>
/// <param name="Basis">Why it may be used: owned, a contract, consent, an open licence.</param>
/// <param name="GrantedBy">The person, role or licence that grants it.</param>
/// <param name="Training">It may be trained on.</param>
/// <param name="Retrieval">Passages of it may be shown in answers.</param>
/// <param name="ThirdParty">It may be sent to somebody else's service.</param>
public sealed record Permission(string Basis, string GrantedBy, bool Training, bool Retrieval, bool ThirdParty);

/// <summary>A source of text.</summary>
/// <param name="Name">Short name.</param>
/// <param name="What">What it holds.</param>
/// <param name="Location">A folder, a name in the data catalog, <c>company</c> for the example company, or words.</param>
/// <param name="Kind">What sort of documents.</param>
/// <param name="Sensitivity">Who may see it at all.</param>
/// <param name="Licence">SPDX identifier, or the licence's words.</param>
/// <param name="Bytes">About how much text, in bytes.</param>
/// <param name="ChangedPerMonth">Share of its documents that change in a month, 0 to 1.</param>
/// <param name="Permission">What its owner permits.</param>
public sealed record DataSource(string Name, string What, string Location, DocumentKind Kind, Sensitivity Sensitivity, string Licence, long Bytes, double ChangedPerMonth, Permission Permission);

/// <summary>On which side of the bound a metric must lie.</summary>
public enum Comparison { AtLeast, AtMost }

/// <summary>A measured condition.</summary>
/// <param name="Metric">The metric's name as evaluation writes it: exact_match, rouge_l, mrr_at_10, refusal_recall.</param>
/// <param name="Comparison">On which side of the bound it must lie.</param>
/// <param name="Bound">The bound.</param>
/// <param name="LeastN">The least number of cases that it must be measured on.</param>
public sealed record Target(string Metric, Comparison Comparison, double Bound, int LeastN)
{
    /// <summary>
    /// For a share (a bound between 0 and 1): half the width of the 95 % interval at the bound with <see cref="LeastN"/> cases, by the
    /// normal approximation; null for other metrics. It says how much the figure will scatter.
    /// </summary>
    public double? HalfWidth => Bound is >= 0 and <= 1 ? 1.96 * Math.Sqrt(Bound * (1 - Bound) / LeastN) : null;
}

/// <summary>What building and running the model may cost.</summary>
/// <param name="TrainingHours">Hours of training on the machine at hand.</param>
/// <param name="Money">Money for training and a year of use.</param>
/// <param name="Currency">ISO 4217 code of the money.</param>
/// <param name="MemoryGiB">Memory of the machine that serves it, in GiB.</param>
/// <param name="P95ResponseSeconds">95 of 100 answers must be complete within so many seconds.</param>
/// <param name="NetworkAtRun">False where it must work without a network.</param>
public sealed record Budgets(double TrainingHours, double Money, string Currency, double MemoryGiB, double P95ResponseSeconds, bool NetworkAtRun);

/// <summary>How the model is to be built.</summary>
/// <param name="Approaches">One approach, or several that work together; the leading one first.</param>
/// <param name="Reasons">Why, each in a sentence.</param>
public sealed record ApproachChoice(IReadOnlyList<Approach> Approaches, IReadOnlyList<string> Reasons);
