using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

/// <summary>The update that is computed on the device against the one whose numbers the processor reads, both here on the processor.</summary>
public sealed class DeviceUpdateTests
{
    public DeviceUpdateTests() => TorchThreads.One();

    static readonly MeasuredSetting setting = new(32, Precision.Float32, 1, Kernels.LibTorch, 0);

    static TrainingOptions OptionsOf(OptimizerKind optimizer) => TrainerTests.Options with { Optimizer = optimizer, Kernels = Kernels.LibTorch, Threads = 1, WeightAverageDecay = 0.9, WeightDecay = 0.1, MuonMomentumWarmupSteps = 5 };

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Muon)]
    [InlineData(OptimizerKind.Lion)]
    public void Finish_SpikesAndNumbersThatAreNotFinite_LeavesWhatTheHostsUpdateLeaves(OptimizerKind optimizer)
    {
        var options = OptionsOf(optimizer);
        using TrainingSetup one = new(TrainerTests.Spec, options, setting), other = new(TrainerTests.Spec, options, setting);
        using WeightAverage oneAverage = new(one.Buffer, 0.9, one.Pool), otherAverage = new(other.Buffer, 0.9, other.Pool);
        using StepUpdate host = new HostUpdate(one, options, oneAverage), device = new DeviceUpdate(other, options, otherAverage);
        using var none = no_grad();
        for (int step = 0; step < 150; step++)
        {
            using var scope = NewDisposeScope();
            using var random = new Generator((ulong)step);
            var gradients = randn(one.Buffer.Length, generator: random) * (step == 110 ? 1_000 : 1);
            if (step == 120) gradients[5] = float.NaN;
            double loss = step switch { 100 => 900, 130 => double.NaN, 131 => double.PositiveInfinity, _ => 3 + Math.Sin(step) };
            foreach (var (setup, update) in new[] { (one, host), (other, device) })
            {
                setup.Buffer.Gradients.copy_(gradients);
                update.Add(loss);
                update.Finish(step, 0.5);
            }
        }
        Equal(one.Buffer.Values, other.Buffer.Values);
        Equal(oneAverage.Values, otherAverage.Values);
        foreach (var (expected, found) in one.Optimizer.State.Zip(other.Optimizer.State)) Equal(expected.Value, found.Value);
        var (hosts, devices) = (host.Read(), device.Read());
        Assert.Equal((145, 5), (hosts.Made, hosts.Skipped));
        Assert.Equal((145, 5), (devices.Made, devices.Skipped));
        Assert.Equal(hosts.LossSum, devices.LossSum, 1e-6);
        Assert.Equal(hosts.LastNorm, devices.LastNorm, 1e-3);
        Assert.Equal(host.Guard.Losses, device.Guard.Losses);
        Assert.Equal(0, device.Read().Made);
    }

    [Fact]
    public void Accumulate_Batches_TrainsAsTheHostDoes()
    {
        var options = OptionsOf(OptimizerKind.AdamW);
        using var data = TrainerTests.Counting();
        using TrainingSetup one = new(TrainerTests.Spec, options, setting), other = new(TrainerTests.Spec, options, setting);
        using StepUpdate host = new HostUpdate(one, options, null), device = new DeviceUpdate(other, options, null);
        using var batches = one.Batches(data);
        for (int step = 0; step < 20; step++)
        {
            for (int part = 0; part < 2; part++)
            {
                var batch = batches.Take();
                host.Accumulate(batch, 0.5, 2 * step + part);
                device.Accumulate(batch, 0.5, 2 * step + part);
                batches.Return(batch);
            }
            host.Finish(step, 1);
            device.Finish(step, 1);
        }
        Equal(one.Buffer.Values, other.Buffer.Values);
        Assert.Equal(host.Read().LossSum, device.Read().LossSum, 1e-4);
    }

    [Fact]
    public void Guard_WrittenAndReadAgain_DecidesTheSame()
    {
        var options = OptionsOf(OptimizerKind.Lion);
        using var setup = new TrainingSetup(TrainerTests.Spec, options, setting);
        using StepUpdate first = new DeviceUpdate(setup, options, null), second = new DeviceUpdate(setup, options, null);
        void Step(StepUpdate update, double loss)
        {
            setup.Buffer.Gradients.fill_(1);
            update.Add(loss);
            update.Finish(0, 0);
        }
        using var none = no_grad();
        for (int i = 0; i < 70; i++) Step(first, 2 + i % 3);
        second.Guard = first.Guard;
        Assert.Equal(70, second.Guard.Losses.Length);
        foreach (var update in new[] { first, second })
        {
            update.Read();
            Step(update, 100);
            Assert.Equal(1, update.Read().Skipped);
        }
    }

    [Fact]
    public void Read_TenStepsInARowNotFinite_IsHopeless()
    {
        var options = OptionsOf(OptimizerKind.Lion);
        using var setup = new TrainingSetup(TrainerTests.Spec, options, setting);
        using StepUpdate update = new DeviceUpdate(setup, options, null);
        for (int i = 0; i < 10; i++)
        {
            Assert.Null(update.Read().Hopeless);
            update.Add(double.NaN);
            update.Finish(i, 1);
        }
        Assert.Contains("tenth", update.Read().Hopeless);
    }

    static void Equal(Tensor expected, Tensor found)
    {
        using var scope = NewDisposeScope();
        Assert.True(expected.isfinite().all().item<bool>());
        double difference = (expected - found).abs().max().item<float>();
        Assert.True(difference <= 2e-5 * (1 + expected.abs().max().item<float>()), $"differs by {difference}");
    }
}
