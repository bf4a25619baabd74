using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training.Tasks;

public sealed class ContrastiveLossTests
{
    public ContrastiveLossTests() => TorchThreads.One();

    [Fact]
    public void Of_EqualScores_IsTheLogarithmOfTheBatch()
    {
        using var scope = NewDisposeScope();
        var same = ones(5, 4) / 2;   // every cosine is 1
        Assert.Equal(Math.Log(5), ContrastiveLoss.Of(same, same, 0.1).item<float>(), 1e-5);
    }

    [Fact]
    public void Of_OrthogonalPairs_IsTheSoftmaxOfOneScore()
    {
        using var scope = NewDisposeScope();
        var pairs = eye(3);
        double expected = -Math.Log(Math.Exp(1 / 0.5) / (Math.Exp(1 / 0.5) + 2));
        Assert.Equal(expected, ContrastiveLoss.Of(pairs, pairs, 0.5).item<float>(), 1e-5);
    }

    [Fact]
    public void Of_ExcludedCandidate_DoesNotCount()
    {
        using var scope = NewDisposeScope();
        var (anchors, candidates) = (eye(2), cat([eye(2), eye(2).narrow(0, 0, 1)], 0));   // the third candidate answers the first anchor too
        var excluded = tensor(new[] { false, false, true, false, false, false }, [2, 3]);
        double first = -Math.Log(Math.Exp(1) / (Math.Exp(1) + 1)), second = -Math.Log(Math.Exp(1) / (Math.Exp(1) + 2));
        Assert.Equal(((first + second) / 2 + first) / 2, ContrastiveLoss.Of(anchors, candidates, 1, excluded).item<float>(), 1e-5);
    }

    [Fact]
    public void Of_Gradient_EqualsFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var anchors = randn([4, 6], dtype: ScalarType.Float64, generator: random).requires_grad_(true);
        var candidates = randn([7, 6], dtype: ScalarType.Float64, generator: random);
        var excluded = zeros(4, 7, dtype: ScalarType.Bool);
        excluded[1, 3] = true;
        ContrastiveLoss.Of(anchors, candidates, 0.3, excluded).backward();
        using var none = no_grad();
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 6; column++)
            {
                double At(double step)
                {
                    var moved = anchors.detach().clone();
                    moved[row, column] += step;
                    return ContrastiveLoss.Of(moved, candidates, 0.3, excluded).item<double>();
                }
                Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, anchors.grad![row, column].item<double>(), 1e-6);
            }
    }
}
