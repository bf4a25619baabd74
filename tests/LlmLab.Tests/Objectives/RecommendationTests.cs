using LlmLab.Objectives;

namespace LlmLab.Tests.Objectives;

public sealed class RecommendationTests
{
    static readonly Objective company = ObjectiveFile.Example("company-questions");

    [Fact]
    public void For_ShippedExamples_AgreesWithTheirAuthors()
    {
        Assert.All(ObjectiveFile.Examples.Select(ObjectiveFile.Example), example =>
        {
            var recommended = Recommendation.For(example).Choice.Approaches;
            Assert.Equal(example.Choice!.Approaches[0], recommended[0]);
        });
    }

    [Fact]
    public void For_DataThatMayNotLeave_RulesOutHosting()
    {
        var networked = company with { Budgets = company.Budgets with { NetworkAtRun = true } };
        var hosted = Recommendation.For(networked).Assessments.Single(a => a.Approach == Approach.HostedModel);
        Assert.False(hosted.Possible);
        Assert.Contains("example-company", hosted.Reasons[0].Sentence);
    }

    [Fact]
    public void For_NoPermissionToTrain_LeavesNoTrainedModel()
    {
        var closed = company with
        {
            DataSources = [.. company.DataSources.Select(source => source with { Permission = source.Permission with { Training = false, ThirdParty = true } })],
            Budgets = company.Budgets with { NetworkAtRun = true, Money = 10_000 },
        };
        var recommendation = Recommendation.For(closed);
        Assert.Equal([Approach.HostedModel, Approach.Retrieval], recommendation.Choice.Approaches);
        Assert.Contains(recommendation.Choice.Reasons, reason => reason.StartsWith("An own model is out:", StringComparison.Ordinal));
    }

    [Fact]
    public void For_KnowledgeThatChanges_RaisesRetrieval()
    {
        double Score(double changed) => Recommendation.For(company with
        {
            DataSources = [.. company.DataSources.Select(source => source with { ChangedPerMonth = changed })],
        }).Assessments.Single(a => a.Approach == Approach.Retrieval).Score;
        Assert.True(Score(0.2) > Score(0));
    }
}
