using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Tags;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Completion and inspection by Roslyn's own services, on the text that the cell would be compiled as.</summary>
sealed partial class CellTools : IDisposable
{
    /// <summary>Proposals that get signature and documentation: each costs about a millisecond.</summary>
    const int MaximumDescribed = 40;

    readonly Lazy<AdhocWorkspace> workspace = new(() => new AdhocWorkspace(MefHostServices.DefaultHost));
    (IReadOnlyList<MetadataReference> References, ProjectId Id)? project;
    readonly Lock gate = new();

    /// <summary>A cell as a document.</summary>
    /// <param name="Document">The document.</param>
    /// <param name="Text">Its text and how positions map.</param>
    public sealed record OpenCell(Document Document, MappedText Text);

    /// <summary>Opens a cell.</summary>
    public OpenCell Open(CellSyntax cell, CellLayout layout, IReadOnlyList<MetadataReference> references, CancellationToken cancellationToken)
    {
        var id = ProjectFor(references);
        var withLocals = CellText.WriteForTools(cell, layout, []);
        var document = Document(withLocals);
        if (cell.Members.Count == 0 && cell.Types.Count == 0) return new(document, withLocals);

        var model = document.GetSemanticModelAsync(cancellationToken).GetAwaiter().GetResult()!;
        var end = withLocals.ToString().LastIndexOf("return null;", StringComparison.Ordinal);
        var variables = VariableHoisting.Hoist(cell, model, withLocals, end, new TextEdits());
        var withFields = CellText.WriteForTools(cell, layout, variables);
        return new(Document(withFields), withFields);

        Document Document(MappedText text)
        {
            lock (gate)
            {
                var solution = workspace.Value.CurrentSolution;
                var documentId = DocumentId.CreateNewId(id);
                // The document lives in a fork of the solution: nothing has to be removed.
                return solution.AddDocument(documentId, "Cell.cs", SourceText.From(text.ToString(), Encoding.UTF8)).GetDocument(documentId)!;
            }
        }
    }

    ProjectId ProjectFor(IReadOnlyList<MetadataReference> references)
    {
        lock (gate)
        {
            if (project is { } known && known.References.SequenceEqual(references)) return known.Id;
            if (project is { } old) workspace.Value.TryApplyChanges(workspace.Value.CurrentSolution.RemoveProject(old.Id));
            var id = ProjectId.CreateNewId();
            workspace.Value.AddProject(ProjectInfo.Create(id, VersionStamp.Default, "Cells", "Cells", LanguageNames.CSharp, metadataReferences: references,
                compilationOptions: CellCompiler.Options, parseOptions: CellCompiler.RegularOptions.WithDocumentationMode(DocumentationMode.Parse)));
            project = (references, id);
            return id;
        }
    }

    /// <summary>Proposals at a position of the cell.</summary>
    public static async Task<CompletionList> CompleteAsync(OpenCell open, int position, CancellationToken cancellationToken)
    {
        var nothing = new CompletionList(position, position, []);
        var at = open.Text.ToGenerated(position);
        if (at < 0 || CompletionService.GetService(open.Document) is not { } service) return nothing;
        if (await service.GetCompletionsAsync(open.Document, at, cancellationToken: cancellationToken).ConfigureAwait(false) is not { } list) return nothing;

        var text = open.Text.ToString();
        var typed = text[list.Span.Start..Math.Min(at, list.Span.End)];
        var items = list.ItemsList.Where(item => !item.Tags.Contains(WellKnownTags.Snippet) && !IsOurs().IsMatch(item.DisplayText)).ToList();
        var matching = items.Where(item => item.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).ToList();
        if (matching.Count == 0) matching = [.. items.Where(item => item.FilterText.Contains(typed, StringComparison.OrdinalIgnoreCase))];

        // Nobody reads descriptions in a list of thousands.
        var described = matching.Count > 500 ? MaximumDescribed / 4 : MaximumDescribed;
        var completions = new List<Completion>();
        foreach (var item in matching.OrderByDescending(item => item.FilterText.StartsWith(typed, StringComparison.Ordinal)).ThenBy(item => item.SortText, StringComparer.OrdinalIgnoreCase).DistinctBy(item => item.DisplayText))
        {
            var (signature, documentation) = completions.Count < described && !item.Tags.Contains(WellKnownTags.Keyword)
                ? await DescribeAsync(item).ConfigureAwait(false) : ("", "");
            completions.Add(new(item.DisplayText, Kind(item), signature, documentation));
        }

        return new(position - typed.Length, open.Text.ToOriginal(Math.Max(at, list.Span.End)), completions);

        async Task<(string Signature, string Documentation)> DescribeAsync(CompletionItem item)
        {
            var description = await service.GetDescriptionAsync(open.Document, item, cancellationToken).ConfigureAwait(false);
            var parts = Clean(description?.Text ?? "").Split('\n', 2);
            return (parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "");
        }
    }

    /// <summary>Signature and documentation of what stands at a position of the cell, or before it, or is being called there.</summary>
    public static async Task<MimeBundle?> InspectAsync(OpenCell open, int position, CancellationToken cancellationToken)
    {
        if (QuickInfoService.GetService(open.Document) is not { } service) return null;
        var at = open.Text.ToGenerated(position);
        if (at < 0) return null;
        var root = (await open.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
        var token = root.FindToken(Math.Max(0, at - 1));
        var called = token.Parent?.AncestorsAndSelf().OfType<BaseArgumentListSyntax>().FirstOrDefault() is { } arguments ? arguments.SpanStart - 1 : -1;
        int[] candidates = [at, at - 1, called];
        foreach (var candidate in candidates.Where(candidate => candidate >= 0))
        {
            // Of a literal the type would be told, which nobody asks for.
            if (root.FindToken(candidate) is var found && (!found.Span.Contains(candidate) || found.Parent is LiteralExpressionSyntax)) continue;
            if (await service.GetQuickInfoAsync(open.Document, candidate, cancellationToken).ConfigureAwait(false) is not { } info) continue;
            var sections = info.Sections.Select(section => Clean(section.Text)).Where(text => text.Length > 0).ToList();
            if (sections.Count == 0) continue;
            var plain = System.Text.Json.Nodes.JsonValue.Create(string.Join("\n\n", sections));
            var markdown = System.Text.Json.Nodes.JsonValue.Create(string.Join("\n\n", sections.Skip(1).Prepend($"```csharp\n{sections[0]}\n```")));
            return new(new Dictionary<string, System.Text.Json.Nodes.JsonNode> { ["text/plain"] = plain, ["text/markdown"] = markdown });
        }

        return null;
    }

    static string Kind(CompletionItem item)
    {
        foreach (var tag in item.Tags)
        {
            switch (tag)
            {
                case WellKnownTags.Method or WellKnownTags.ExtensionMethod: return "method";
                case WellKnownTags.Property: return "property";
                case WellKnownTags.Field or WellKnownTags.Local or WellKnownTags.Parameter or WellKnownTags.RangeVariable: return "instance";
                case WellKnownTags.Class or WellKnownTags.Structure or WellKnownTags.Interface or WellKnownTags.Delegate or WellKnownTags.TypeParameter: return "class";
                case WellKnownTags.Enum or WellKnownTags.EnumMember or WellKnownTags.Constant: return "enum";
                case WellKnownTags.Namespace: return "namespace";
                case WellKnownTags.Keyword: return "keyword";
                case WellKnownTags.Event: return "event";
            }
        }

        return "text";
    }

    /// <summary>Takes the names of generated classes and namespaces out.</summary>
    static string Clean(string text) => OurPrefix().Replace(text, "").ReplaceLineEndings("\n").Trim();

    [GeneratedRegex(@"^(__Cell|__Run|CellChecks|Unfinished|Cell\d+)$")]
    private static partial Regex IsOurs();

    [GeneratedRegex(@"\b((Cell\d+|Unfinished)(\.Inner)*\.)?__Cell\.|\b(Cell\d+|Unfinished)(\.Inner)*\.")]
    private static partial Regex OurPrefix();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (workspace.IsValueCreated) workspace.Value.Dispose();
    }
}
