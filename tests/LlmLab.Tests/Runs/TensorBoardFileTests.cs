using System.Buffers.Binary;
using LlmLab.Runs;

namespace LlmLab.Tests.Runs;

public sealed class TensorBoardFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-events-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static DateTimeOffset Clock() => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    // Reads records as the format says, with a CRC of its own, and the fields of an Event that scalars use.
    static List<(long Step, string? Version, bool Start, List<(string Tag, float Value)> Scalars)> Read(string file)
    {
        var events = new List<(long, string?, bool, List<(string, float)>)>();
        byte[] all = File.ReadAllBytes(file);
        for (int at = 0; at < all.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(all.AsSpan(at));
            Assert.Equal(Masked(all.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(at + 8)));
            var data = all.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(at + 12 + length)));
            at += 16 + length;
            (long step, string? version, bool start, List<(string, float)> scalars) = (0, null, false, []);
            foreach (var (number, value) in Fields(data.ToArray()))
            {
                if (number == 2) step = (long)value.Number;
                else if (number == 3) version = System.Text.Encoding.UTF8.GetString(value.Bytes);
                else if (number == 7) start = Fields(value.Bytes).Any(f => f.Number == 1 && f.Value.Number == 1);
                else if (number == 5)
                    foreach (var (_, one) in Fields(value.Bytes))
                    {
                        var parts = Fields(one.Bytes).ToDictionary(f => f.Number, f => f.Value);
                        scalars.Add((System.Text.Encoding.UTF8.GetString(parts[1].Bytes), BinaryPrimitives.ReadSingleLittleEndian(parts[2].Bytes)));
                    }
            }
            events.Add((step, version, start, scalars));
        }
        return events;
    }

    static List<(int Number, (ulong Number, byte[] Bytes) Value)> Fields(byte[] message)
    {
        var fields = new List<(int, (ulong, byte[]))>();
        int at = 0;
        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = message[at++];
                value |= (ulong)(b & 0x7F) << shift;
                if (b < 0x80) return value;
            }
        }
        while (at < message.Length)
        {
            ulong tag = Varint();
            ulong number = (tag & 7) == 0 ? Varint() : 0;
            int length = (tag & 7) switch { 0 => 0, 1 => 8, 2 => (int)Varint(), _ => 4 };
            fields.Add(((int)(tag >> 3), (number, message[at..(at + length)])));
            at += length;
        }
        return fields;
    }

    // Bit by bit, from the polynomial's definition (RFC 3720, appendix B.4).
    static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        crc = ~crc;
        return (crc >> 15 | crc << 17) + 0xa282ead8;
    }

    [Fact]
    public void MaskedCrc_RfcVector_IsRotatedAndShifted()
    {
        // RFC 3720: the CRC-32C of 32 zero bytes is 8a9136aa.
        uint crc = 0x8a9136aa;
        Assert.Equal((crc >> 15 | crc << 17) + 0xa282ead8, TensorBoardFile.MaskedCrc(new byte[32]));
    }

    [Fact]
    public void New_FirstRecord_BeginsAsTensorFlowsDo()
    {
        var file = new TensorBoardFile(folder, clock: Clock);
        // Every event file of TensorFlow begins with a record of 24 bytes, the version: 18 00 … and the masked CRC a3 7f 4b 22.
        Assert.Equal("1800000000000000A37F4B22", Convert.ToHexString(File.ReadAllBytes(file.FullName)[..12]));
        Assert.Contains("tfevents", file.FullName);
        Assert.Equal("brain.Event:2", Read(file.FullName).Single().Version);
    }

    [Fact]
    public void Append_Scalars_AreReadBackWithSoundSums()
    {
        var file = new TensorBoardFile(folder, clock: Clock);
        file.Append(10, ("loss/training", 2.5), ("loss/validation", null), ("speed", 1e6));
        file.Append(300, ("loss/validation", 1.25));
        file.Append(301, ("loss/validation", null));
        var events = Read(file.FullName);
        Assert.Equal(3, events.Count);
        Assert.Equal((10, "loss/training", 2.5f), (events[1].Step, events[1].Scalars[0].Tag, events[1].Scalars[0].Value));
        Assert.Equal(("speed", 1e6f), events[1].Scalars[1]);
        Assert.Equal((300, ("loss/validation", 1.25f)), (events[2].Step, events[2].Scalars.Single()));
    }

    [Fact]
    public void New_Resumed_TellsTensorBoardToForgetLaterSteps()
    {
        var first = new TensorBoardFile(folder, clock: Clock);
        var second = new TensorBoardFile(folder, resumedAfter: 40, clock: Clock);
        Assert.True(string.CompareOrdinal(first.FullName, second.FullName) < 0);
        var start = Read(second.FullName)[1];
        Assert.True(start.Start);
        Assert.Equal(41, start.Step);
    }
}
