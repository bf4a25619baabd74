namespace LlmLab.Models.Kernels;

/// <summary>
/// Writes the dozen x86-64 instructions that <see cref="ProductKernel"/> needs (Intel SDM vol. 2: REX prefix 2.2.1, EVEX prefix 2.7).
/// Registers are numbers: 0 to 15 general, 0 to 31 zmm.
/// </summary>
sealed class Assembler
{
    const int Map0F = 1, Map0F38 = 2, NoPrefix = 0, Prefix66 = 1, PrefixF3 = 2;
    readonly List<byte> code = [];

    public int Position => code.Count;

    public byte[] ToArray() => [.. code];

    /// <summary>mov register, [base + displacement], displacement 0 to 127.</summary>
    public void Load(int register, int @base, int displacement) => Emit(Rex(register, 0, @base), 0x8B, ModRM(1, register, @base), displacement);

    /// <summary>mov to, from.</summary>
    public void Move(int to, int from) => Emit(Rex(from, 0, to), 0x89, ModRM(3, from, to));

    /// <summary>add to, from.</summary>
    public void Add(int to, int from) => Emit(Rex(from, 0, to), 0x01, ModRM(3, from, to));

    /// <summary>lea register, [base + index·scale], scale 1 or 2.</summary>
    public void AddressOf(int register, int @base, int index, int scale) =>
        Emit(Rex(register, index, @base), 0x8D, ModRM(0, register, 4), Sib(scale, index, @base));

    /// <summary>dec qword [base + displacement].</summary>
    public void DecrementMemory(int @base, int displacement) => Emit(Rex(1, 0, @base), 0xFF, ModRM(1, 1, @base), displacement);

    /// <summary>jnz to a position before this one.</summary>
    public void JumpIfNotZero(int position)
    {
        Emit(0x0F, 0x85);
        code.AddRange(BitConverter.GetBytes(position - (code.Count + 4)));
    }

    /// <summary>vzeroupper; ret.</summary>
    public void Return() => Emit(0xC5, 0xF8, 0x77, 0xC3);

    /// <summary>vpxord zmm, zmm, zmm.</summary>
    public void Zero(int vector) => Registers(Map0F, Prefix66, 0xEF, vector, vector, vector);

    /// <summary>vdpbf16ps sum, left, right.</summary>
    public void MultiplyAddPairs(int sum, int left, int right) => Registers(Map0F38, PrefixF3, 0x52, sum, left, right);

    /// <summary>vmovups zmm, [base + 64·line].</summary>
    public void LoadVector(int vector, int @base, int line) => Memory(Map0F, NoPrefix, 0x10, vector, @base, line);

    /// <summary>vmovups [base + 64·line], zmm.</summary>
    public void StoreVector(int vector, int @base, int line) => Memory(Map0F, NoPrefix, 0x11, vector, @base, line);

    /// <summary>vpbroadcastd zmm, [base + index·scale], scale 0 (no index), 1 or 2.</summary>
    public void BroadcastPair(int vector, int @base, int index, int scale)
    {
        Evex(Map0F38, Prefix66, vector, 0, scale == 0 ? 0 : index, @base);
        if (scale == 0) Emit(0x58, ModRM(0, vector, @base));
        else Emit(0x58, ModRM(0, vector, 4), Sib(scale, index, @base));
    }

    void Registers(int map, int prefix, int opcode, int register, int second, int third)
    {
        Evex(map, prefix, register, second, third >> 1 & 8, third);
        Emit(opcode, ModRM(3, register, third));
    }

    // A displacement of one byte counts in units of the vector's 64 bytes.
    void Memory(int map, int prefix, int opcode, int register, int @base, int line)
    {
        Evex(map, prefix, register, 0, 0, @base);
        Emit(opcode, ModRM(1, register, @base), line);
    }

    // 512 bits wide, no mask. The extension bits are stored inverted; "index" gives bit X, which for registers is bit 4 of the third.
    void Evex(int map, int prefix, int register, int second, int index, int @base) => Emit(
        0x62,
        (~register & 8) << 4 | (~index & 8) << 3 | (~@base & 8) << 2 | (~register & 16) | map,
        (~second & 15) << 3 | 4 | prefix,
        0x40 | (~second & 16) >> 1);

    static int Rex(int register, int index, int @base) => 0x48 | (register & 8) >> 1 | (index & 8) >> 2 | (@base & 8) >> 3;

    static int ModRM(int mode, int register, int memory) => mode << 6 | (register & 7) << 3 | (memory & 7);

    static int Sib(int scale, int index, int @base) => (scale == 2 ? 1 : 0) << 6 | (index & 7) << 3 | (@base & 7);

    void Emit(params ReadOnlySpan<int> bytes)
    {
        foreach (int value in bytes) code.Add((byte)value);
    }
}
