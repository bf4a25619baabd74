using System.CommandLine;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Generation;
using LlmLab.Interop;
using LlmLab.Prompts;
using LlmLab.Retrieval.Pipeline;
using LlmLab.Retrieval.Reading;
using LlmLab.Retrieval.Search;
using LlmLab.Runs;
using LlmLab.Tokenizers.Formats;
using Microsoft.Extensions.AI;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab search</c> and <c>llmlab ask</c>: passages for a question, and an answer from them.</summary>
static class SearchCommand
{
    static readonly Option<string?> index = new("--index") { Description = "The index's folder; default: the workspace's current one." };
    static readonly Option<string[]> project = new("--project") { Description = "Only documents of this project; may be given more than once." };
    static readonly Option<DocumentKind[]> kind = new("--kind") { Description = "Only documents of this kind: email, planning, technical …" };
    static readonly Option<DateTime?> from = new("--from") { Description = "Only documents of this day or later." };
    static readonly Option<Sensitivity> clearance = new("--clearance") { Description = "The highest sensitivity that you may see.", DefaultValueFactory = _ => Sensitivity.Internal };
    static readonly Option<string[]> role = new("--role") { Description = "A role that you have; may be given more than once." };
    static readonly Option<SearchMode> mode = new("--by") { Description = "hybrid, keywords or vectors." };
    static readonly Argument<string> question = new("question") { Description = "What you want to know." };

    public static Command Create()
    {
        var most = new Option<int>("--most") { Description = "Most passages.", DefaultValueFactory = _ => 5 };
        var command = new Command("search", "Find the passages that answer a question.") { question, index, most, mode, project, kind, from, clearance, role };
        Invocation.SetAction(command, async invocation =>
        {
            using var opened = await DocumentIndex.OpenAsync(invocation.Parse.GetValue(index), cancellationToken: invocation.CancellationToken);
            var options = Options(invocation, invocation.Parse.GetValue(most));
            Check(opened, options.Filter);
            var found = await opened.Passages.SearchAsync(invocation.Parse.GetRequiredValue(question), options, invocation.CancellationToken);
            for (int i = 0; i < found.Count; i++)
            {
                var passage = found[i].Passage;
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {passage.DocumentId}, characters {passage.Start} to {passage.Start + passage.Text.Length}{(passage.Heading.Length > 0 ? $" ({passage.Heading})" : "")}"));
                invocation.WriteLine("   " + passage.Text.ReplaceLineEndings(" ") + "\n");
            }
            if (found.Count == 0) invocation.WriteLine("Nothing found.");
            invocation.Result(new { found = found.Select(one => new { one.Passage.Id, one.Passage.DocumentId, one.Passage.Start, one.Passage.Text, one.Passage.Heading, one.Score, one.Similarity }) });
            return Invocation.Done;
        });
        return command;
    }

    public static Command CreateAsk()
    {
        var model = new Option<string?>("--model") { Description = "The run of a reader (llmlab reader train), or openai:NAME for a hosted chat model; default: the workspace's current model." };
        var prompt = new Option<string?>("--prompt") { Description = "Ask a chat model by this prompt, instead of a reader; a hosted one is asked by \"answer\"." };
        var most = new Option<int>("--passages") { Description = "Most passages to read.", DefaultValueFactory = _ => 6 };
        var command = new Command("ask", "Answer a question from the indexed documents, with citations.") { question, index, model, prompt, most, mode, project, kind, from, clearance, role };
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            using var opened = await DocumentIndex.OpenAsync(parse.GetValue(index), cancellationToken: invocation.CancellationToken);
            var search = Options(invocation, parse.GetValue(most));
            Check(opened, search.Filter);
            using var chat = new RetrievalChatClient(Answering(parse.GetValue(model), parse.GetValue(prompt), out var options), opened.Passages, options with { Search = search });
            var response = await chat.GetResponseAsync(parse.GetRequiredValue(question), new ChatOptions { Temperature = 0 }, invocation.CancellationToken);
            var citations = RetrievalChatClient.CitationsOf(response);
            invocation.WriteLine(response.Text);
            foreach (var citation in citations)
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  [{citation.Number}] {citation.Title}: {citation.DocumentId}, characters {citation.Start} to {citation.End}"));
            invocation.Result(new { answer = response.Text, citations, usage = response.Usage });
            return Invocation.Done;
        });
        return command;
    }

    // Tokens of question and passages for a hosted model, whose own limit is not known here.
    const int HostedContext = 4_096;

    // Who answers, and what that one can read at once.
    static IChatClient Answering(string? model, string? prompt, out RetrievalChatOptions options)
    {
        var template = prompt is null ? null : PromptLibrary.Shipped.Find(prompt);
        if (model is not null && HostedModels.NameOf(model) is { } hosted)
        {
            options = new RetrievalChatOptions { Tokenizer = PublishedVocabulary.O200k(), ContextTokens = HostedContext, Prompt = template ?? PromptLibrary.Shipped.Find("answer") };
            return HostedModels.Chat(hosted);
        }
        var run = Run.OpenOrCurrent(model);
        options = new RetrievalChatOptions { Tokenizer = run.LoadTokenizer(), ContextTokens = Math.Max(32, run.Spec.ContextLength - 64), Prompt = template };
        return template is null ? new ReaderChatClient(Reader.Load(run), run.Description.Name) : LanguageModelChatClient.Load(run);
    }

    static SearchOptions Options(Invocation invocation, int most)
    {
        var parse = invocation.Parse;
        return new SearchOptions
        {
            Most = most,
            Mode = parse.GetValue(mode),
            Filter = new SearchFilter
            {
                Projects = parse.GetValue(project) ?? [],
                Kinds = parse.GetValue(kind) ?? [],
                From = parse.GetValue(from) is { } day ? new DateTimeOffset(DateTime.SpecifyKind(day, DateTimeKind.Utc)) : null,
                Clearance = new Clearance(parse.GetValue(clearance), parse.GetValue(role) ?? []),
            },
        };
    }

    static void Check(DocumentIndex opened, SearchFilter filter)
    {
        if (opened.Passages.Keywords.CountOf(filter) == 0)
            throw new InvalidInputException($"Of the {opened.Passages.Keywords.CountOf(new SearchFilter { Clearance = filter.Clearance })} passages that may be read none passes the filter ({filter.Describe()}): check its spelling, or leave parts of it out.");
    }
}
