using System.CommandLine;
using System.Globalization;
using LlmLab.Training;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab tune</c>: what trains fastest on this machine.</summary>
static class TuneCommand
{
    public static Command Create()
    {
        var command = new Command("tune", "Measure which precision, kernels and how many threads train fastest on this machine, and keep it.");
        Invocation.SetAction(command, invocation =>
        {
            var settings = MachineSettings.Measure();
            invocation.WriteLine(settings.Machine);
            foreach (var m in settings.Measured)
            {
                string best = settings.Measured.Where(other => other.Width == m.Width).MinBy(other => other.StepMilliseconds) == m ? "*" : " ";
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best} width {m.Width,4}  {m.Precision,-9} {m.Kernels,-9} {m.Threads,3} threads  {m.StepMilliseconds,8:0.00} ms a step"));
            }
            invocation.WriteLine($"kept in {MachineSettings.File}");
            invocation.Result(new { settings.Machine, file = MachineSettings.File, settings.Measured });
            return Invocation.Done;
        });
        return command;
    }
}
