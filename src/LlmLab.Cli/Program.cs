using System.CommandLine;
using System.CommandLine.Help;
using LlmLab.Cli;

// Not a RootCommand: that names itself after the assembly, and the executable is called llmlab.
var root = new Command("llmlab", "LlmLab: train, evaluate and use your own language model, step by step.") { new HelpOption(), new VersionOption() };
foreach (var command in Catalog.Commands()) root.Subcommands.Add(command);
root.Options.Add(Invocation.JsonOption);
return await Invocation.RunAsync(root, args);
