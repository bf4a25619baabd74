using System.CommandLine;
using System.Globalization;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Pipeline;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab index</c>: makes documents searchable, or brings an index up to date.</summary>
static class IndexCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "A data set of `llmlab data build`, or a folder of documents." };
        var output = new Option<string?>("--output") { Description = "The index's folder; one that holds an index is brought up to date. Default: the workspace's current index, else a new one." };
        var store = new Option<string?>("--store") { Description = "Address of a vector store (sqlite:PATH, postgres://…); default: a file in the index's folder." };
        var embeddings = new Option<string?>("--embeddings") { Description = "The embedding model: an encoder's run, a folder with model.onnx and tokenizer.json, or openai:NAME; default: lsa, learned from the documents." };
        var characters = new Option<int>("--passage") { Description = "Longest passage in characters.", DefaultValueFactory = _ => 1_200 };
        var command = new Command("index", "Make documents searchable: by words and by meaning.") { source, output, store, embeddings, characters };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var workspace = Workspace.Open();
            string folder = parse.GetValue(output) ?? workspace.Absolute(workspace.State.Index) ?? workspace.NewFolder("index");
            var (index, update) = await DocumentIndex.BuildAsync(parse.GetRequiredValue(source), folder, parse.GetValue(store), parse.GetValue(embeddings), new StructureChunker(parse.GetValue(characters)), invocation.CancellationToken);
            using var built = index;
            workspace.Update(state => state with { Index = workspace.Relative(folder) });
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {update.Documents:N0} documents ({update.Added:N0} new, {update.Changed:N0} changed, {update.Removed:N0} gone), {update.Passages:N0} passages, {update.Embedded:N0} embedded, {update.Elapsed.TotalSeconds:0.0} s"));
            invocation.Result(new { folder, index.Settings, update.Documents, update.Added, update.Changed, update.Removed, update.Passages, update.Embedded, update.Reused, seconds = update.Elapsed.TotalSeconds });
            return Invocation.Done;
        });
        return command;
    }
}
