using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// Insertions and replacements in a cell's text. Text, not syntax nodes, is rewritten, so that every line stays where the user
/// wrote it and every position can be mapped back.
/// </summary>
sealed class TextEdits
{
    /// <summary>At one position, text that closes something comes first, then text that opens something, then a replacement.</summary>
    enum Place { Close, Open, Replace }

    readonly record struct Edit(int Start, int Length, string Text, Place Place, int Order);

    readonly List<Edit> edits = [];
    List<Edit>? sorted;

    /// <summary>Opens something before what stands at the position: the outermost is added first.</summary>
    public void Open(int position, string text) => Add(position, 0, text, Place.Open, edits.Count);

    /// <summary>Closes something after what ends at the position: the outermost is added first, and comes last.</summary>
    public void Close(int position, string text) => Add(position, 0, text, Place.Close, -edits.Count);

    /// <summary>Puts text in place of a span.</summary>
    public void Replace(TextSpan span, string text) => Add(span.Start, span.Length, text, Place.Replace, edits.Count);

    /// <summary>Takes a span out.</summary>
    public void Delete(TextSpan span) => Replace(span, "");

    void Add(int start, int length, string text, Place place, int order)
    {
        edits.Add(new(start, length, text, place, order));
        sorted = null;
    }

    /// <summary>Adds what another list holds.</summary>
    public void AddRange(TextEdits other)
    {
        foreach (var edit in other.edits) Add(edit.Start, edit.Length, edit.Text, edit.Place, edit.Place == Place.Close ? -edits.Count : edits.Count);
    }

    /// <summary>Copies a span of the source with its edits; <paramref name="keep"/> is called for each piece that is copied as it is.</summary>
    public void Apply(string source, TextSpan span, StringBuilder target, Action<int, int> keep)
    {
        sorted ??= [.. edits.OrderBy(edit => edit.Start).ThenBy(edit => edit.Place).ThenBy(edit => edit.Order)];
        var position = span.Start;
        for (var i = FirstAtOrAfter(span.Start); i < sorted.Count && sorted[i].Start <= span.End; i++)
        {
            var edit = sorted[i];
            // Closing text at the start belongs to what ends there, opening text at the end to what starts there.
            if (edit.Place == Place.Close && edit.Start == span.Start && span.Length > 0) continue;
            if (edit.Place != Place.Close && edit.Start == span.End) continue;
            if (edit.Start < position) continue;
            Keep(edit.Start);
            target.Append(edit.Text);
            position = edit.Start + edit.Length;
            // Lines that go out come back empty, so that what follows keeps its line.
            for (var j = edit.Start; j < position; j++) if (source[j] == '\n') target.Append('\n');
        }

        Keep(span.End);

        void Keep(int end)
        {
            if (end <= position) return;
            keep(position, end - position);
            target.Append(source, position, end - position);
            position = end;
        }
    }

    int FirstAtOrAfter(int start)
    {
        var (low, high) = (0, sorted!.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle].Start < start) low = middle + 1; else high = middle;
        }

        return low;
    }
}
