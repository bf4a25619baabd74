using System.CommandLine;
using LlmLab.Notebooks;
using LlmLab.Notebooks.Jupyter;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab kernel …</c>: the C# kernel for VS Code's Jupyter extension, JupyterLab and every other Jupyter front end.</summary>
static class KernelCommand
{
    public static Command Create() =>
        new("kernel", "Install, remove, list or run the Jupyter kernel.") { Install(), Uninstall(), List(), Run() };

    static Option<bool> User() => new("--user") { Description = "This user's own Jupyter folder (the default)." };

    static Option<string?> Prefix() => new("--prefix") { Description = "A folder whose share/jupyter is meant, such as a virtual environment.", HelpName = "DIR" };

    static Option<string> Name() => new("--name")
    {
        Description = "Name of the kernelspec; .net-csharp stands in for .NET Interactive, so that its notebooks open unchanged.",
        HelpName = "NAME",
        DefaultValueFactory = _ => KernelSpecs.DefaultName,
    };

    static Command Install()
    {
        var (user, prefix, name) = (User(), Prefix(), Name());
        var command = new Command("install", "Register this build as a Jupyter kernel.") { user, prefix, name };
        Refuse(command, user, prefix);
        Invocation.SetAction(command, invocation =>
        {
            string entry = typeof(KernelCommand).Assembly.Location;
            var spec = KernelSpecs.Install(KernelSpecs.ArgumentsFor(entry), invocation.Parse.GetValue(prefix), invocation.Parse.GetValue(name)!);
            invocation.WriteLine($"Installed the kernel \"{spec.Name}\" ({KernelSpecs.DisplayName}) in {spec.Folder}");
            invocation.Result(spec);
            return Invocation.Done;
        });
        return command;
    }

    static Command Uninstall()
    {
        var (user, prefix, name) = (User(), Prefix(), Name());
        var command = new Command("uninstall", "Remove an installed kernel.") { user, prefix, name };
        Refuse(command, user, prefix);
        Invocation.SetAction(command, invocation =>
        {
            string folder = KernelSpecs.Uninstall(invocation.Parse.GetValue(prefix), invocation.Parse.GetValue(name)!);
            invocation.WriteLine($"Removed {folder}");
            invocation.Result(new { folder });
            return Invocation.Done;
        });
        return command;
    }

    static Command List()
    {
        var prefix = Prefix();
        var command = new Command("list", "The installed kernels of LlmLab, and which build each starts.") { prefix };
        Invocation.SetAction(command, invocation =>
        {
            var specs = KernelSpecs.List(invocation.Parse.GetValue(prefix));
            foreach (var spec in specs) invocation.WriteLine($"{spec.Name,-14} {spec.Folder}\n{"",-14} starts {string.Join(' ', spec.Arguments)}");
            if (specs.Count == 0) invocation.WriteLine("No kernel is installed: `llmlab kernel install` does so.");
            invocation.Result(specs);
            return Invocation.Done;
        });
        return command;
    }

    static Command Run()
    {
        var file = new Option<string>("--connection-file", "-f") { Description = "The file that a Jupyter front end wrote.", Required = true, HelpName = "FILE" };
        var command = new Command("run", "Run the kernel; Jupyter front ends do so.") { file };
        // Not Invocation.SetAction: Ctrl+C interrupts the cell here, it doesn't end the program.
        command.SetAction(parse =>
        {
            KernelProcess.Run(parse.GetValue(file)!, () => NotebookSession.Create());
            // Threads that a cell left behind must not keep the kernel alive.
            Environment.Exit(Invocation.Done);
            return Invocation.Done;
        });
        return command;
    }

    static void Refuse(Command command, Option<bool> user, Option<string?> prefix) => command.Validators.Add(result =>
    {
        if (result.GetValue(user) && result.GetValue(prefix) is not null) result.AddError("--user and --prefix exclude each other");
    });
}
