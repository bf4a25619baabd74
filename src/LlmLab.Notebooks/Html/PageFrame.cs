using System.Net;

namespace LlmLab.Notebooks.Html;

/// <summary>Head, style and scripts that all pages share.</summary>
static class PageFrame
{
    /// <summary>Draws each chart in place of its picture; before printing the pictures return.</summary>
    public const string DrawCharts = """
        <script>
        for (const chart of document.querySelectorAll('.chart')) {
          const figure = JSON.parse(chart.querySelector('script').textContent);
          const still = chart.querySelector('img, pre'), live = document.createElement('div');
          chart.append(live);
          Plotly.newPlot(live, figure.data, figure.layout, { responsive: true, displaylogo: false }).then(() => still.classList.add('replaced'));
        }
        </script>
        """;

    const string Style = """
        :root { color-scheme: light; --line: #d8dee4; --soft: #f6f8fa; --text: #1f2328; --accent: #512bd4; }
        body { font: 16px/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); max-width: 58rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; background: #fff; }
        h1, h2, h3 { line-height: 1.25; margin: 1.8em 0 .6em; } h1 { margin-top: .4em; font-size: 2rem; } h2 { border-bottom: 1px solid var(--line); padding-bottom: .2em; }
        a { color: var(--accent); } img, svg { max-width: 100%; height: auto; }
        pre, code { font: 13.5px/1.5 ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; }
        p code, li code, td code { background: var(--soft); padding: .1em .3em; border-radius: 4px; }
        pre { overflow-x: auto; margin: .5rem 0; } .prose pre, pre.code { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; }
        pre.code { border-left: 3px solid var(--accent); }
        pre.stderr { background: #fff8e6; padding: .4rem .7rem; } pre.error { background: #ffebe9; padding: .6rem .8rem; border-radius: 6px; white-space: pre-wrap; }
        .cell { margin: 1rem 0; } .rich { overflow-x: auto; }
        table { border-collapse: collapse; margin: .6rem 0; font-size: .92em; } th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; } th { background: var(--soft); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
        blockquote { margin: .8rem 0; padding: 0 1rem; border-left: 4px solid var(--line); color: #59636e; }
        .recorded { display: inline-block; background: #f3f0ff; border: 1px solid #d9ccff; border-radius: 6px; padding: .3rem .7rem; margin: .3rem 0; }
        .ok { color: #1a7f37; } .failed { color: #cf222e; font-weight: 600; }
        .replaced { display: none; } @media print { .replaced { display: block; } .chart > div { display: none; } }
        .k { color: #0550ae; } .s { color: #0a3069; } .n { color: #953800; } .c { color: #6e7781; font-style: italic; } .t { color: #8250df; } .m { color: #6639ba; } .d { color: #9a6700; }
        footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .6rem; color: #59636e; font-size: .85em; }
        """;

    public static string Page(string title, string body, string scripts = "") => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <style>{Style}</style>
        </head>
        <body>
        {body}
        {scripts}
        </body>
        </html>

        """;
}
