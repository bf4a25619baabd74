using System.Collections;
using System.Globalization;

namespace LlmLab.Notebooks.Display;

/// <summary>Reads as little of a sequence as its display needs.</summary>
static class Sequences
{
    /// <summary>Reads at most <paramref name="limit"/> + 1 items; the count is known only for collections and for what ended before.</summary>
    public static (List<object?> Items, long? Count) Take(IEnumerable sequence, int limit)
    {
        var items = new List<object?>();
        var enumerator = sequence.GetEnumerator();
        try
        {
            while (items.Count <= limit && enumerator.MoveNext()) items.Add(enumerator.Current);
        }
        finally
        {
            (enumerator as IDisposable)?.Dispose();
        }
        return (items, Count(sequence) ?? (items.Count <= limit ? items.Count : null));
    }

    /// <summary>"… 1,000 in all", or "… and more" where that is not known without reading on.</summary>
    public static string Rest(long? count, string unit = "") =>
        count is { } n ? $"… {n.ToString("N0", CultureInfo.InvariantCulture)}{(unit.Length > 0 ? " " + unit : "")} in all" : "… and more";

    static long? Count(IEnumerable sequence)
    {
        if (sequence is Array array) return array.LongLength;
        if (sequence is ICollection collection) return collection.Count;
        var interfaces = sequence.GetType().GetInterfaces().Where(i => i.IsGenericType).ToList();
        if (interfaces.FirstOrDefault(i => i.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>))?.GetProperty("Count")?.GetValue(sequence) is int count) return count;
        // LINQ knows the counts of many of its own sequences without running them.
        if (interfaces.FirstOrDefault(i => i.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is not { } typed) return null;
        object?[] arguments = [sequence, 0];
        return typeof(Enumerable).GetMethod(nameof(Enumerable.TryGetNonEnumeratedCount))!.MakeGenericMethod(typed.GetGenericArguments()).Invoke(null, arguments) is true ? (int)arguments[1]! : null;
    }
}
