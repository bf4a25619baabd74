using LlmLab.Notebooks.CSharp;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpReferenceTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-references-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Compiles a library into the test's folder.</summary>
    string Library(string name, string code, params string[] references)
    {
        var compilation = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(code)],
            [.. FrameworkReferences.All, .. references.Select(file => MetadataReference.CreateFromFile(file))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, deterministic: true));
        var file = Path.Combine(folder, name + ".dll");
        File.Delete(file);
        Assert.True(compilation.Emit(file).Success);
        return file;
    }

    [Fact]
    public async Task Reference_ToALibrary_BringsWhatLiesBesideIt()
    {
        var inner = Library("Inner", "namespace Inner { public class Part { public int Size => 4; } }");
        var outer = Library("Outer", "namespace Outer { public class Whole { public Inner.Part Part = new Inner.Part(); } }", inner);
        await using var session = new Cells();
        Assert.Equal(8, await session.Values($"#r \"{outer}\"\nusing Outer; using Inner;\nvar w = new Whole();", "w.Part.Size + new Part().Size"));
    }

    [Fact]
    public async Task Reference_InAStringOrComment_IsLeftAlone()
    {
        await using var session = new Cells();
        Assert.Equal("#r \"none.dll\"", await session.Values("/*\n#r \"none.dll\"\n*/\nvar text = \"\"\"\n#r \"none.dll\"\n\"\"\";", "text"));
    }

    [Fact]
    public async Task Reference_ToAMissingFile_SaysWhatToDo()
    {
        await using var session = new Cells();
        var error = await session.Error("#r \"bin/None.dll\"");
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains("there is no file " + Path.GetFullPath("bin/None.dll"), error.Message);
        Assert.Contains("dotnet build -c Release", error.Message);
    }

    [Fact]
    public async Task Reference_ToATextFile_SaysThatItIsNoAssembly()
    {
        var file = Path.Combine(folder, "text.dll");
        await File.WriteAllTextAsync(file, "no assembly");
        await using var session = new Cells();
        Assert.Contains("is no .NET assembly", (await session.Error($"#r \"{file}\"")).Message);
    }

    [Fact]
    public async Task Reference_ToTheHostsOwnBuild_UsesTheLoadedOne()
    {
        var copy = Path.Combine(folder, "LlmLab.dll");
        File.Copy(typeof(InvalidInputException).Assembly.Location, copy);
        await using var session = new Cells();
        Assert.Same(typeof(InvalidInputException), await session.Values($"#r \"{copy}\"\ntypeof(LlmLab.InvalidInputException)"));
        Assert.Equal("Tokenizer", await session.Values("typeof(Microsoft.ML.Tokenizers.Tokenizer).Name"));
        Assert.Equal("Tensor", await session.Values("nameof(TorchSharp.torch.Tensor)"));
    }

    [Fact]
    public async Task Reference_ToAnotherBuildOfTheHostsLibrary_IsRefusedInOneSentence()
    {
        var other = Library("LlmLab", "namespace LlmLab { public class Newer { } }");
        await using var session = new Cells();
        var error = await session.Error($"#r \"{other}\"\nnew LlmLab.Newer()");
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains(other, error.Message);
        Assert.Contains(typeof(InvalidInputException).Assembly.Location, error.Message);
        Assert.Contains("run `dotnet build -c Release` and restart the kernel", error.Message);
    }

    [Fact]
    public async Task Reference_ToARebuiltLibrary_AsksForARestart()
    {
        var file = Library("Changing", "public class A { public int F() => 1; }");
        await using var session = new Cells();
        Assert.Equal(1, await session.Values($"#r \"{file}\"\nnew A().F()", $"#r \"{file}\"\nnew A().F()"));
        Library("Changing", "public class A { public int F() => 2; }");
        Assert.Contains("restart the kernel", (await session.Error($"#r \"{file}\"\nnew A().F()")).Message);
    }

    [Fact]
    public async Task Load_OfAScript_RunsItFirst()
    {
        var file = Path.Combine(folder, "tools.csx");
        await File.WriteAllTextAsync(file, "int Twice(int n) => 2 * n;\nvar loaded = 3;\nint Fail() => throw new InvalidOperationException(\"in script\");");
        await using var session = new Cells();
        Assert.Equal(6, await session.Values($"#load \"{file}\"\nTwice(loaded)"));
        Assert.Contains(await Traceback(session, "Fail()"), line => line.Contains("tools.csx, line 3", StringComparison.Ordinal));
        Assert.Contains("there is no file", (await session.Error("#load \"none.csx\"")).Message);

        static async Task<IReadOnlyList<string>> Traceback(Cells session, string code) => (await session.Error(code)).Traceback;
    }

    [Theory]
    [InlineData("#r \"nuget:\"")]
    [InlineData("#r \"nuget: Some Package\"")]
    [InlineData("#r \"nuget: Package, 1.0 beta\"")]
    [InlineData("#r nuget")]
    [InlineData("#load file.csx")]
    public async Task Directive_Malformed_SaysHowToWriteIt(string code)
    {
        await using var session = new Cells();
        var error = await session.Error(code);
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains("is not understood: write", error.Message);
    }

    [Fact]
    public async Task Package_WithDependencies_IsRestoredAndLoaded()
    {
        await using var session = new Cells();
        var restored = await session.Run("#r \"nuget: Newtonsoft.Json.Bson, 1.0.2\"");
        Assert.SkipWhen(restored.Error?.Message.Contains("NU1301", StringComparison.Ordinal) == true, "The package source cannot be reached.");
        Assert.Equal(21, await session.Values("using Newtonsoft.Json; using Newtonsoft.Json.Bson;\nvar stream = new MemoryStream(); JsonSerializer.CreateDefault().Serialize(new BsonDataWriter(stream), new { Name = \"value\" }); (int)stream.Length"));
        Assert.Contains("restart the kernel", (await session.Error("#r \"nuget: Newtonsoft.Json.Bson, 1.0.1\"")).Message);
        Assert.Equal("{\"A\":1}", await session.Values("#r \"nuget: newtonsoft.json.bson\"\nJsonConvert.SerializeObject(new { A = 1 })"));
    }

    [Fact]
    public async Task Package_Unknown_GivesTheRestoresReason()
    {
        await using var session = new Cells();
        var error = await session.Error("#r \"nuget: LlmLab.There.Is.No.Such.Package, 1.0.0\"");
        Assert.SkipWhen(error.Message.Contains("NU1301", StringComparison.Ordinal), "The package source cannot be reached.");
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains("NU1101", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
