using System.IO.Hashing;

namespace LlmLab.Tokenizers;

/// <summary>The bytes of every token in one block, and the way back from bytes to id: an open-addressing hash table.</summary>
sealed class TokenTable
{
    readonly byte[] bytes;
    readonly int[] offsets;
    readonly int[] slots;

    /// <param name="tokens">Bytes by id; null or empty for ids that are not ordinary tokens. Of two equal tokens the lower id counts.</param>
    public TokenTable(IReadOnlyList<byte[]?> tokens)
    {
        offsets = new int[tokens.Count + 1];
        for (int i = 0; i < tokens.Count; i++) offsets[i + 1] = offsets[i] + (tokens[i]?.Length ?? 0);
        bytes = new byte[offsets[^1]];
        int capacity = 16;
        while (capacity < tokens.Count * 2L) capacity *= 2;
        slots = new int[capacity];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] is not { Length: > 0 } token) continue;
            token.CopyTo(bytes, offsets[i]);
            int slot = Slot(token);
            while (slots[slot] != 0 && !this[slots[slot] - 1].SequenceEqual(token)) slot = (slot + 1) & (slots.Length - 1);
            if (slots[slot] == 0) slots[slot] = i + 1;
        }
    }

    public int Count => offsets.Length - 1;

    public ReadOnlySpan<byte> this[int id] => bytes.AsSpan(offsets[id]..offsets[id + 1]);

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty) return -1;
        for (int slot = Slot(token); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
            if (this[slots[slot] - 1].SequenceEqual(token)) return slots[slot] - 1;
        return -1;
    }

    int Slot(ReadOnlySpan<byte> token) => (int)XxHash3.HashToUInt64(token) & (slots.Length - 1);
}
