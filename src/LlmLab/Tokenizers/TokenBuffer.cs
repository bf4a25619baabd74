using System.Runtime.CompilerServices;

namespace LlmLab.Tokenizers;

/// <summary>A growing array of token ids.</summary>
public sealed class TokenBuffer
{
    int[] items;

    /// <summary>An empty buffer.</summary>
    public TokenBuffer(int capacity = 16) => items = new int[Math.Max(capacity, 4)];

    /// <summary>How many ids it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The ids.</summary>
    public ReadOnlySpan<int> Span => items.AsSpan(0, Count);

    /// <summary>Appends one id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id)
    {
        int count = Count;
        if ((uint)count >= (uint)items.Length) Grow(1);
        items[count] = id;
        Count = count + 1;
    }

    /// <summary>Appends several ids.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        if (Count + ids.Length > items.Length) Grow(ids.Length);
        ids.CopyTo(items.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Forgets all ids and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>The ids as an array of their own.</summary>
    public int[] ToArray() => Span.ToArray();

    void Grow(int needed) => Array.Resize(ref items, (int)Math.Min(Array.MaxLength, Math.Max(items.LongLength * 2, items.LongLength + needed)));
}
