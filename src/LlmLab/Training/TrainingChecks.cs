using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Tokenizers;

namespace LlmLab.Training;

/// <summary>What can be known to be wrong before any long work begins.</summary>
static class TrainingChecks
{
    /// <summary>Checks that spec, data and options fit each other.</summary>
    /// <exception cref="InvalidInputException">They do not: one sentence says what and what to do.</exception>
    public static void Check(ModelSpec spec, TrainingData data, TrainingOptions options)
    {
        spec.Checked();
        options.Checked();
        spec.CheckVocabulary(data.VocabularySize, data.Training.Name);
        spec.CheckVocabulary(data.Validation.VocabularySize, data.Validation.Name);
        if (data.Tokenizer is VocabularyTokenizer tokenizer) spec.CheckVocabulary(tokenizer.VocabularySize, "the tokenizer");
        int length = options.SequenceLength ?? spec.ContextLength;
        if (length > spec.ContextLength)
            throw new InvalidInputException($"Sequences of {length} tokens do not fit the model's context of {spec.ContextLength}.");
        TrainingObjective.Create(options.Objective, spec, length, options.Seed);
        if (data.Training.Length <= length)
            throw new InvalidInputException($"{data.Training.Name} has {data.Training.Length} tokens, too few for sequences of {length}: give more text or a shorter context.");
        if (data.Validation.Length < 2)
            throw new InvalidInputException($"{data.Validation.Name} has {data.Validation.Length} token(s): validation needs at least two.");
        foreach (var part in (TokenDataset[])[data.Training, data.Validation])
        {
            CheckDocuments(part);
            CheckWeights(part);
        }
    }

    static void CheckDocuments(TokenDataset data)
    {
        var starts = data.DocumentStarts;
        for (int i = 0; i < starts.Count; i++)
            if ((i + 1 < starts.Count ? starts[i + 1] : data.Length) <= starts[i])
                throw new InvalidInputException($"Document {i + 1} of {data.Name} is empty (it begins at token {starts[i]}, where the next one begins): leave empty documents out and encode the text again.");
    }

    static void CheckWeights(TokenDataset data)
    {
        if (data.Weights is not { } weights) return;
        int bad = Array.FindIndex(weights, w => !float.IsFinite(w) || w < 0);
        if (bad >= 0) throw new InvalidInputException($"The loss weight of token {bad} of {data.Name} is {weights[bad]}: expected a finite number of at least 0; encode the text again.");
        if (weights.All(w => w == 0)) throw new InvalidInputException($"All loss weights of {data.Name} are 0: there is nothing to learn from.");
    }
}
