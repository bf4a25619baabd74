using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>How two vectors are compared; each distance function of Microsoft.Extensions.VectorData is one of these or its mirror image.</summary>
public enum VectorMetric
{
    /// <summary>The cosine of the angle between them, −1 to 1; 0 where one of them is zero.</summary>
    Cosine,

    /// <summary>The inner product.</summary>
    DotProduct,

    /// <summary>The length of their difference.</summary>
    Euclidean,
}

/// <summary>
/// The meaning of scores. Inside, a larger closeness is always better (cosine, dot product, minus the squared Euclidean distance);
/// outside, a score is what the property's distance function promises: similarities fall, distances rise down a list of results.
/// </summary>
static class Similarity
{
    /// <summary>What a vector property is compared by; cosine similarity where it does not say.</summary>
    public static string Function(VectorPropertyModel property) => property.DistanceFunction ?? DistanceFunction.CosineSimilarity;

    public static VectorMetric Metric(VectorPropertyModel property) => Function(property) switch
    {
        DistanceFunction.CosineSimilarity or DistanceFunction.CosineDistance => VectorMetric.Cosine,
        DistanceFunction.DotProductSimilarity or DistanceFunction.NegativeDotProductSimilarity => VectorMetric.DotProduct,
        DistanceFunction.EuclideanDistance or DistanceFunction.EuclideanSquaredDistance => VectorMetric.Euclidean,
        var other => throw new InvalidInputException($"The vector property '{property.ModelName}' asks for '{other}': expected CosineSimilarity, CosineDistance, DotProductSimilarity, NegativeDotProductSimilarity, EuclideanDistance or EuclideanSquaredDistance."),
    };

    /// <summary>The score of a closeness.</summary>
    public static double Score(VectorPropertyModel property, double closeness) => Function(property) switch
    {
        DistanceFunction.CosineDistance => 1 - closeness,
        DistanceFunction.NegativeDotProductSimilarity or DistanceFunction.EuclideanSquaredDistance => -closeness,
        DistanceFunction.EuclideanDistance => Math.Sqrt(Math.Max(0, -closeness)),
        _ => closeness,
    };

    /// <summary>Whether smaller scores are better.</summary>
    public static bool IsDistance(VectorPropertyModel property) =>
        Function(property) is not (DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity);

    /// <summary>Whether a score is at least as good as a threshold.</summary>
    public static bool Passes(VectorPropertyModel property, double score, double? threshold) =>
        threshold is null || (IsDistance(property) ? score <= threshold : score >= threshold);
}
