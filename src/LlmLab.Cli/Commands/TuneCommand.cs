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
            var peak = MachinePeak.Measure();
            foreach (var (precision, speed) in peak.GigaFlops) invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fastest products  {precision,-9} {speed,8:N0} GFLOP/s"));
            invocation.WriteLine($"kept in {MachineSettings.File} and {MachinePeak.File}");
            invocation.Result(new { settings.Machine, file = MachineSettings.File, settings.Measured, peak = peak.GigaFlops });
            return Invocation.Done;
        });
        return command;
    }
}
