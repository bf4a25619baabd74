using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>A record with one property of each kind that stores hold.</summary>
public sealed class Note
{
    [VectorStoreKey] public string Id { get; set; } = "";
    [VectorStoreData(IsIndexed = true)] public string? Project { get; set; }
    [VectorStoreData(IsIndexed = true)] public int Pages { get; set; }
    [VectorStoreData(IsIndexed = true)] public int? Revision { get; set; }
    [VectorStoreData(IsIndexed = true)] public double Cost { get; set; }
    [VectorStoreData(IsIndexed = true)] public bool Draft { get; set; }
    [VectorStoreData(IsIndexed = true)] public DateTimeOffset Written { get; set; }
    [VectorStoreData(IsIndexed = true)] public List<string> Roles { get; set; } = [];
    [VectorStoreData(IsFullTextIndexed = true)] public string Text { get; set; } = "";
    [VectorStoreVector(3)] public ReadOnlyMemory<float> Vector { get; set; }

    /// <summary>Five notes; "it's" and the quotes try to leave a store's own language.</summary>
    public static Note[] Five() =>
    [
        new() { Id = "a", Project = "Atlas", Pages = 1, Revision = 3, Cost = 1.5, Draft = true, Written = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero), Roles = ["finance", "board"], Text = "The budget of the bridge.", Vector = new float[] { 1, 0, 0 } },
        new() { Id = "b", Project = "Atlas", Pages = 2, Revision = null, Cost = 2.5, Written = new(2026, 2, 5, 9, 0, 0, TimeSpan.Zero), Roles = ["board"], Text = "The bridge opens in May.", Vector = new float[] { 0.8f, 0.6f, 0 } },
        new() { Id = "c", Project = "it's \"Borea\"", Pages = 3, Revision = 1, Cost = -1, Written = new(2026, 3, 5, 10, 0, 0, TimeSpan.FromHours(1)), Roles = [], Text = "Pumps, valves and a tunnel.", Vector = new float[] { 0, 1, 0 } },
        new() { Id = "d", Project = null, Pages = 4, Revision = 1, Cost = 0, Written = new(2026, 4, 5, 9, 0, 0, TimeSpan.Zero), Roles = ["finance"], Text = "Nothing was decided.", Vector = new float[] { 0, 0, 2 } },
        new() { Id = "e", Project = "Ceres", Pages = 5, Revision = 2, Cost = 1e6, Written = new(2026, 5, 5, 9, 0, 0, TimeSpan.Zero), Roles = ["staff"], Text = "Ünïcode, \\ and a newline\nfollow.", Vector = new float[] { -1, 0, 0 } },
    ];
}
