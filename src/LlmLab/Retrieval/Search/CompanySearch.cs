using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Stores;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Search;

/// <summary>A search in memory over some projects of the example company: by words (BM25), with an embedding model by meaning too.</summary>
public sealed class CompanySearch : IDisposable
{
    readonly Store store;
    readonly PassageIndex? index;
    readonly KeywordIndex keywords;

    CompanySearch(Store store, PassageIndex? index, KeywordIndex keywords) => (this.store, this.index, this.keywords) = (store, index, keywords);

    /// <summary>Cuts the projects' documents by their structure and indexes them.</summary>
    /// <param name="parts">The projects.</param>
    /// <param name="embeddings">The embedding model; null: it searches by words alone. Whoever loaded it disposes of it.</param>
    public static async Task<CompanySearch> OpenAsync(IReadOnlyList<CompanyPart> parts, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
    {
        var (chunker, documents) = (new StructureChunker(), CompanyRetrieval.Documents("projects", parts));
        var store = VectorStores.Open("memory:");
        PassageIndex? index = null;
        KeywordIndex? keywords = null;
        try
        {
            if (embeddings is null)
            {
                keywords = KeywordIndex.InMemory();
                keywords.Update(documents.Documents.SelectMany(chunker.Split), _ => "", []);
            }
            else
            {
                index = await PassageIndex.OpenAsync(null, store, embeddings, unit: EmbeddedText.BestFor(embeddings)).ConfigureAwait(false);
                await index.UpdateAsync(documents, chunker).ConfigureAwait(false);
            }
            return new CompanySearch(store, index, keywords ?? index!.Keywords);
        }
        catch
        {
            (index as IDisposable ?? keywords)?.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>The index of words and meaning; null where there are only words.</summary>
    public PassageIndex? Index => index;

    /// <summary>How words and meaning are weighed against each other; null where there are only words.</summary>
    public RankFusion? Fusion => index?.Fusion;

    /// <summary>Sets those weights.</summary>
    public void SetFusion(RankFusion fusion) => index?.SetFusion(fusion);

    /// <summary>Sets those weights by questions about the projects. Without an embedding model there is nothing to set.</summary>
    public async Task TuneAsync(IEnumerable<CompanyQuestion> questions)
    {
        if (index is not null && Judged(questions) is { Count: > 0 } judged) SetFusion(FusionTuning.Tune(await RetrievalEvaluation.RankingsAsync(index, judged).ConfigureAwait(false)).Fusion);
    }

    /// <summary>The answerable ones among questions, with the ids of the passages that answer.</summary>
    public IReadOnlyList<RetrievalQuestion> Judged(IEnumerable<CompanyQuestion> questions) => CompanyRetrieval.Questions(questions, keywords.All());

    /// <summary>What is found for each question, best first, with the clearance that its answer needs.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="most">How many passages for each.</param>
    public async Task<IReadOnlyList<IReadOnlyList<FoundPassage>>> FindAsync(IReadOnlyList<CompanyQuestion> questions, int most)
    {
        if (index is not null) return await CompanyRetrieval.FindAsync(index, questions, new SearchOptions { Most = most }).ConfigureAwait(false);
        return [.. questions.AsParallel().AsOrdered().WithCancellation(Operation.Current.CancellationToken).Select(question => keywords.Search(question.Question, most, CompanyRetrieval.FilterOf(question)))];
    }

    /// <summary>Measures the search on those of some questions that are answerable.</summary>
    public Task<RetrievalScores> ScoreAsync(IEnumerable<CompanyQuestion> questions) => index is null
        ? RetrievalEvaluation.ScoreAsync("BM25", Judged(questions), question => Task.FromResult<IReadOnlyList<string>>([.. keywords.Search(question.Text, 50, question.Filter).Select(found => found.Passage.Id)]))
        : RetrievalEvaluation.ScoreAsync($"BM25 and {index.EmbeddingModel}", index, Judged(questions), new SearchOptions());

    /// <inheritdoc/>
    public void Dispose()
    {
        (index as IDisposable ?? keywords).Dispose();
        store.Dispose();
    }
}
