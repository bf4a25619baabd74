using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace LlmLab.Notebooks.Display;

/// <summary>A tensor as text: shape, type, device, statistics over all its values, and a corner of them.</summary>
static class Tensors
{
    const int CornerSize = 6, CornerDigits = 4;

    public static MimeBundle? Format(object value) => value is Tensor tensor ? Bundles.Text(Text(tensor)) : null;

    /// <summary>"[2, 3] float32 on cpu", without reading any value.</summary>
    public static string Heading(Tensor tensor) =>
        $"[{string.Join(", ", tensor.shape)}] {tensor.dtype.ToString().ToLowerInvariant()} on {tensor.device}{(tensor.requires_grad ? ", requires gradient" : "")}";

    /// <summary>As <see cref="Heading"/>, for a value that only its type's name says is a tensor.</summary>
    public static string TryHeading(object value) =>
        value is not Tensor tensor ? TypeNames.Of(value.GetType()) : tensor.IsInvalid ? "Tensor (disposed)" : Heading(tensor);

    static string Text(Tensor tensor)
    {
        if (tensor.IsInvalid) return "Tensor (disposed)";
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var text = new StringBuilder("Tensor ").Append(Heading(tensor));
        if (tensor.NumberOfElements == 0 || tensor.is_complex() || tensor.is_quantized()) return text.ToString();

        var plain = tensor.detach();
        if (tensor.dtype == ScalarType.Bool)
        {
            text.Append($"\ntrue: {plain.sum().item<long>().ToString("N0", CultureInfo.InvariantCulture)} of {tensor.NumberOfElements.ToString("N0", CultureInfo.InvariantCulture)}");
        }
        else
        {
            // float64 so that the mean of a large float32 or bfloat16 tensor is its mean.
            var wide = plain.to(ScalarType.Float64);
            text.Append($"\nmin {Number(wide.min())}  mean {Number(wide.mean())}  max {Number(wide.max())}");
            if (tensor.NumberOfElements > 1) text.Append($"  std {Number(wide.std())}");
        }
        return text.Append('\n').Append(Corner(plain)).ToString();
    }

    static string Corner(Tensor tensor)
    {
        var matrix = tensor.cpu();
        // The last two dimensions, at index 0 of those before.
        int leading = (int)Math.Max(0, matrix.dim() - 2);
        for (int i = 0; i < leading; i++) matrix = matrix[0];
        bool isVector = matrix.dim() < 2;
        if (matrix.dim() == 0) matrix = matrix.unsqueeze(0);
        if (matrix.dim() == 1) matrix = matrix.unsqueeze(0);
        long rowCount = matrix.shape[0], columnCount = matrix.shape[1];
        long height = Math.Min(rowCount, CornerSize), width = Math.Min(columnCount, CornerSize);
        var corner = matrix.narrow(0, 0, height).narrow(1, 0, width).to(ScalarType.Float64).contiguous();
        var numbers = corner.data<double>().ToArray();
        bool isBool = tensor.dtype == ScalarType.Bool;
        var cells = numbers.Select(n => isBool ? (n != 0 ? "true" : "false") : Scalars.Short(n, CornerDigits)).ToArray();
        int longest = cells.Max(c => c.Length);
        var lines = new List<string>();
        for (int row = 0; row < height; row++)
        {
            string line = string.Join("  ", cells.Skip(row * (int)width).Take((int)width).Select(c => c.PadLeft(longest)));
            lines.Add(columnCount > width ? line + "  …" : line);
        }
        if (rowCount > height) lines.Add("…");
        string where = leading > 0 ? $"[{string.Concat(Enumerable.Repeat("0, ", leading))}{(isVector ? "" : ":, ")}:]\n" : "";
        return where + string.Join('\n', lines);
    }

    static string Number(Tensor scalar) => Scalars.Short(scalar.item<double>());
}

/// <summary>A module as a table of its parameters and their count.</summary>
static class Modules
{
    public static MimeBundle? Format(object value)
    {
        if (value is not nn.Module module) return null;
        var parameters = module.named_parameters().ToList();
        long count = parameters.Sum(p => p.parameter.NumberOfElements);
        var rows = parameters.Take(Tables.RowLimit).Select(p => (IReadOnlyList<Cell>)
            [new Cell(p.name), new Cell($"[{string.Join(", ", p.parameter.shape)}]"), new Cell(p.parameter.dtype.ToString().ToLowerInvariant()), new Cell(p.parameter.NumberOfElements.ToString("N0", CultureInfo.InvariantCulture))]).ToList();
        string total = $"{count.ToString("N0", CultureInfo.InvariantCulture)} parameters in {parameters.Count.ToString("N0", CultureInfo.InvariantCulture)} tensors";
        return Bundles.Table(new Table([new Column("parameter"), new Column("shape"), new Column("type"), new Column("count", true)], rows)
        {
            Caption = TypeNames.Of(module.GetType()),
            Footer = parameters.Count > Tables.RowLimit ? $"… {total} in all" : total,
        });
    }
}
