using System.CommandLine;
using LlmLab.Cli.Commands;

namespace LlmLab.Cli;

/// <summary>All verbs of <c>llmlab</c>, in the order in which help shows them. Each is made by one file in <c>Commands/</c>.</summary>
static class Catalog
{
    public static IEnumerable<Command> Commands() =>
    [
        GuideCommand.Create(),
        VerifyCommand.Create(),
        ResultsCommand.Create(),
        DataCommand.Create(),
        TokenizerCommand.Create(),
        TrainCommand.Create(),
        SampleCommand.Create(),
        ReaderCommand.Create(),
        EvalCommand.Create(),
        CompareCommand.Create(),
        IndexCommand.Create(),
        SearchCommand.Create(),
        SearchCommand.CreateAsk(),
        RunsCommand.Create(),
        TuneCommand.Create(),
        SweepCommand.Create(),
        EmbeddingsCommand.Create(),
        EmbeddingsCommand.CreateArchitectures(),
        ReproduceCommand.Create(),
        RunCommand.Create(),
        RunCommand.CreateWorker(),
        ConvertCommand.Create(),
        KernelCommand.Create(),
        DoctorCommand.Create(),
    ];
}
