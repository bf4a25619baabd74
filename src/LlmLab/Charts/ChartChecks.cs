namespace LlmLab.Charts;

/// <summary>Refuses a chart that cannot be drawn, with one sentence that names the series.</summary>
static class ChartChecks
{
    const int LargestSide = 10_000;

    public static void Check(Chart chart)
    {
        if (chart.Width is < 50 or > LargestSide || chart.Height is < 50 or > LargestSide)
            throw new InvalidInputException($"The chart \"{chart.Title}\" is {chart.Width} × {chart.Height} pixels; each side must be 50 to {LargestSide}.");
        if (chart.YRange is { } range && !(double.IsFinite(range.Low) && double.IsFinite(range.High) && range.Low < range.High))
            throw new InvalidInputException($"The chart \"{chart.Title}\" has the vertical range {range.Low} to {range.High}; the first must be the smaller, and both finite.");
        if (chart.YRange is { Low: <= 0 } && chart.LogY)
            throw new InvalidInputException($"The chart \"{chart.Title}\" has a logarithmic vertical axis that begins at {chart.YRange.Value.Low}; it must begin above zero.");
        if (chart.Heatmap is { } heatmap) CheckHeatmap(chart, heatmap);
        foreach (var series in chart.Series) CheckSeries(chart, series);
    }

    static void CheckHeatmap(Chart chart, Heatmap heatmap)
    {
        var (rows, columns) = (heatmap.Values.GetLength(0), heatmap.Values.GetLength(1));
        if (rows == 0 || columns == 0) throw new InvalidInputException($"The heatmap of \"{chart.Title}\" has no cells ({rows} × {columns}).");
        if (heatmap.RowLabels.Count != rows || heatmap.ColumnLabels.Count != columns)
            throw new InvalidInputException($"The heatmap of \"{chart.Title}\" has {rows} rows and {columns} columns, but {heatmap.RowLabels.Count} and {heatmap.ColumnLabels.Count} labels; give one label to each.");
    }

    static void CheckSeries(Chart chart, Series series)
    {
        void Same(int count, string what)
        {
            if (count != series.Y.Count)
                throw new InvalidInputException($"Series \"{series.Name}\" of \"{chart.Title}\" has {series.Y.Count} values of Y and {count} {what}; give one of each to a point.");
        }
        Same(series.X.Count, "of X");
        if (series.Errors is not null) Same(series.Errors.Count, "errors");
        if (series.ErrorsBelow is not null) Same(series.ErrorsBelow.Count, "errors below");
        if (series.ErrorsBelow is not null && series.Errors is null)
            throw new InvalidInputException($"Series \"{series.Name}\" of \"{chart.Title}\" has errors below its values and none above; give Errors too.");
        if (series.Labels is not null) Same(series.Labels.Count, "labels");
        if (chart.Categories is { } categories && series.X.FirstOrDefault(x => !(x >= -0.5 && x <= categories.Count - 0.5)) is var outside and not 0)
            throw new InvalidInputException($"Series \"{series.Name}\" of \"{chart.Title}\" has X = {outside}, but there are {categories.Count} categories; X is the index of the category, from 0.");
    }
}
