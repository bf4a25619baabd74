using LlmLab.Runs;

namespace LlmLab.Tests.Runs;

public sealed class WorkspaceTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-workspace-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void State_BeforeAnyWrite_IsEmpty() => Assert.Equal(new WorkspaceState(), Workspace.Open(folder).State);

    [Fact]
    public void Update_TwoFields_AreBothReadBackByAnotherInstance()
    {
        var workspace = Workspace.Open(folder);
        workspace.Update(s => s with { Tokenizer = "tokenizer-001/tokenizer.json" });
        workspace.Update(s => s with { Model = workspace.Relative(Path.Combine(folder, "train-001")) });
        var read = Workspace.Open(folder);
        Assert.Equal(new WorkspaceState { Tokenizer = "tokenizer-001/tokenizer.json", Model = "train-001" }, read.State);
        Assert.Equal(Path.Combine(folder, "train-001"), read.Absolute(read.State.Model));
    }

    [Fact]
    public void Update_FromManyThreads_LosesNoChange()
    {
        var workspace = Workspace.Open(folder);
        Parallel.For(0, 16, _ => workspace.Update(s => s with { Data = (int.Parse(s.Data ?? "0") + 1).ToString() }));
        Assert.Equal("16", workspace.State.Data);
    }

    [Fact]
    public void Relative_PathElsewhere_StaysAbsolute()
    {
        string elsewhere = Path.Combine(Path.GetTempPath(), "elsewhere");
        Assert.Equal(elsewhere, Workspace.Open(folder).Relative(elsewhere));
    }

    [Fact]
    public void NewFolder_CalledTwice_CountsOn()
    {
        var workspace = Workspace.Open(folder);
        Assert.EndsWith("train-001", workspace.NewFolder("train"));
        Assert.EndsWith("train-002", workspace.NewFolder("train"));
    }

    [Fact]
    public void NewFolder_NameWithASeparator_IsRefused() =>
        Assert.Throws<InvalidInputException>(() => Workspace.Open(folder).NewFolder("../x"));

    [Fact]
    public void State_BrokenFile_IsNamedInTheError()
    {
        var workspace = Workspace.Open(folder);
        File.WriteAllText(workspace.StateFile, "{ \"model\": ");
        Assert.Contains(workspace.StateFile, Assert.Throws<InvalidInputException>(() => workspace.State).Message);
    }

    [Fact]
    public void FindRepository_FromTheTests_HoldsTheSolution() =>
        Assert.True(File.Exists(Path.Combine(Workspace.FindRepository()!, "LlmLab.sln")));
}
