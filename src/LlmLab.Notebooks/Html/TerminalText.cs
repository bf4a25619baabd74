using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.Html;

/// <summary>Console text as HTML: carriage returns rewrite their line, colours of the terminal become spans, other control sequences vanish.</summary>
static partial class TerminalText
{
    static readonly string[] colors = ["#24292f", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#8250df", "#1b7c83", "#6e7781"];

    public static string ToHtml(string text)
    {
        var html = new StringBuilder();
        bool open = false;
        int at = 0;
        string shown = ApplyReturns(text);
        foreach (Match match in Sequence().Matches(shown))
        {
            html.Append(WebUtility.HtmlEncode(shown[at..match.Index]));
            at = match.Index + match.Length;
            if (match.Groups["style"] is not { Success: true } style) continue;
            if (open) html.Append("</span>");
            string css = Style(style.Value);
            open = css.Length > 0;
            if (open) html.Append($"<span style=\"{css}\">");
        }
        html.Append(WebUtility.HtmlEncode(shown[at..]));
        if (open) html.Append("</span>");
        return html.ToString();
    }

    static string ApplyReturns(string text) => string.Join('\n', text.Replace("\r\n", "\n").Split('\n').Select(line =>
    {
        string[] parts = line.TrimEnd('\r').Split('\r');
        return parts.Length == 1 ? line.TrimEnd('\r') : parts.Last();
    }));

    static string Style(string codes)
    {
        var css = new List<string>();
        foreach (string code in codes.Split(';'))
        {
            if (code == "1") css.Add("font-weight:bold");
            else if (code.Length == 2 && code[0] is '3' or '9' && code[1] is >= '0' and <= '7') css.Add("color:" + colors[code[1] - '0']);
        }
        return string.Join(';', css);
    }

    [GeneratedRegex(@"\x1b\[(?:(?<style>[0-9;]*)m|[0-9;?]*[A-Za-ln-z])")]
    private static partial Regex Sequence();
}
