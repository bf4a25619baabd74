using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LlmLab.Data.Warehouse;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// One run of a pipeline. The steps are cut into segments at every step that has to see all documents first: a segment reads the
/// spool of the one before it (the first: the corpus), applies what those steps decided, runs the steps that decide on each
/// document alone, lets the next corpus steps observe, and writes a spool (the last: the data set).
/// </summary>
sealed class PipelineRun(Pipeline pipeline, Corpus corpus, string output, IEnumerable<KnownFault>? faults)
{
    sealed record Segment(List<int> Deciding, List<int> Documents, List<int> Observing);

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
            using (var warehouse = DataWarehouse.Open(Path.Combine(temporary, "warehouse.duckdb"), memoryLimitMegabytes: pipeline.Options.WarehouseMegabytes, threads: pipeline.Options.Threads))
            using (var decisions = new DecisionTables(warehouse, pipeline.Options.TextInWarehouse))
            {
                writer = new DatasetWriter(Path.Combine(temporary, "documents.jsonl"));
                inputHash = RunSegments(temporary, warehouse, decisions, writer);
                decisions.Complete(Reports());
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
                var source = (previous?.Read() ?? corpus.Documents).Select((document, index) => (document, index));
                long done = 0;
                OrderedParallel.Run(source, d => d.document.Text.Length, 256 << 10, pipeline.Options.Threads,
                    batch => batch.Select(d => Work(d.document, d.index, segment, first, last, similarity)).ToArray(),
                    batch =>
                    {
                        foreach (var work in batch) Commit(work, segment, first ? inputHash : null, decisions, writer, spool, ids, similarity);
                        Operation.Current.Report($"cleaning, reading {s + 1} of {segments.Count}", done += batch.Length, previous?.Count, "documents");
                    });
                spool?.Complete();
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

    DocumentWork Work(Document document, int index, Segment segment, bool first, bool last, Similarity.SimilarityIndex? similarity)
    {
        var work = new DocumentWork { Input = document };
        if (first) work.InputHash = SHA256.HashData(Encoding.UTF8.GetBytes(document.Id + "\0" + document.Text));
        var current = document;
        bool dropped = false;
        foreach (int step in (IEnumerable<int>)[.. segment.Deciding, .. segment.Documents])
        {
            long start = Stopwatch.GetTimestamp();
            var outcome = steps[step] is DocumentStep perDocument ? perDocument.Apply(current) : passes[step]!.Apply(index, current);
            work.Outcomes.Add((step, current, outcome, Stopwatch.GetTimestamp() - start));
            if (scoring is not null && steps[step].JudgedByPieces) work.Pieces.Add((step, scoring.ComparePieces(step, current, outcome.Findings)));
            if (dropped = outcome.Decision == Decision.Dropped) break;
            current = outcome.Document;
        }
        if (dropped) return work;
        work.Result = current;
        foreach (int step in segment.Observing)
        {
            long start = Stopwatch.GetTimestamp();
            work.Observations.Add(passes[step]!.Observe(current));
            work.ObservationTicks.Add(Stopwatch.GetTimestamp() - start);
        }
        if (similarity is not null) work.Signature = similarity.Signature(current.Text);
        if (last) work.Line = DatasetWriter.Prepare(current);
        return work;
    }

    void Commit(DocumentWork work, Segment segment, IncrementalHash? inputHash, DecisionTables decisions, DatasetWriter writer, DocumentSpool? spool, List<string> ids, Similarity.SimilarityIndex? similarity)
    {
        if (inputHash is not null)
        {
            inputHash.AppendData(work.InputHash!);
            decisions.AddInput(work.Input);
        }
        foreach (var (step, before, outcome, ticks) in work.Outcomes)
        {
            tallies[step].Add(before, outcome, ticks);
            scoring?.Enter(step, before.Id);
            if (outcome.Decision == Decision.Kept) continue;
            scoring?.Act(step, outcome);
            decisions.Add(step, steps[step].Name, outcome);
        }
        foreach (var (step, counts) in work.Pieces) scoring!.Add(step, counts);
        if (work.Result is not { } result) return;
        for (int i = 0; i < segment.Observing.Count; i++)
        {
            passes[segment.Observing[i]]!.Collect(ids.Count, result, work.Observations[i]);
            tallies[segment.Observing[i]].Ticks += work.ObservationTicks[i];
        }
        similarity?.Add(work.Signature);
        ids.Add(result.Id);
        if (spool is not null) spool.Append(result);
        else
        {
            writer.Add(result, work.Line!);
            decisions.AddDocument(result);
        }
    }

    IReadOnlyList<StepReport> Reports() => [.. tallies.Select((t, i) => t.Report(scoring?.Score(i)) with { Remark = passes[i]?.Remark })];

    IReadOnlyDictionary<string, IReadOnlyList<FaultScore>> Scores() =>
        scoring is null ? new Dictionary<string, IReadOnlyList<FaultScore>>() : Enumerable.Range(0, steps.Count).Where(i => steps[i].JudgedByPieces).ToDictionary(i => steps[i].Name, scoring.Details);

    internal FaultScoring? Scoring => scoring;

    sealed class DocumentWork
    {
        public required Document Input { get; init; }
        public byte[]? InputHash { get; set; }
        public List<(int Step, Document Before, StepOutcome Outcome, long Ticks)> Outcomes { get; } = [];
        public List<(int Step, IReadOnlyList<FaultScoring.PieceCount> Counts)> Pieces { get; } = [];
        public List<object?> Observations { get; } = [];
        public List<long> ObservationTicks { get; } = [];
        public uint[]? Signature { get; set; }
        public Document? Result { get; set; }
        public PreparedDocument? Line { get; set; }
    }
}
