namespace LlmLab.Notebooks.Display;

/// <summary>A displayed value that can be replaced where it stands.</summary>
public sealed class DisplayHandle
{
    readonly CellContext cell;

    internal DisplayHandle(CellContext cell, string id)
    {
        this.cell = cell;
        Id = id;
    }

    /// <summary>The display's identifier.</summary>
    public string Id { get; }

    /// <summary>Shows another value in its place, also from later cells and other threads.</summary>
    public void Update(object? value) => cell.Publish(new UpdateDisplayOutput(cell.Formatter.Format(value), Id));

    /// <summary>Shows another value in its place, in one form.</summary>
    /// <exception cref="InvalidInputException">The value has no such form.</exception>
    public void Update(object? value, string mimeType) => cell.Publish(new UpdateDisplayOutput(cell.Formatter.Format(value, mimeType), Id));
}
