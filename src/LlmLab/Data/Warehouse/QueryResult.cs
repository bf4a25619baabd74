using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Analysis;

namespace LlmLab.Data.Warehouse;

/// <summary>Rows that a query gave.</summary>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Types">Their .NET types.</param>
/// <param name="Rows">The rows; a missing value is null.</param>
/// <param name="IsTruncated">True if there were more rows than were asked for.</param>
public sealed record QueryResult(IReadOnlyList<string> Columns, IReadOnlyList<Type> Types, IReadOnlyList<object?[]> Rows, bool IsTruncated)
{
    internal static QueryResult Read(DbDataReader reader, int maximumRows)
    {
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        Type[] types = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetFieldType)];
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            if (rows.Count == maximumRows) return new QueryResult(columns, types, rows, true);
            object?[] row = new object?[columns.Length];
            for (int i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }
        return new QueryResult(columns, types, rows, false);
    }

    /// <summary>The single value of a result with one row and one column.</summary>
    /// <exception cref="InvalidInputException">The result has another shape.</exception>
    public object? Scalar() => Rows is [[var value]] ? value : throw new InvalidInputException($"One value was expected, but the query gave {Rows.Count} rows of {Columns.Count} columns.");

    /// <summary>
    /// The rows as a data frame: whole numbers are Int64 columns, other numbers Double, truth values Boolean, times DateTime, all
    /// else text. Missing values stay missing.
    /// </summary>
    public DataFrame ToDataFrame()
    {
        var frame = new DataFrame();
        for (int i = 0; i < Columns.Count; i++)
        {
            int column = i;
            string name = Unique(frame, Columns[i]);
            frame.Columns.Add(Types[i] switch
            {
                var t when t == typeof(bool) => new BooleanDataFrameColumn(name, Rows.Select(r => (bool?)r[column])),
                var t when IsWhole(t) => new Int64DataFrameColumn(name, Rows.Select(r => r[column] is { } v ? Convert.ToInt64(v, CultureInfo.InvariantCulture) : (long?)null)),
                var t when IsNumber(t) => new DoubleDataFrameColumn(name, Rows.Select(r => r[column] is { } v ? ToDouble(v) : (double?)null)),
                var t when t == typeof(DateTime) => new DateTimeDataFrameColumn(name, Rows.Select(r => (DateTime?)r[column])),
                _ => new StringDataFrameColumn(name, Rows.Select(r => Text(r[column]))),
            });
        }
        return frame;
    }

    static bool IsWhole(Type type) => type == typeof(sbyte) || type == typeof(byte) || type == typeof(short) || type == typeof(ushort) || type == typeof(int) || type == typeof(uint) || type == typeof(long);

    // HUGEINT, which DuckDB's sum() of whole numbers gives, comes as BigInteger.
    static bool IsNumber(Type type) => type == typeof(float) || type == typeof(double) || type == typeof(decimal) || type == typeof(ulong) || type == typeof(System.Numerics.BigInteger);

    static double ToDouble(object value) => value is System.Numerics.BigInteger big ? (double)big : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    static string Unique(DataFrame frame, string name)
    {
        string unique = name;
        for (int copy = 2; frame.Columns.Any(c => c.Name == unique); copy++) unique = $"{name}_{copy}";
        return unique;
    }

    static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        System.Collections.IEnumerable list and not string => "[" + string.Join(", ", list.Cast<object?>().Select(Text)) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
