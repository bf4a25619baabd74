using System.Runtime.Intrinsics;

namespace LlmLab.Data.Pipeline.Similarity;

/// <summary>
/// MinHash signatures: for each of k permutations of the hash space, the smallest image of the set. Two sets agree in a place with
/// a probability that is their Jaccard similarity. (Broder 1997; the permutations are x → a·x + b modulo 2³² with odd a, from
/// SplitMix64, Steele et al. 2014.)
/// </summary>
public sealed class MinHash
{
    readonly uint[] multipliers, addends;

    /// <summary>A family of permutations.</summary>
    /// <param name="permutations">Length of signatures, a multiple of 16.</param>
    /// <param name="seed">Signatures of one seed can be compared.</param>
    public MinHash(int permutations = 128, ulong seed = 1)
    {
        if (permutations < 16 || permutations % 16 != 0) throw new InvalidInputException($"MinHash with {permutations} permutations was asked for; give a multiple of 16.");
        multipliers = new uint[permutations];
        addends = new uint[permutations];
        for (int i = 0; i < permutations; i++)
        {
            multipliers[i] = (uint)(Next(ref seed) >> 32) | 1;
            addends[i] = (uint)(Next(ref seed) >> 32);
        }
    }

    /// <summary>Length of a signature.</summary>
    public int Permutations => multipliers.Length;

    static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The signature of a set of hashes; of an empty set, all ones. 32 permutations at a time stay in registers.</summary>
    public uint[] Signature(ReadOnlySpan<uint> set)
    {
        uint[] signature = new uint[Permutations];
        int at = 0;
        for (; at + 32 <= Permutations; at += 32)
        {
            var (a0, a1) = (Vector512.Create(multipliers.AsSpan(at, 16)), Vector512.Create(multipliers.AsSpan(at + 16, 16)));
            var (b0, b1) = (Vector512.Create(addends.AsSpan(at, 16)), Vector512.Create(addends.AsSpan(at + 16, 16)));
            var (m0, m1) = (Vector512<uint>.AllBitsSet, Vector512<uint>.AllBitsSet);
            foreach (uint x in set)
            {
                var v = Vector512.Create(x);
                m0 = Vector512.Min(m0, v * a0 + b0);
                m1 = Vector512.Min(m1, v * a1 + b1);
            }
            m0.CopyTo(signature, at);
            m1.CopyTo(signature, at + 16);
        }
        for (; at < Permutations; at++) signature[at] = Smallest(set, multipliers[at], addends[at]);
        return signature;
    }

    /// <summary>The same signature by its definition, one permutation after another; <see cref="Signature"/> is tested against it.</summary>
    public uint[] PlainSignature(ReadOnlySpan<uint> set)
    {
        uint[] signature = new uint[Permutations];
        for (int i = 0; i < signature.Length; i++) signature[i] = Smallest(set, multipliers[i], addends[i]);
        return signature;
    }

    static uint Smallest(ReadOnlySpan<uint> set, uint multiplier, uint addend)
    {
        uint smallest = uint.MaxValue;
        foreach (uint x in set) smallest = Math.Min(smallest, unchecked(x * multiplier + addend));
        return smallest;
    }

    /// <summary>The share of places in which two signatures agree: an unbiased estimate of the Jaccard similarity J, with standard error √(J(1−J)/k).</summary>
    public static double Estimate(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int equal = 0;
        for (int i = 0; i < a.Length; i++)
            if (a[i] == b[i]) equal++;
        return (double)equal / a.Length;
    }
}
