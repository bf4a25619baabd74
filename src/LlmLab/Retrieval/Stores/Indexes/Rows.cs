namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// Rows of equal size in memory that never moves: blocks are added, none is copied, so one writer may append while others read.
/// Every row begins on a cache line.
/// </summary>
sealed unsafe class Rows
{
    const int Shift = 10, Mask = (1 << Shift) - 1;
    readonly int bytesPerRow;
    AlignedBlock[] blocks = [];
    nint[] pointers = [];

    /// <param name="bytes">Size of a row; rounded up to whole cache lines, the rest stays zero.</param>
    public Rows(int bytes) => bytesPerRow = (bytes + 63) / 64 * 64;

    /// <summary>Size of a row with its padding.</summary>
    public int BytesPerRow => bytesPerRow;

    /// <summary>The row's first byte. The caller keeps this object alive while it uses the pointer.</summary>
    public byte* this[int row] => (byte*)pointers[row >> Shift] + (nint)(row & Mask) * bytesPerRow;

    /// <summary>Makes room; only the one writer calls it.</summary>
    public void EnsureCapacity(int rows)
    {
        int wanted = (rows + Mask) >> Shift;
        if (wanted <= blocks.Length) return;
        var more = new AlignedBlock[wanted];
        var places = new nint[wanted];
        for (int i = 0; i < wanted; i++)
        {
            more[i] = i < blocks.Length ? blocks[i] : new AlignedBlock((nuint)bytesPerRow << Shift);
            places[i] = (nint)more[i].Pointer;
        }
        blocks = more;
        Volatile.Write(ref pointers, places); // blocks are kept by the first field, so old and new pointers are both good
    }
}
