namespace LlmLab.Data.Company;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a stream of random numbers that is the same on every machine and .NET version, and that
/// can be opened at any number, so that a part of the company can be generated without the parts before it.
/// </summary>
struct Draw(ulong state)
{
    ulong state = state;

    /// <summary>A stream of its own for each seed, purpose and index.</summary>
    public static Draw For(ulong seed, ulong purpose, ulong index) => new(Mix(seed ^ Mix(purpose ^ Mix(index + 0x632BE59BD9B4E019))));

    public ulong Next() => Mix(state += 0x9E3779B97F4A7C15);

    /// <summary>From 0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    /// <summary>A digit string of a length; the first digit is not 0.</summary>
    public string Digits(int length)
    {
        Span<char> digits = stackalloc char[length];
        for (var i = 0; i < length; i++)
            digits[i] = (char)('0' + (i == 0 ? Between(1, 9) : Below(10)));
        return new string(digits);
    }

    /// <summary>Orders a list at random (Fisher and Yates).</summary>
    public void Shuffle<T>(IList<T> list)
    {
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    static long CommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    /// <summary>
    /// The <paramref name="index"/>-th element of a fixed random order of 0 … <paramref name="size"/> − 1: distinct indices below
    /// <paramref name="size"/> give distinct elements, so names are unique without a list of those already used.
    /// </summary>
    public static long Permuted(long index, long size, ulong seed)
    {
        var step = (long)(size * 0.6180339887) | 1;
        while (CommonDivisor(step, size) != 1)
            step += 2;
        var offset = (long)(Mix(seed) % (ulong)size);
        return (long)(((Int128)(index % size) * step + offset) % size);
    }
}
