using System.Buffers;
using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Text;
using Lucene.Net.Documents;
using Lucene.Net.Util;
using LuceneDocument = Lucene.Net.Documents.Document;

namespace LlmLab.Retrieval.Search;

/// <summary>A passage as a document of Lucene: what is searched, what is filtered by, and the passage itself.</summary>
static class StoredPassage
{
    public const string Id = "id", Document = "document", Text = "text", Project = "project", Phase = "phase", Kind = "kind", Access = "access", Date = "date", Origin = "origin";
    static readonly SentenceSplitter sentences = new();
    const string Content = "content", Heading = "heading", Position = "position";

    public static LuceneDocument Write(Passage passage, string stamp, bool headings)
    {
        var metadata = passage.Metadata;
        var content = new ArrayBufferWriter<byte>();
        DocumentJson.Write(content, new Data.Document(passage.DocumentId, passage.Text, metadata));
        var stored = new LuceneDocument
        {
            new StringField(Id, passage.Id, Field.Store.YES),
            new StringField(Document, passage.DocumentId, Field.Store.YES),
            // Beside the stored fields, in a column of its own: an update reads it of every passage, and nothing else.
            new BinaryDocValuesField(Origin, new BytesRef($"{passage.Id}\n{passage.DocumentId}\n{stamp}")),
            new TextField(Text, headings ? SearchText(passage) : passage.Text, Field.Store.NO),
            new StoredField(Content, content.WrittenSpan.ToArray()),
            new StoredField(Heading, passage.Heading),
            new StoredField(Position, $"{passage.Start} {passage.ParentStart} {passage.ParentLength}"),
            new StringField(Kind, metadata.Kind.ToString(), Field.Store.NO),
            new StringField(Access, Clearance.ClassOf(metadata), Field.Store.NO),
        };
        if (metadata.Project is { } project) stored.Add(new StringField(Project, project, Field.Store.NO));
        if (metadata.Phase is { } phase) stored.Add(new StringField(Phase, phase, Field.Store.NO));
        if (metadata.Date is { } date) stored.Add(new Int64Field(Date, date.UtcTicks, Field.Store.NO));
        return stored;
    }

    public static Passage Read(LuceneDocument stored)
    {
        BytesRef bytes = stored.GetBinaryValue(Content);
        string id = stored.Get(Id);
        var content = DocumentJson.Read(bytes.Bytes.AsMemory(bytes.Offset, bytes.Length), $"Passage {id} of the index");
        int[] position = [.. stored.Get(Position).Split(' ').Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
        return new Passage(id, content.Id, position[0], content.Text, stored.Get(Heading), position[1], position[2], content.Metadata);
    }

    /// <summary>What a passage is found by: its document's title and its headings, each said once, before its text.</summary>
    public static string SearchText(Passage passage) => Headed(passage, passage.Text);

    /// <summary>The same for each of its sentences, or its lines where it has lines.</summary>
    public static IReadOnlyList<string> SentenceTexts(Passage passage) =>
        [.. passage.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(sentences.Split).Select(sentence => Headed(passage, sentence)).Distinct(StringComparer.Ordinal)];

    static string Headed(Passage passage, string text)
    {
        string title = passage.Metadata.Title ?? "";
        string heading = passage.Heading.StartsWith(title, StringComparison.Ordinal) ? passage.Heading : passage.Heading.Length == 0 ? title : $"{title} › {passage.Heading}";
        return heading.Length == 0 ? text : $"{heading}\n{text}";
    }
}
