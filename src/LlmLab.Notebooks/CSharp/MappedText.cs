using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Generated text that remembers which of its parts came from where in the cell.</summary>
sealed class MappedText(string source)
{
    readonly record struct Piece(int Generated, int Original, int Length);

    readonly StringBuilder text = new();
    readonly List<Piece> pieces = [];

    /// <summary>Length so far.</summary>
    public int Length => text.Length;

    /// <summary>Adds text of our own.</summary>
    public MappedText Add(string own)
    {
        text.Append(own);
        return this;
    }

    /// <summary>Adds a span of the cell, edited.</summary>
    public MappedText Copy(TextSpan span, TextEdits edits)
    {
        if (span.IsEmpty) pieces.Add(new(text.Length, span.Start, 0));
        // The piece is noted before its text is appended: text.Length is where it will start.
        edits.Apply(source, span, text, (start, length) => pieces.Add(new(text.Length, start, length)));
        return this;
    }

    /// <summary>The position in the cell that a generated position stems from: exact inside a copied piece, else the nearest before.</summary>
    public int ToOriginal(int generated)
    {
        var found = new Piece(0, 0, 0);
        foreach (var piece in pieces)
        {
            if (piece.Generated > generated) break;
            found = piece;
        }

        return found.Original + Math.Min(generated - found.Generated, found.Length);
    }

    /// <summary>Where a position of the cell stands in the generated text; -1 if it was not copied.</summary>
    public int ToGenerated(int original)
    {
        foreach (var piece in pieces)
        {
            if (original >= piece.Original && original < piece.Original + piece.Length) return piece.Generated + original - piece.Original;
        }

        // At the end of a piece; an empty one only if nothing else ends there.
        foreach (var piece in pieces.Where(piece => piece.Length > 0).Concat(pieces))
        {
            if (original == piece.Original + piece.Length) return piece.Generated + piece.Length;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();
}
