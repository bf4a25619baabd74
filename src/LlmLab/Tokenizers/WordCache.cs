using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Tokenizers;

/// <summary>
/// What one thread keeps while it encodes: a bounded cache from short words (up to 15 UTF-8 bytes) to their tokens, and scratch
/// space. Text repeats its words, so most pieces cost one comparison. A colliding word replaces the older one; the cache changes
/// speed only, never results.
/// </summary>
sealed class WordCache
{
    /// <summary>Longest word, in UTF-8 bytes, that is cached.</summary>
    public const int MaximumLength = 15;

    /// <summary>Most tokens of a cached word.</summary>
    public const int MaximumTokens = 3;

    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public ulong Low, High;
        public int Count, First, Second, Third;
    }

    const int Bits = 15;
    readonly Entry[] entries = new Entry[1 << Bits];

    /// <summary>UTF-8 of the current piece; 16 bytes more than it needs.</summary>
    public byte[] Utf8 = new byte[256];

    /// <summary>Ids while they merge.</summary>
    public int[] Ids = new int[256];

    /// <summary>Rank of the merge of each id with the next.</summary>
    public int[] Ranks = new int[256];

    /// <summary>The place of a word: the word's own entry if its key equals, another's or an empty one if not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Entry At(ulong low, ulong high)
    {
        ulong mixed = low * 0x9E3779B97F4A7C15 ^ BitRotate(high * 0xC2B2AE3D27D4EB4F);
        mixed *= 0x9E3779B97F4A7C15;
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(entries), (nint)(mixed >> 64 - Bits));
    }

    static ulong BitRotate(ulong value) => value << 31 | value >> 33;

    /// <summary>
    /// Packs an ASCII piece of at most 15 characters into a key: its bytes, then zeros, its length in the last byte. False where a
    /// character is not ASCII. At least 16 characters must be readable at <paramref name="start"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPackAscii(ref char start, int length, out ulong low, out ulong high)
    {
        ref ushort units = ref Unsafe.As<char, ushort>(ref start);
        var first = Vector128.LoadUnsafe(ref units);
        var second = Vector128.LoadUnsafe(ref units, 8);
        var limit = Vector128.Create((ushort)length);
        first &= Vector128.LessThan(Vector128.Create((ushort)0, 1, 2, 3, 4, 5, 6, 7), limit);
        second &= Vector128.LessThan(Vector128.Create((ushort)8, 9, 10, 11, 12, 13, 14, 15), limit);
        var bytes = Vector128.Narrow(first, second).AsUInt64();
        low = bytes.GetElement(0);
        high = bytes.GetElement(1) | (ulong)length << 56;
        return ((first | second) & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero;
    }

    /// <summary>Packs at most 15 UTF-8 bytes into a key. At least 16 bytes must be readable; those after the length are ignored.</summary>
    public static void Pack(ReadOnlySpan<byte> padded, int length, out ulong low, out ulong high)
    {
        low = MemoryMarshal.Read<ulong>(padded);
        high = MemoryMarshal.Read<ulong>(padded[8..]);
        if (length < 8)
        {
            low &= (1UL << length * 8) - 1;
            high = 0;
        }
        else high &= (1UL << (length - 8) * 8) - 1;
        high |= (ulong)length << 56;
    }

    /// <summary>Makes room for a piece of so many bytes.</summary>
    public void Reserve(int length)
    {
        if (Utf8.Length >= length + 16) return;
        Utf8 = new byte[length * 2 + 16];
        Ids = new int[length * 2];
        Ranks = new int[length * 2];
    }
}
