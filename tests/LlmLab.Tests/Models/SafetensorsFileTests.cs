using System.Text;
using LlmLab.Models;
using LlmLab.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Models;

public sealed class SafetensorsFileTests : IDisposable
{
    public SafetensorsFileTests() => TorchThreads.One();

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-safetensors-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string FilePath => Path.Combine(folder, "x.safetensors");

    [Fact]
    public void Write_OneTensor_HasTheFormatsBytes()
    {
        using var value = tensor(new float[] { 1, -2 });
        SafetensorsFile.Write(FilePath, [("a", value)]);
        // The layout that the format's description gives: length, JSON header (padded to 8 by spaces), numbers.
        string header = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        header = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0];
        Assert.Equal(expected, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Read_EveryTypeAndShape_ComesBackEqual()
    {
        using var scope = NewDisposeScope();
        Tensor[] values =
        [
            rand(3, 4), rand(2, 2).to(ScalarType.BFloat16), rand(5).to(ScalarType.Float16), rand(2).to(ScalarType.Float64), arange(4, dtype: ScalarType.Int64),
            arange(4, dtype: ScalarType.Int32), ones(3, dtype: ScalarType.Byte), tensor(7f), zeros(0, 3), ones(2, dtype: ScalarType.Bool), rand(4, 3).t(),
        ];
        SafetensorsFile.Write(FilePath, values.Select((v, i) => ($"t{i}", v)), new Dictionary<string, string> { ["format"] = "pt" });
        var read = SafetensorsFile.Read(FilePath);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(values[i].dtype, read[$"t{i}"].dtype);
            Assert.Equal(values[i].shape, read[$"t{i}"].shape);
            Assert.True(values[i].eq(read[$"t{i}"]).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 127, 0 })]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0, 65, 66, 67, 68 })]
    public void Read_BrokenFile_NamesIt(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        Assert.Contains(FilePath, Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(FilePath)).Message);
    }

    [Fact]
    public void Read_CutOffFile_IsRefused()
    {
        using var value = rand(100);
        SafetensorsFile.Write(FilePath, [("a", value)]);
        File.WriteAllBytes(FilePath, File.ReadAllBytes(FilePath)[..^10]);
        Assert.Contains("ends before a does", Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(FilePath)).Message);
    }
}
