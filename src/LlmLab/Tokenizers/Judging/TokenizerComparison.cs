using System.Globalization;
using System.Net;
using System.Text;
using LlmLab.Data;
using LlmLab.Tokenizers.Formats;

namespace LlmLab.Tokenizers.Judging;

/// <summary>Tokenizers side by side on the same text.</summary>
/// <param name="Reports">One report a tokenizer.</param>
public sealed record TokenizerComparison(IReadOnlyList<TokenizerReport> Reports) : IHtmlView
{
    /// <summary>Measures tokenizers on a corpus, each in one pass over it.</summary>
    public static TokenizerComparison Measure(Corpus corpus, params (string Name, VocabularyTokenizer Tokenizer)[] tokenizers) =>
        new([.. tokenizers.Select(t => TokenizerReport.Measure(t.Name, t.Tokenizer, corpus.Documents))]);

    /// <summary>Measures a tokenizer beside cl100k and o200k, OpenAI's vocabularies.</summary>
    public static TokenizerComparison WithPublished(Corpus corpus, string name, VocabularyTokenizer tokenizer) =>
        Measure(corpus, (name, tokenizer), ("cl100k", PublishedVocabulary.Cl100k()), ("o200k", PublishedVocabulary.O200k()));

    IEnumerable<(string Label, IEnumerable<string> Values)> Rows()
    {
        yield return ("algorithm", Reports.Select(r => r.Algorithm));
        yield return ("vocabulary", Reports.Select(r => Number(r.VocabularySize, "#,0")));
        yield return ("tokens", Reports.Select(r => Number(r.Tokens, "#,0")));
        yield return ("bytes per token", Reports.Select(r => Number(r.BytesPerToken, "0.000")));
        yield return ("fertility (tokens per word)", Reports.Select(r => Number(r.Fertility, "0.000")));
        foreach (string language in Reports.SelectMany(r => r.FertilityByLanguage.Keys).Distinct().Order(StringComparer.Ordinal))
            if (language != "?") yield return ($"fertility, {language}", Reports.Select(r => Number(r.FertilityByLanguage.GetValueOrDefault(language, double.NaN), "0.000")));
        yield return ("vocabulary used", Reports.Select(r => Number(r.VocabularyUse, "0.0 %")));
        yield return ($"vocabulary rare (< {TokenizerReport.RareBelow} times)", Reports.Select(r => Number(r.RareTokens, "0.0 %")));
        yield return ("unknown tokens", Reports.Select(r => Number(r.UnknownTokens, "0.00 %")));
        yield return ("documents unchanged after decoding", Reports.Select(r => Number(r.RoundTrip, "0.0 %")));
    }

    static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string ToHtml()
    {
        const string cell = "padding:2px 12px;text-align:right";
        var html = new StringBuilder("<table style=\"border-collapse:collapse\"><thead><tr><th></th>");
        foreach (var report in Reports) html.Append($"<th style=\"{cell}\">{WebUtility.HtmlEncode(report.Name)}</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var (label, values) in Rows())
            html.Append($"<tr><td style=\"padding:2px 12px;text-align:left\">{WebUtility.HtmlEncode(label)}</td>{string.Concat(values.Select(v => $"<td style=\"{cell}\">{WebUtility.HtmlEncode(v)}</td>"))}</tr>");
        return html.Append("</tbody></table>").ToString();
    }

    /// <inheritdoc/>
    public string ToText()
    {
        var rows = Rows().Select(r => (r.Label, Values: r.Values.ToList())).Prepend((Label: "", Values: [.. Reports.Select(r => r.Name)])).ToList();
        int first = rows.Max(r => r.Label.Length);
        var widths = Enumerable.Range(0, Reports.Count).Select(i => rows.Max(r => r.Values[i].Length)).ToList();
        return string.Join('\n', rows.Select(r => r.Label.PadRight(first) + string.Concat(r.Values.Select((v, i) => "  " + v.PadLeft(widths[i])))));
    }
}
