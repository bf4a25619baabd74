using System.Globalization;

namespace LlmLab.Benchmarks;

/// <summary>Measurements of one task, the first being ours, printed with the ratio of ours to each.</summary>
sealed class BenchmarkTable(string title, string unit)
{
    readonly List<(string Name, double Value)> rows = [];
    readonly List<string> notes = [];

    public void Add(string name, double value) => rows.Add((name, value));

    public void Note(string note) => notes.Add(note);

    public void Print(bool lowerIsBetter)
    {
        Console.WriteLine($"\n{title}");
        double ours = rows[0].Value;
        Console.WriteLine($"  {"",-50} {unit,10} {"first row is",14}");
        foreach (var (name, value) in rows)
        {
            double ratio = lowerIsBetter ? value / ours : ours / value;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-50} {value,10:0.00} {ratio,9:0.00} × as fast"));
        }
        foreach (string note in notes) Console.WriteLine($"  · {note}");
    }
}
