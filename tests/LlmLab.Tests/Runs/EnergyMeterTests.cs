using LlmLab.Runs;

namespace LlmLab.Tests.Runs;

public sealed class EnergyMeterTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-energy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    void Counter(string name, string microjoules)
    {
        Directory.CreateDirectory(Path.Combine(folder, name));
        File.WriteAllText(Path.Combine(folder, name, "energy_uj"), microjoules);
        File.WriteAllText(Path.Combine(folder, name, "max_energy_range_uj"), "262143328850");
    }

    [Fact]
    public void Joules_TwoPackages_AreSummedAndPartsOfThemAreNot()
    {
        Counter("intel-rapl:0", "1000000");
        Counter("intel-rapl:0:0", "500000");
        Counter("intel-rapl:1", "2000000");
        var meter = new EnergyMeter(8, 4, folder);
        Counter("intel-rapl:0", "4000000");
        Counter("intel-rapl:0:0", "900000");
        Counter("intel-rapl:1", "2500000");
        Assert.Equal(3.5, meter.Joules(), 1e-9);
        Assert.Equal(0, meter.Joules());
        Assert.Contains("RAPL", meter.Source);
    }

    [Fact]
    public void Joules_CounterThatBeganAgain_CountsOn()
    {
        Counter("intel-rapl:0", "262143000000");
        var meter = new EnergyMeter(8, 4, folder);
        Counter("intel-rapl:0", "671150");
        Assert.Equal(1.0, meter.Joules(), 1e-9);
    }

    [Fact]
    public void Joules_NoCounters_NamesTheAssumption()
    {
        var meter = new EnergyMeter(7.5, 4, Path.Combine(folder, "none"));
        Assert.Equal("assumed: 7.5 W a core × 4 cores", meter.Source);
        Assert.True(meter.Joules() >= 0);
    }
}
