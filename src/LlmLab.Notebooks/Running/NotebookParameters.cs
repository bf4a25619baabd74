using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using LlmLab.Notebooks.Documents;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmLab.Notebooks.Running;

/// <summary>
/// Parameters as papermill has them (<see href="https://papermill.readthedocs.io"/>): the cell tagged <c>parameters</c> declares
/// variables with defaults; given values go into a new cell after it, tagged <c>injected-parameters</c>, which assigns them. What a
/// value may be is decided by its variable's type.
/// </summary>
sealed class NotebookParameters
{
    const string Tag = "parameters", InjectedTag = "injected-parameters";

    readonly IReadOnlyDictionary<string, string> values;

    NotebookParameters(Notebook notebook, IReadOnlyDictionary<string, string> values, int cell)
    {
        Notebook = notebook;
        this.values = values;
        Cell = cell;
    }

    /// <summary>The notebook, with an empty cell for the values if there are any.</summary>
    public Notebook Notebook { get; private set; }

    /// <summary>Place of the cell that declares them, from 0; -1 if there is nothing to inject.</summary>
    public int Cell { get; }

    /// <summary>Finds the cell and checks what can be checked before anything runs.</summary>
    /// <exception cref="InvalidInputException">No such cell, an unknown name, or a value that its declared type does not take.</exception>
    public static NotebookParameters Prepare(Notebook notebook, IReadOnlyDictionary<string, string> values, string name)
    {
        if (values.Count == 0) return new NotebookParameters(notebook, values, -1);
        // What an earlier run injected is replaced.
        var cells = notebook.Cells.Where(c => !c.Tags.Contains(InjectedTag)).ToList();
        int place = cells.FindIndex(c => c.Kind == CellKind.Code && c.Tags.Contains(Tag));
        if (place < 0) throw new InvalidInputException($"{name} takes no parameters: it has no code cell with the tag \"{Tag}\".");
        var declared = Declared(cells[place].Source);
        foreach (var (key, value) in values)
        {
            if (!declared.TryGetValue(key, out var type))
                throw new InvalidInputException($"{name} has no parameter \"{key}\": it has {(declared.Count == 0 ? "none" : string.Join(", ", declared.Keys))}.");
            if (type is not null) Expression(key, type, value, name);
        }
        var identifiers = new CellIdentifiers();
        foreach (var cell in cells) identifiers.Take(cell.Id, 0, "");
        cells.Insert(place + 1, new NotebookCell(identifiers.Take(null, place + 1, InjectedTag), CellKind.Code, "")
        {
            Metadata = new JsonObject { ["tags"] = new JsonArray(InjectedTag) },
        });
        return new NotebookParameters(notebook with { Cells = cells }, values, place);
    }

    /// <summary>Fills the injected cell, once the declaring cell has run and the variables' types are known.</summary>
    /// <exception cref="InvalidInputException">A value that its variable's type does not take.</exception>
    public NotebookCell Inject(IReadOnlyList<SessionVariable> variables, string name)
    {
        var lines = values.Select(v =>
        {
            var type = variables.FirstOrDefault(variable => variable.Name == v.Key)?.Type
                ?? throw new InvalidInputException($"{name}: the parameters cell declares \"{v.Key}\", but it is no variable afterwards.");
            return $"{v.Key} = {Expression(v.Key, type, v.Value, name)};";
        });
        var cells = Notebook.Cells.ToList();
        cells[Cell + 1] = cells[Cell + 1] with { Source = "// Parameters\n" + string.Join('\n', lines) };
        Notebook = Notebook with { Cells = cells };
        return cells[Cell + 1];
    }

    static string Expression(string key, Type type, string value, string name)
    {
        try
        {
            return ParameterValue.TryExpression(type, value)
                ?? throw new InvalidInputException($"{name}: the parameter \"{key}\" is \"{value}\", which is no {Describe(type)}.");
        }
        catch (NotSupportedException e)
        {
            throw new InvalidInputException($"{name}: the parameter \"{key}\" is of type {TypeNames.Of(type)}, which cannot be given as text: expected {ParameterValue.Types}.", e);
        }
    }

    static string Describe(Type type) =>
        type.IsEnum ? $"{TypeNames.Of(type)}: expected {string.Join(", ", Enum.GetNames(type))}" : $"value of type {TypeNames.Of(type)}";

    /// <summary>The variables that a cell declares, with their type where it can be read without compiling.</summary>
    static Dictionary<string, Type?> Declared(string source)
    {
        var root = CSharpSyntaxTree.ParseText(source, CSharpParseOptions.Default.WithKind(SourceCodeKind.Script)).GetCompilationUnitRoot();
        var declared = new Dictionary<string, Type?>(StringComparer.Ordinal);
        foreach (var member in root.Members)
        {
            var declaration = member switch
            {
                FieldDeclarationSyntax field when !field.Modifiers.Any(SyntaxKind.ConstKeyword) => field.Declaration,
                GlobalStatementSyntax { Statement: LocalDeclarationStatementSyntax { IsConst: false } local } => local.Declaration,
                _ => null,
            };
            foreach (var variable in declaration?.Variables ?? [])
                declared[variable.Identifier.ValueText] = TypeOf(declaration!.Type) ?? (declaration.Type.IsVar ? TypeOf(variable.Initializer?.Value) : null);
        }
        return declared;
    }

    static Type? TypeOf(TypeSyntax syntax) => syntax is not PredefinedTypeSyntax keyword ? null : keyword.Keyword.Kind() switch
    {
        SyntaxKind.BoolKeyword => typeof(bool),
        SyntaxKind.IntKeyword => typeof(int),
        SyntaxKind.LongKeyword => typeof(long),
        SyntaxKind.FloatKeyword => typeof(float),
        SyntaxKind.DoubleKeyword => typeof(double),
        SyntaxKind.DecimalKeyword => typeof(decimal),
        SyntaxKind.StringKeyword => typeof(string),
        SyntaxKind.CharKeyword => typeof(char),
        _ => null,
    };

    static Type? TypeOf(ExpressionSyntax? literal) => (literal as LiteralExpressionSyntax)?.Token.Value?.GetType();
}
