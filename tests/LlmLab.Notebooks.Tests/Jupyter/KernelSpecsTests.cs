using System.Text.Json.Nodes;
using LlmLab.Notebooks.Jupyter;

namespace LlmLab.Notebooks.Tests.Jupyter;

public sealed class KernelSpecsTests : IDisposable
{
    readonly string prefix = Directory.CreateTempSubdirectory("llmlab-kernelspecs-").FullName;

    public void Dispose() => Directory.Delete(prefix, recursive: true);

    [Fact]
    public void Install_IntoPrefix_WritesWhatJupyterReads()
    {
        var spec = KernelSpecs.Install(KernelSpecs.ArgumentsFor("/opt/LlmLab.Cli.dll"), prefix, ".net-csharp");
        Assert.Equal(Path.Combine(prefix, "share", "jupyter", "kernels", ".net-csharp"), spec.Folder);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(spec.Folder, "kernel.json")))!;
        Assert.Equal(("LlmLab (C#)", "C#", "message"), ((string?)json["display_name"], (string?)json["language"], (string?)json["interrupt_mode"]));
        Assert.True(File.Exists((string?)json["argv"]![0]));
        Assert.Equal("{connection_file}", (string?)json["argv"]!.AsArray().Last());
        byte[] logo = File.ReadAllBytes(Path.Combine(spec.Folder, "logo-64x64.png"));
        Assert.Equal("PNG"u8.ToArray(), logo[1..4]);
        Assert.Equal([0, 0, 0, 64], logo[16..20]);
    }

    [Fact]
    public void Install_Twice_LeavesOne_AndUninstallRemovesIt()
    {
        for (int i = 0; i < 2; i++) KernelSpecs.Install(["dotnet"], prefix);
        Assert.Equal("llmlab", Assert.Single(KernelSpecs.List(prefix)).Name);
        KernelSpecs.Uninstall(prefix);
        Assert.Empty(KernelSpecs.List(prefix));
        Assert.Contains("No kernel", Assert.Throws<InvalidInputException>(() => KernelSpecs.Uninstall(prefix)).Message);
    }

    [Fact]
    public void Uninstall_OtherProgramsKernel_IsRefused()
    {
        string folder = Path.Combine(prefix, "share", "jupyter", "kernels", "python3");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "kernel.json"), """{"argv":["python3"],"display_name":"Python 3","language":"python"}""");
        Assert.Throws<InvalidInputException>(() => KernelSpecs.Uninstall(prefix, "python3"));
        Assert.True(File.Exists(Path.Combine(folder, "kernel.json")));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b")]
    public void Install_NameThatJupyterRefuses_IsRefused(string name) =>
        Assert.Throws<InvalidInputException>(() => KernelSpecs.Install(["dotnet"], prefix, name));
}
