using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using LlmLab.Data.Warehouse;

namespace LlmLab.Data.Pipeline;

/// <summary>Steps that one reading of the documents serves: those that apply what they have decided, those on each document alone, those that observe for the next reading.</summary>
sealed record Segment(List<int> Deciding, List<int> Documents, List<int> Observing);

/// <summary>
/// One run of a pipeline. The steps are cut into segments at every step that has to see all documents first: a segment reads the
/// spool of the one before it (the first: the corpus), applies what those steps decided, runs the steps that decide on each
/// document alone, lets the next corpus steps observe, and writes a spool (the last: the data set).
/// </summary>
sealed class PipelineRun(Pipeline pipeline, Corpus corpus, string output, IEnumerable<KnownFault>? faults)
{
    const int WaitingForTables = 4;
    readonly IReadOnlyList<PipelineStep> steps = pipeline.Steps;
    readonly StepTally[] tallies = [.. pipeline.Steps.Select(s => new StepTally(s, pipeline.Options.ExamplesPerStep))];
    readonly CorpusPass?[] passes = new CorpusPass?[pipeline.Steps.Count];
    readonly FaultScoring? scoring = faults is null ? null : new FaultScoring(pipeline.Steps, faults);

    public PipelineResult Run()
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(output);
        string temporary = Path.Combine(output, ".building");
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        try
        {
            DatasetWriter writer;
            string inputHash;
            using (var warehouse = DataWarehouse.Build(Path.Combine(temporary, "warehouse.duckdb"), pipeline.Options.WarehouseMegabytes, pipeline.Options.Threads))
            {
                using var decisions = new DecisionTables(warehouse, pipeline.Options.TextInWarehouse);
                writer = new DatasetWriter(Path.Combine(temporary, "documents.jsonl"));
                inputHash = RunSegments(temporary, warehouse, decisions, writer);
                decisions.Complete(Reports());
                warehouse.Finish();
            }
            writer.Dispose();
            var version = new DatasetVersion(pipeline.Options.Name ?? corpus.Name, writer.Hash, new Dictionary<string, string> { [corpus.Name] = inputHash },
                [.. Reports().Select(r => new LineageStep(r.Name, r.Options, r.DocumentsIn, r.DocumentsOut, r.Changed, r.BytesIn, r.BytesOut))], writer.Documents, writer.Bytes);
            var result = new PipelineResult(output, corpus, version, Reports(), writer.Balance, clock.Elapsed, Scores());
            AtomicFile.WriteText(Path.Combine(temporary, "documents.jsonl.dvc"), VersionFile.Write(version, writer.FileMd5, writer.FileBytes));
            AtomicFile.WriteText(Path.Combine(temporary, "data-card.md"), DataCardText.Write(result));
            foreach (string file in Directory.GetFiles(temporary)) File.Move(file, Path.Combine(output, Path.GetFileName(file)), overwrite: true);
            return result;
        }
        finally
        {
            foreach (var pass in passes) pass?.Dispose();
            Directory.Delete(temporary, recursive: true);
        }
    }

    string RunSegments(string temporary, DataWarehouse warehouse, DecisionTables decisions, DatasetWriter writer)
    {
        var context = new RunContext(warehouse, pipeline.Options.Threads);
        var segments = Plan();
        using var inputHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        DocumentSpool? previous = null;
        try
        {
            for (int s = 0; s < segments.Count; s++)
            {
                bool first = s == 0, last = s == segments.Count - 1;
                var segment = segments[s];
                context.Similarity = null;
                foreach (int step in segment.Observing) passes[step] = ((CorpusStep)steps[step]).Begin(context);
                var similarity = context.Similarity;
                var spool = last ? null : new DocumentSpool(Path.Combine(temporary, $"spool-{s}"));
                var ids = new List<string>();
                var work = new SegmentWork(steps, passes, segment, first, last, similarity, scoring);
                long done = 0;
                using (var tables = new OrderedStage<BatchWork>(batch => Record(batch, first, last, decisions, similarity), WaitingForTables))
                {
                    OrderedParallel.Run(previous?.Batches() ?? DocumentBatch.Of(corpus.Documents), pipeline.Options.Threads, work.Run, batch =>
                    {
                        Commit(batch, segment, inputHash, writer, spool, ids);
                        tables.Add(batch);
                        Operation.Current.Report($"cleaning, reading {s + 1} of {segments.Count}", done += batch.Documents.Count, previous?.Count, "documents");
                    });
                    tables.Complete();
                }
                previous?.Dispose();
                previous = spool;
                // What was read is garbage by now, and partly old: nothing else would collect it before the barrier needs the room.
                if (spool is { Count: > 100_000 }) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                if (spool is not null) Decide(segment, context, ids, spool);
                similarity?.Dispose();
                if (spool is { Count: > 100_000 }) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
        finally
        {
            previous?.Dispose();
        }
        return Convert.ToHexStringLower(inputHash.GetCurrentHash());
    }

    void Decide(Segment segment, RunContext context, List<string> ids, DocumentSpool spool)
    {
        context.Ids = ids;
        context.ReadDocument = spool.Read;
        context.ReadText = spool.ReadText;
        bool[] present = new bool[spool.Count];
        Array.Fill(present, true);
        foreach (int step in segment.Observing)
        {
            var clock = Stopwatch.StartNew();
            passes[step]!.Decide(present);
            tallies[step].Ticks += clock.ElapsedTicks;
        }
    }

    List<Segment> Plan()
    {
        var segments = new List<Segment> { new([], [], []) };
        for (int i = 0; i < steps.Count; i++)
        {
            var current = segments[^1];
            if (steps[i] is DocumentStep)
            {
                if (current.Observing.Count > 0) segments.Add(current = new Segment(current.Observing, [], []));
                current.Documents.Add(i);
            }
            else
            {
                if (current.Observing.Any(o => ((CorpusStep)steps[o]).ChangesText)) segments.Add(current = new Segment(current.Observing, [], []));
                current.Observing.Add(i);
            }
        }
        if (segments[^1].Observing.Count > 0) segments.Add(new Segment(segments[^1].Observing, [], []));
        return segments;
    }

    // Everything that must happen in the order of the documents, tables aside.
    void Commit(BatchWork batch, Segment segment, IncrementalHash inputHash, DatasetWriter writer, DocumentSpool? spool, List<string> ids)
    {
        inputHash.AppendData(batch.InputHashes);
        for (int step = 0; step < tallies.Length; step++) tallies[step].Add(batch.Counts[step]);
        foreach (var work in batch.Documents)
        {
            foreach (var (step, before, outcome) in work.Actions ?? []) tallies[step].Act(before, outcome);
            if (scoring is not null) Score(work, segment);
            if (work.Result is not { } result) continue;
            for (int i = 0; i < work.Observations.Length; i++) passes[segment.Observing[i]]!.Collect(ids.Count, result, work.Observations[i]);
            ids.Add(result.Id);
            if (spool is null) writer.Count(result, work.Traits!, work.TextBytes);
        }
        if (spool is not null) spool.Append(batch.Output.AsSpan(0, batch.OutputLength), batch.Ends);
        else writer.Write(batch.Output.AsSpan(0, batch.OutputLength));
        ArrayPool<byte>.Shared.Return(batch.Output);
    }

    void Score(DocumentWork work, Segment segment)
    {
        foreach (int step in segment.Deciding.Concat(segment.Documents).Take(work.Reached)) scoring!.Enter(step, work.Input.Id);
        foreach (var (step, _, outcome) in work.Actions ?? []) scoring!.Act(step, outcome);
        foreach (var (step, counts) in work.Pieces ?? []) scoring!.Add(step, counts);
    }

    // The rows of a batch; on a thread of its own, since it takes as long as all the rest that has an order.
    void Record(BatchWork batch, bool first, bool last, DecisionTables decisions, Similarity.SimilarityIndex? similarity)
    {
        foreach (var work in batch.Documents)
        {
            if (first) decisions.AddInput(work.Input);
            foreach (var (step, _, outcome) in work.Actions ?? []) decisions.Add(step, steps[step].Name, outcome);
            if (work.Result is not { } result) continue;
            similarity?.Add(work.Signature);
            if (last) decisions.AddDocument(result);
        }
    }

    IReadOnlyList<StepReport> Reports() => [.. tallies.Select((t, i) => t.Report(scoring?.Score(i)) with { Remark = passes[i]?.Remark })];

    IReadOnlyDictionary<string, IReadOnlyList<FaultScore>> Scores() =>
        scoring is null ? new Dictionary<string, IReadOnlyList<FaultScore>>() : Enumerable.Range(0, steps.Count).Where(i => steps[i].JudgedByPieces).ToDictionary(i => steps[i].Name, scoring.Details);

    internal FaultScoring? Scoring => scoring;
}
