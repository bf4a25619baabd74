using System.Globalization;

namespace LlmLab.Objectives;

/// <summary>Amounts in a person's units.</summary>
static class Format
{
    public static string Bytes(double bytes) => Scaled(bytes, [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "bytes")], " ");

    public static string Count(double count) => Scaled(count, [(1e9, " billion"), (1e6, " million"), (1e3, ",000"), (1, "")], "");

    static string Scaled(double value, (double Size, string Unit)[] units, string space)
    {
        foreach (var (size, unit) in units)
            if (value >= size || size == 1)
            {
                var scaled = value / size;
                // A fraction and a written-out thousand do not go together: 1.5,000.
                var digits = unit == ",000" || scaled >= 10 ? "0" : "0.#";
                return scaled.ToString(digits, CultureInfo.InvariantCulture) + space + unit;
            }
        return "0";
    }
}

/// <summary>Enumeration values in a reader's words.</summary>
static class Names
{
    public static string Of(Approach approach) => approach switch
    {
        Approach.OwnModel => "An own model",
        Approach.FineTuning => "Fine-tuning an open model",
        Approach.Retrieval => "Retrieval",
        _ => "A hosted model",
    };

    public static string Of(ObjectiveTask task) => task switch
    {
        ObjectiveTask.QuestionAnswering => "question answering",
        ObjectiveTask.SupportChat => "support chat",
        ObjectiveTask.ContentGeneration => "content generation",
        ObjectiveTask.Classification => "classification",
        _ => "other",
    };
}
