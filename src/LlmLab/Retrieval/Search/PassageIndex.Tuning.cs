using LlmLab.Retrieval.Stores;
using LlmLab.Text;

namespace LlmLab.Retrieval.Search;

// How far the store walks its graph of vectors for a question. Questions lie farther from passages than passages from each other, so a width
// that suits the store's own vectors may miss what a question asks for.
public sealed partial class PassageIndex
{
    const string TunedNote = "tuned";
    const double SearchRecall = 0.99, TunedAgainAfter = 1.1;
    const int TuningQuestions = 256;

    /// <summary>Chooses how far an approximate store searches: the least that finds a share of the ten nearest passages, measured against exact search.</summary>
    /// <param name="questions">Real questions, some hundreds.</param>
    /// <param name="recall">The share, up to 1.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was reached; null where the store compares all vectors and misses none, or chooses by itself.</returns>
    public async Task<RecallReport?> TuneSearchAsync(IEnumerable<string> questions, double recall = SearchRecall, CancellationToken cancellationToken = default)
    {
        if (recall is not (> 0 and <= 1)) throw new InvalidInputException($"The recall must lie above 0 and be at most 1, found {recall}.");
        if (vectors.GetService(typeof(IVectorIndex)) is not IVectorIndex { IsApproximate: true } index) return null;
        var asked = await EmbedAsync(questions, cancellationToken).ConfigureAwait(false);
        if (asked.Count == 0) throw new InvalidInputException("A search is tuned on questions: none was given.");
        return await index.TuneAsync(recall, asked, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    // A passage's first sentence stands for a question about it (Lee et al. 2019, inverse cloze), until real ones are known.
    async Task<RecallReport?> TuneAsGrownAsync(List<Passage> changed, CancellationToken cancellationToken)
    {
        int tuned = int.Parse(keywords.Notes.GetValueOrDefault(TunedNote, "0"), System.Globalization.CultureInfo.InvariantCulture);
        if (changed.Count == 0 || Count <= tuned * TunedAgainAfter) return null;
        var sentences = new SentenceSplitter();
        int step = Math.Max(1, changed.Count / TuningQuestions);
        var report = await TuneSearchAsync(changed.Where((_, i) => i % step == 0).Select(passage => sentences.Split(passage.Text).FirstOrDefault(passage.Text)), cancellationToken: cancellationToken).ConfigureAwait(false);
        keywords.Update([], _ => "", [], new Dictionary<string, string>(keywords.Notes) { [TunedNote] = Count.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return report;
    }
}
