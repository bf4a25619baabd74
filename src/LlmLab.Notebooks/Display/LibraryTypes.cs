namespace LlmLab.Notebooks.Display;

/// <summary>
/// Displays of types from libraries. They are recognised by name, so that no library is loaded (libtorch, Skia, F#'s core) before
/// a value of it exists.
/// </summary>
static class LibraryTypes
{
    static readonly Dictionary<string, Func<object, MimeBundle?>> byName = new(StringComparer.Ordinal)
    {
        ["LlmLab.Charts.Chart"] = value => LabCharts.Format(value),
        ["LlmLab.Charts.ChartGrid"] = value => LabCharts.Format(value),
        ["Microsoft.Data.Analysis.DataFrame"] = value => DataFrames.Format(value),
        ["TorchSharp.torch+Tensor"] = value => Tensors.Format(value),
        ["TorchSharp.torch+nn+Module"] = value => Modules.Format(value),
        ["Plotly.NET.GenericChart"] = value => PlotlyCharts.Format(value),
        ["ScottPlot.Plot"] = value => ScottPlots.Format(value),
    };

    /// <summary>Whether the type is one of these libraries'.</summary>
    public static bool IsKnown(Type type) => Chain(type).Any(byName.ContainsKey);

    /// <summary>One line that reads none of the value's data: a tensor's shape, or the type's name.</summary>
    public static string Heading(object value) =>
        Chain(value.GetType()).Contains("TorchSharp.torch+Tensor") ? Tensors.TryHeading(value) : TypeNames.Of(value.GetType());

    /// <summary>The display of a library's value, or null where the type is not one of them.</summary>
    public static MimeBundle? TryFormat(object value)
    {
        foreach (string name in Chain(value.GetType()))
            if (byName.TryGetValue(name, out var format)) return format(value);
        return null;
    }

    static IEnumerable<string> Chain(Type type)
    {
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType)
            if (t.FullName is { } name) yield return name;
    }
}
