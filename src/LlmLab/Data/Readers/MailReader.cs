using System.Text;
using MimeKit;

namespace LlmLab.Data.Readers;

/// <summary>E-mail: one message (.eml) or a mailbox (mbox), by MimeKit. Headers become metadata; HTML-only mail becomes text; attachments are read by their own readers.</summary>
public sealed class MailReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "mail";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".eml", ".mbox", ".mbx"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        using var stream = file.Open();
        bool mailbox = file.Extension != ".eml";
        var parser = new MimeParser(stream, mailbox ? MimeFormat.Mbox : MimeFormat.Entity);
        int number = 0;
        while (!parser.IsEndOfStream)
        {
            Operation.Current.ThrowIfCancelled();
            number++;
            string id = mailbox ? $"{file.Name}#{number}" : file.Name;
            using var message = Parse(parser, id);
            if (number == 1 && message.From.Count == 0 && message.Subject is null && message.Date == default)
                throw new InvalidInputException($"{file.Name} has no mail headers (From, Subject, Date): it is not an e-mail.");
            yield return ToDocument(message, id, context.Options);
            if (file.Nesting < context.Options.MaximumNesting)
                foreach (var attachment in message.Attachments.OfType<MimePart>())
                    foreach (var document in ReadAttachment(attachment, id, file.Nesting + 1, context))
                        yield return document;
        }
    }

    static MimeMessage Parse(MimeParser parser, string id)
    {
        try
        {
            return parser.ParseMessage();
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            throw new InvalidInputException($"{id} is not a mail message that can be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    static IEnumerable<Document> ReadAttachment(MimePart attachment, string id, int nesting, ReadContext context)
    {
        if (attachment.FileName is not { Length: > 0 } name || attachment.Content is null) return [];
        var memory = new MemoryStream();
        attachment.Content.DecodeTo(memory);
        byte[] bytes = memory.ToArray();
        return context.ReadNested(new SourceFile($"{id}/{name.Replace('/', '_')}", bytes.Length, () => new MemoryStream(bytes, writable: false)) { Nesting = nesting });
    }

    static Document ToDocument(MimeMessage message, string id, ReaderOptions options)
    {
        var metadata = new DocumentMetadata { Source = id, Kind = DocumentKind.Email, Title = message.Subject };
        string body = message.TextBody ?? (message.HtmlBody is { } html ? HtmlReader.ToText(html, ref metadata) : "");
        metadata = metadata with { Title = message.Subject };
        var fields = new Dictionary<string, string> { ["from"] = message.From.ToString(), ["to"] = message.To.ToString(), ["messageId"] = message.MessageId ?? "", ["inReplyTo"] = message.InReplyTo ?? "" };
        metadata = MetadataFields.Apply(metadata, fields);
        if (message.Date != default) metadata = metadata with { Date = message.Date };
        var text = new StringBuilder();
        if (options.IncludeMailHeaders)
        {
            if (message.From.Count > 0) text.Append("From: ").Append(message.From).Append('\n');
            if (message.To.Count > 0) text.Append("To: ").Append(message.To).Append('\n');
            if (message.Date != default) text.Append("Date: ").Append(message.Date.ToString("yyyy-MM-dd HH:mm zzz", System.Globalization.CultureInfo.InvariantCulture)).Append('\n');
            if (message.Subject is { Length: > 0 } subject) text.Append("Subject: ").Append(subject).Append('\n');
            text.Append('\n');
        }
        text.Append(body.ReplaceLineEndings("\n").TrimEnd());
        return new Document(id, text.ToString(), metadata);
    }
}
