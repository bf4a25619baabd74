using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Retrieval.Chunking;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Retrieval.Search;

// Bringing the index up to date. Vectors come first and the commit of the words last: stopped anywhere, the index answers as before, and
// the next update does the rest.
public sealed partial class PassageIndex
{
    const int BatchSize = 256;

    /// <summary>
    /// Makes the index hold the passages of a corpus and nothing else. Documents that did not change are not touched; of those that did,
    /// passages that say what they said keep their embedding.
    /// </summary>
    /// <param name="corpus">All documents.</param>
    /// <param name="chunker">Cuts them; null: by structure.</param>
    /// <param name="version">The data set's version: if the index is of this version already, not even the documents are read.</param>
    /// <param name="cancellationToken">Stops the update; the index then answers as before.</param>
    /// <exception cref="InvalidInputException">Two documents have one id, or the store does not answer.</exception>
    public async Task<IndexUpdate> UpdateAsync(Corpus corpus, IChunker? chunker = null, DatasetVersion? version = null, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        chunker ??= new StructureChunker();
        bool sameChunker = keywords.Notes.GetValueOrDefault(ChunkerNote) == chunker.Name;
        if (version is not null && sameChunker && DataHash == version.Hash)
            return new IndexUpdate((int)version.Documents, 0, 0, 0, Count, 0, 0, watch.Elapsed);

        var known = keywords.Documents();
        var stamps = new Dictionary<string, string>(StringComparer.Ordinal);
        var changed = new List<Passage>();
        var stale = new List<string>();
        var touched = (Added: 0, Changed: 0);
        foreach (var document in corpus.Documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string stamp = StampOf(document, chunker);
            if (!stamps.TryAdd(document.Id, stamp)) throw new InvalidInputException($"The corpus {corpus.Name} holds two documents with the id \"{document.Id}\": give each its own.");
            var before = known.GetValueOrDefault(document.Id);
            if (before.Stamp == stamp) continue;
            var passages = chunker.Split(document);
            touched = before.Stamp is null ? (touched.Added + 1, touched.Changed) : (touched.Added, touched.Changed + 1);
            changed.AddRange(passages);
            if (before.Ids is not null) stale.AddRange(before.Ids.Except(passages.Select(passage => passage.Id), StringComparer.Ordinal));
            Operation.Current.Report("reading documents", stamps.Count, null, "documents");
        }
        string[] gone = [.. known.Keys.Where(id => !stamps.ContainsKey(id))];
        stale.AddRange(gone.SelectMany(id => known[id].Ids));

        var (embedded, reused) = await StoreVectorsAsync(changed, cancellationToken).ConfigureAwait(false);
        foreach (string[] batch in StaleRecords(stale).Chunk(BatchSize)) await vectors.DeleteAsync(batch, cancellationToken).ConfigureAwait(false);
        var notes = new Dictionary<string, string>(keywords.Notes) { [ModelNote] = mark.ToJson(), [UnitNote] = Unit.ToString(), [ChunkerNote] = chunker.Name };
        if (version is null) notes.Remove(DataNote);
        else notes[DataNote] = version.Hash;
        keywords.Update(changed, passage => stamps[passage.DocumentId], stale, notes);
        var tuned = await TuneAsGrownAsync(changed, cancellationToken).ConfigureAwait(false);
        return new IndexUpdate(stamps.Count, touched.Added, touched.Changed, gone.Length, Count, embedded, reused, watch.Elapsed) { Tuned = tuned };
    }

    async Task<(int Embedded, int Reused)> StoreVectorsAsync(List<Passage> passages, CancellationToken cancellationToken)
    {
        int embedded = 0, done = 0;
        foreach (var batch in passages.Chunk(BatchSize))
        {
            var texts = batch.Select(passage => EmbeddedText.Of(passage, Unit)).ToArray();
            var kept = new Dictionary<string, PassageRecord>(StringComparer.Ordinal);
            await foreach (var record in vectors.GetAsync(texts.SelectMany(of => of).Select(text => text.Id), new RecordRetrievalOptions { IncludeVectors = true }, cancellationToken).ConfigureAwait(false))
                kept[record.Id] = record;
            var write = new List<PassageRecord>();
            var fresh = new List<(Passage Passage, EmbeddedText Text)>();
            foreach (var (passage, of) in batch.Zip(texts))
            {
                // An id is a hash of what is embedded, so the vector still holds; what is filtered by may have changed.
                if (of.All(text => kept.ContainsKey(text.Id)))
                    write.AddRange(of.Select(text => PassageRecord.Of(passage, text, kept[text.Id].Vector)).Where(now => !now.SaysTheSame(kept[now.Id])));
                else
                {
                    fresh.AddRange(of.Select(text => (passage, text)));
                    embedded++;
                }
            }
            if (fresh.Count > 0)
            {
                var embeddings = await generator.GenerateAsync(fresh.Select(piece => piece.Text.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
                if (embeddings.Count != fresh.Count || embeddings.Any(embedding => embedding.Vector.Length != mark.Dimensions))
                    throw new InvalidInputException($"{mark.Model} was asked for {fresh.Count} vectors of {mark.Dimensions} dimensions and made {embeddings.Count}{(embeddings.Count > 0 ? $" of {embeddings[^1].Vector.Length}" : "")}.");
                write.AddRange(fresh.Zip(embeddings, (piece, embedding) => PassageRecord.Of(piece.Passage, piece.Text, embedding.Vector)));
            }
            if (write.Count > 0) await vectors.UpsertAsync(write, cancellationToken).ConfigureAwait(false);
            done += batch.Length;
            Operation.Current.Report("embedding passages", done, passages.Count, "passages");
        }
        return (embedded, done - embedded);
    }

    IEnumerable<string> StaleRecords(IReadOnlyCollection<string> passages) => Unit == EmbeddingUnit.Passage
        ? passages
        : keywords.Find(passages).Values.SelectMany(passage => EmbeddedText.Of(passage, Unit)).Select(text => text.Id);

    /// <summary>A hash of all that decides which passages a document gives.</summary>
    static string StampOf(Document document, IChunker chunker)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(System.Text.Encoding.UTF8.GetBytes(chunker.Name));
        DocumentJson.Write(bytes, document);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan))[..24];
    }
}
