using System.Reflection;

namespace LlmLab.Notebooks.Html;

/// <summary>The copy of plotly.js that the Plotly.NET package embeds, so that pages draw charts without a network.</summary>
public static class PlotlyScript
{
    /// <summary>Name of the script when it lies beside pages that share it.</summary>
    public const string FileName = "plotly.min.js";

    static readonly Lazy<string> text = new(Read);

    /// <summary>The script.</summary>
    public static string Text => text.Value;

    static string Read()
    {
        var assembly = Assembly.Load("Plotly.NET");
        string name = assembly.GetManifestResourceNames().Single(name => name.Contains("plotly", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        // Inside a page, the end tag would end the script early.
        return reader.ReadToEnd().Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase);
    }
}
