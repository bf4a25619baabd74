using System.Security.Cryptography;
using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Data.Pipeline;
using LlmLab.Models;
using LlmLab.Objectives;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;

namespace LlmLab.Runs;

/// <summary>
/// Opens what a workspace names as current, so that any notebook can be run alone: where an earlier one has not left its result yet, a
/// small one is made, and the note says so.
/// </summary>
public static class WorkspaceContents
{
    const long SmokeBytes = 600_000;
    const int SmokeVocabulary = 1_024;

    /// <summary>The current objective; without one, the shipped example of questions on a company's documents.</summary>
    public static Objective OpenObjective(this Workspace workspace, out string note)
    {
        if (Existing(workspace, workspace.State.Objective) is { } file)
        {
            note = $"Objective: {workspace.State.Objective}.";
            return ObjectiveFile.Load(file);
        }
        note = "The workspace names no objective yet (notebook 01 writes one): the shipped example is used.";
        return ObjectiveFile.Example("company-questions");
    }

    /// <summary>The current cleaned corpus; without one, a small part of the example company is cleaned.</summary>
    public static Corpus OpenCorpus(this Workspace workspace, out string note)
    {
        if (Existing(workspace, workspace.State.Data) is { } folder)
        {
            note = $"Data: {workspace.State.Data}.";
            return PipelineResult.Open(folder);
        }
        var result = Pipeline.Default().Run(CompanyCorpus.Generate(1, SmokeBytes, CompanySplit.Train), workspace.NewFolder("data"));
        workspace.Update(state => state with { Data = workspace.Relative(result.Folder) });
        note = $"The workspace named no data yet (notebook 02 makes it): {SmokeBytes / 1000} kB of the example company were cleaned, into {workspace.State.Data}.";
        return result.Corpus;
    }

    /// <summary>The current tokenizer; without one, a small one is trained on the current corpus.</summary>
    public static VocabularyTokenizer OpenTokenizer(this Workspace workspace, out string note)
    {
        if (Existing(workspace, workspace.State.Tokenizer) is { } file)
        {
            note = $"Tokenizer: {workspace.State.Tokenizer}.";
            return TokenizerFile.Load(file);
        }
        var tokenizer = BpeTrainer.Train(workspace.OpenCorpus(out note), new BpeTrainingOptions { VocabularySize = SmokeVocabulary });
        string path = Path.Combine(workspace.NewFolder("tokenizer"), "tokenizer.json");
        TokenizerFile.Save(tokenizer, path);
        workspace.Update(state => state with { Tokenizer = workspace.Relative(path) });
        note += $" The workspace named no tokenizer yet (notebook 03 trains one): one of {SmokeVocabulary} tokens was trained, {workspace.State.Tokenizer}.";
        return tokenizer;
    }

    /// <summary>
    /// The current corpus in tokens of the current tokenizer, each document after a beginning-of-sequence token; the last tenth of
    /// the documents is for validation. It is encoded once and kept beside the corpus.
    /// </summary>
    public static TrainingData OpenTrainingData(this Workspace workspace, out string note)
    {
        var tokenizer = workspace.OpenTokenizer(out string ofTokenizer);
        var corpus = workspace.OpenCorpus(out string ofCorpus);
        note = ofCorpus == ofTokenizer ? ofCorpus : $"{ofCorpus} {ofTokenizer}";
        string name = "tokens-" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(workspace.Absolute(workspace.State.Tokenizer)!)))[..12];
        string folder = Path.Combine(workspace.Absolute(workspace.State.Data)!, name);
        // A tenth of the documents, at least one, from the end.
        int documents = corpus.Documents.Count(), held = Math.Max(1, documents / 10);
        return new TrainingData(Part("training", corpus.Documents.Take(documents - held)), Part("validation", corpus.Documents.Skip(documents - held)), tokenizer) { Folder = folder, Version = VersionOf(workspace.Absolute(workspace.State.Data)!) };

        TokenDataset Part(string part, IEnumerable<Document> texts) => Directory.Exists(Path.Combine(folder, part))
            ? TokenDataset.Open(Path.Combine(folder, part))
            : TokenDatasetWriter.Encode(Path.Combine(folder, part), new Corpus($"{corpus.Name}-{part}", corpus.Provenance, () => texts), tokenizer, tokenizer.VocabularySize,
                tokenizer.FindId(ReservedTokens.BeginningOfSequence));
    }

    /// <summary>The run that trained the current model; without one, a tiny model is trained for a few steps.</summary>
    public static Run OpenModelRun(this Workspace workspace, out string note)
    {
        if (Existing(workspace, workspace.State.Model) is { } folder)
        {
            note = $"Model: {workspace.State.Model}.";
            return Run.Open(folder);
        }
        using var data = workspace.OpenTrainingData(out note);
        var run = Trainer.Train(new ModelSpec { VocabularySize = data.VocabularySize, LayerCount = 2 }, data, new TrainingOptions { Steps = 50, WarmupSteps = 10 }, "model", workspace: workspace);
        workspace.Update(state => state with { Model = workspace.Relative(run.Folder) });
        note += " The workspace named no model yet (notebook 05 trains one): a tiny one was trained for 50 steps.";
        return run;
    }

    static string VersionOf(string folder)
    {
        var version = VersionFile.Read(folder);
        return $"{version.Name} {version.Hash[..16]}";
    }

    static string? Existing(Workspace workspace, string? path) =>
        workspace.Absolute(path) is { } absolute && (File.Exists(absolute) || Directory.Exists(absolute)) ? absolute : null;
}
