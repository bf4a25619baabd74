using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// Anonymous types cannot be named, so a variable that holds one could not be a field that later cells read, and two cells' types
/// of the same shape would differ. <c>new { a.X, Y = 1 }</c> therefore becomes a call that makes a generic record, one per shape
/// and session, with the same equality and text.
/// </summary>
sealed class AnonymousTypes
{
    /// <param name="Name">Name of the record; its factory has "Factory" added.</param>
    /// <param name="Members">Names of the properties.</param>
    public sealed record Shape(string Name, IReadOnlyList<string> Members);

    readonly Dictionary<string, (Shape Shape, string Namespace)> declared = [];
    int count;

    /// <summary>Rewrites the cell's anonymous objects.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="cellNamespace">Where new shapes will be declared.</param>
    /// <param name="edits">Takes the edits.</param>
    /// <returns>All shapes used, and whether each is new.</returns>
    public IReadOnlyList<(Shape Shape, string Namespace, bool IsNew)> Rewrite(CellSyntax cell, string cellNamespace, TextEdits edits)
    {
        var used = new Dictionary<string, (Shape, string, bool)>();
        foreach (var creation in cell.Root.DescendantNodes().OfType<AnonymousObjectCreationExpressionSyntax>())
        {
            var names = creation.Initializers.Select(NameOf).ToList();
            // Without a name the compiler has the better message; leave it to it.
            if (names.Contains("") || creation.ContainsDiagnostics) continue;
            var key = string.Join(' ', names);
            if (!used.TryGetValue(key, out var shape))
            {
                shape = declared.TryGetValue(key, out var known) ? (known.Shape, known.Namespace, false)
                    : (new Shape(string.Create(CultureInfo.InvariantCulture, $"AnonymousType{count++}"), names), cellNamespace, true);
                used[key] = shape;
            }

            // In parentheses: in the hole of an interpolated string a colon would begin the format.
            edits.Replace(TextSpan.FromBounds(creation.NewKeyword.SpanStart, creation.OpenBraceToken.Span.End), $"(global::{shape.Item2}.{shape.Item1.Name}Factory.Of(");
            foreach (var initializer in creation.Initializers)
            {
                if (initializer.NameEquals is { } name) edits.Delete(TextSpan.FromBounds(name.SpanStart, initializer.Expression.SpanStart));
            }

            var separators = creation.Initializers.GetSeparators().ToList();
            if (separators.Count > 0 && separators.Count == creation.Initializers.Count) edits.Delete(separators[^1].Span);
            edits.Replace(creation.CloseBraceToken.Span, "))");
        }

        return [.. used.Values];
    }

    /// <summary>Remembers shapes whose cell was loaded.</summary>
    public void Declare(IEnumerable<Shape> shapes, string cellNamespace)
    {
        foreach (var shape in shapes) declared[string.Join(' ', shape.Members)] = (shape, cellNamespace);
    }

    /// <summary>The declarations of a shape.</summary>
    public static string Declaration(Shape shape)
    {
        var escaped = shape.Members.Select(Escape).ToList();
        var types = string.Join(", ", escaped.Select((_, i) => $"T{i}"));
        var generic = types.Length > 0 ? $"<{types}>" : "";
        var parameters = string.Join(", ", escaped.Select((name, i) => $"T{i} {name}"));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"public sealed record {shape.Name}{generic}({parameters}) {{ public override string ToString() => ");
        text.Append(escaped.Count == 0 ? "\"{ }\"" : "\"{ " + string.Join(" + \", ", shape.Members.Zip(escaped, (name, code) => $"{name} = \" + {code}")) + " + \" }\"");
        text.Append(CultureInfo.InvariantCulture, $"; }}\npublic static class {shape.Name}Factory {{ public static {shape.Name}{generic} Of{generic}({parameters}) => new({string.Join(", ", escaped)}); }}\n");
        return text.ToString();
    }

    static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    static string NameOf(AnonymousObjectMemberDeclaratorSyntax member) =>
        member.NameEquals?.Name.Identifier.ValueText ?? member.Expression.TryGetInferredMemberName() ?? "";
}
