using LlmLab.Runs;
using LlmLab.Tests.Training;

namespace LlmLab.Tests;

/// <summary>Tests that train: a workspace of their own, gone with them, and one libtorch thread.</summary>
public abstract class WorkspaceTest : IDisposable
{
    private protected readonly Workspace workspace = Workspace.Open(Directory.CreateTempSubdirectory("llmlab-test-").FullName);

    protected WorkspaceTest() => TorchThreads.One();

    public void Dispose()
    {
        Directory.Delete(workspace.Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
