using LlmLab.Data;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Retrieval.Search;

/// <summary>A question whose answer stands in one of many paragraphs.</summary>
/// <param name="Id">Where it stands in the data: file and record.</param>
/// <param name="Text">The question.</param>
/// <param name="Answers">The right answers; none where the paragraph gives none.</param>
/// <param name="DocumentId">The paragraph that it was written for.</param>
public sealed record ParagraphQuestion(string Id, string Text, IReadOnlyList<string> Answers, string DocumentId);

/// <summary>
/// Published questions about paragraphs, asked of all the paragraphs at once: a task that gives the model its evidence (SQuAD, XQuAD)
/// becomes a test of a search and a reader together, as in Chen et al. 2017 (DrQA).
/// <code>
/// var (xquad, missing) = ParagraphQuestions.Open("xquad_en");
/// </code>
/// </summary>
/// <param name="Paragraphs">Every paragraph once, as a document.</param>
/// <param name="Questions">The questions, in the order of the data.</param>
public sealed record ParagraphQuestions(Corpus Paragraphs, IReadOnlyList<ParagraphQuestion> Questions)
{
    /// <summary>Reads a task of the catalog.</summary>
    /// <param name="task">Its name; its questions must come with evidence and answers.</param>
    /// <param name="folder">Where data sets are looked for; null: where the environment says.</param>
    /// <returns>The questions; or null and the sentence that says which file is missing and how to get it.</returns>
    /// <exception cref="InvalidInputException">There is no such task, its file is damaged, or its questions have no evidence.</exception>
    public static (ParagraphQuestions? Data, string Missing) Open(string task, DataFolder? folder = null)
    {
        var named = TaskCatalog.Find(task)[0];
        if (new TaskPreparation(new EvaluationOptions { FewShot = 0 }, folder ?? new DataFolder()).Prepare(named, out string missing) is not { } prepared) return (null, missing);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var questions = new List<ParagraphQuestion>();
        foreach (var item in prepared.Items)
        {
            if (item.Question is not { Length: > 0 } question || item.Evidence.Length == 0)
                throw new InvalidInputException($"{item.Place} of the task {task} has no question or no paragraph to search: choose a task with both, such as xquad_en.");
            if (!known.TryGetValue(item.Evidence, out string? paragraph)) known[item.Evidence] = paragraph = $"{named.Name}/{known.Count:0000}";
            questions.Add(new ParagraphQuestion(item.Place, question, item.Answers, paragraph));
        }
        var documents = known.Select(entry => new Document(entry.Value, entry.Key, new DocumentMetadata { Source = named.Source, Licence = named.Licence })).ToArray();
        return (new ParagraphQuestions(Corpus.FromDocuments(named.Name, documents), questions), "");
    }
}
