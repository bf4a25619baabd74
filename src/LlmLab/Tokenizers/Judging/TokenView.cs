using System.Net;
using System.Text;

namespace LlmLab.Tokenizers.Judging;

/// <summary>How a tokenizer cuts a text: each token in a colour, its id on hovering; in plain text the tokens with bars between.</summary>
/// <param name="Tokens">The tokens in order: id, and the text that they stand for; bytes that are no whole character as <c>⟨E4⟩</c>.</param>
/// <param name="Characters">Characters (UTF-16 units) of the text.</param>
public sealed record TokenView(IReadOnlyList<(int Id, string Text)> Tokens, int Characters) : IHtmlView
{
    // Six light colours that stay apart for colour-blind readers too (after Okabe and Ito), with dark text on them.
    static readonly string[] colors = ["#cfe3f5", "#fde2b8", "#cdeee0", "#f9d3e3", "#e7e3fb", "#f3f1b9"];

    /// <summary>The view of a text.</summary>
    public static TokenView Of(VocabularyTokenizer tokenizer, string text)
    {
        var tokens = new List<(int, string)>();
        foreach (int id in tokenizer.Encode(text)) tokens.Add((id, Show(tokenizer, id)));
        return new TokenView(tokens, text.Length);
    }

    static string Show(VocabularyTokenizer tokenizer, int id)
    {
        // Where pieces carry marks of their own (##ing, ▁the), the mark is what a reader wants to see.
        if (tokenizer is WordPieceTokenizer or SentencePiece.SentencePieceModelTokenizer) return tokenizer.GetToken(id) ?? "";
        var bytes = tokenizer.GetBytes(id);
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf8(bytes, out var rune, out int consumed) == System.Buffers.OperationStatus.Done;
            if (whole) text.Append(rune);
            else
                foreach (byte b in bytes[..consumed]) text.Append('⟨').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)).Append('⟩');
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public string ToHtml()
    {
        var html = new StringBuilder("<div style=\"font-family:monospace;line-height:1.9;white-space:pre-wrap;overflow-wrap:anywhere\">");
        for (int i = 0; i < Tokens.Count; i++)
        {
            var (id, text) = Tokens[i];
            string shown = WebUtility.HtmlEncode(Visible(text));
            html.Append($"<span title=\"{id}: {WebUtility.HtmlEncode(Visible(text))}\" style=\"background:{colors[i % colors.Length]};color:#111;border-radius:3px;padding:1px 0\">{shown}</span>");
            for (int lines = text.Count(c => c == '\n'); lines > 0; lines--) html.Append("<br>");
        }
        return html.Append($"</div><div style=\"font-family:sans-serif;font-size:85%;opacity:.75\">{Summary}</div>").ToString();
    }

    /// <inheritdoc/>
    public string ToText() => string.Join('│', Tokens.Select(t => Visible(t.Text))) + "\n" + Summary;

    string Summary => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Tokens.Count} tokens, {Characters} characters{(Tokens.Count > 0 ? $", {(double)Characters / Tokens.Count:0.00} characters per token" : "")}");

    static string Visible(string text) => text.Replace("\r", "␍").Replace("\n", "↵").Replace("\t", "⇥");
}
