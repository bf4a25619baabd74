using LlmLab.Notebooks.Jupyter;

namespace LlmLab.Notebooks.Tests.Jupyter;

public sealed class ConnectionFileTests : IDisposable
{
    const string Good = """{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"iopub_port":3,"stdin_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256","kernel_name":"llmlab"}""";

    readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Load_GoodFile_HasPortsAndKey()
    {
        File.WriteAllText(path, Good);
        Assert.Equal(new ConnectionFile("127.0.0.1", 1, 2, 3, 4, 5, "k", "hmac-sha256"), ConnectionFile.Load(path));
    }

    [Theory]
    [InlineData("{\n\"ip\": ", "not JSON (line 2)")]
    [InlineData("[]", "JSON array")]
    [InlineData("{}", "has no shell_port")]
    [InlineData("""{"shell_port":"x"}""", "shell_port = \"x\"")]
    [InlineData("""{"shell_port":70000}""", "from 1 to 65535")]
    [InlineData("""{"transport":"ipc"}""", "transport \"ipc\"")]
    [InlineData("""{"signature_scheme":"rot13"}""", "signature_scheme \"rot13\"")]
    [InlineData("""{"ip":5}""", "ip = 5")]
    public void Load_BadFile_SaysWhatIsWrongInOneLine(string content, string expected)
    {
        File.WriteAllText(path, content);
        var error = Assert.Throws<InvalidInputException>(() => ConnectionFile.Load(path));
        Assert.Contains(expected, error.Message);
        Assert.Contains(path, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Load_MissingFile_SaysSo() =>
        Assert.Contains("can't be read", Assert.Throws<InvalidInputException>(() => ConnectionFile.Load(path + ".missing")).Message);

    [Theory]
    [InlineData("*", "tcp://*:1")]
    [InlineData("0.0.0.0", "tcp://*:1")]
    [InlineData("::1", "tcp://[::1]:1")]
    public void Endpoint_OfAddress_IsZeroMQs(string ip, string expected) =>
        Assert.Equal(expected, new ConnectionFile(ip, 1, 2, 3, 4, 5, "", "hmac-sha256").Endpoint(1));
}
