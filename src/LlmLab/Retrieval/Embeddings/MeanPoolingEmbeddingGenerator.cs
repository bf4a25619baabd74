using System.IO.Hashing;
using System.Text;
using LlmLab.Models;
using LlmLab.Tokenizers;
using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// What any language model knows of a text without having learned embeddings: the mean of its last activations (of the encoder's, in an
/// encoder–decoder). For comparing architectures; for search, train one by <see cref="EncoderTraining"/>.
/// </summary>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="name">Its name.</param>
public sealed class MeanPoolingEmbeddingGenerator(LanguageModel model, VocabularyTokenizer tokenizer, string name) : LocalEmbeddingGenerator
{
    /// <inheritdoc/>
    public override EmbeddingModelInfo Info { get; } = new(name, model.Spec.Width, Fingerprint(model), model.ParameterCount);

    /// <inheritdoc/>
    public override float[][] Embed(IReadOnlyList<string> texts, bool queries = false)
    {
        using var none = no_grad();
        int most = model.Spec.ContextLength, width = model.Spec.Width;
        var chunks = new TextChunks([.. texts.Select(t => tokenizer.Encode(t)).Select(t => t.Length == 0 ? [0] : t.Length > most ? t[..most] : t)], 1);
        float[][] result = new float[texts.Count][];
        var pass = new ForwardPass();
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            using var scope = NewDisposeScope();
            var input = chunks.Input(chunk, CPU);
            var hidden = model.Spec.Family == ModelFamily.EncoderDecoder ? model.Encode(input with { Source = input.Tokens }, pass) : model.Hidden(input, pass);
            var seen = (input.Mask ?? ones_like(input.Tokens, dtype: ScalarType.Bool)).to(ScalarType.Float32).unsqueeze(-1);
            float[] numbers = [.. ((hidden.to(ScalarType.Float32) * seen).sum(1) / seen.sum(1)).contiguous().data<float>()];   // [texts, width]
            var members = chunks.Texts(chunk);
            for (int row = 0; row < members.Count; row++)
            {
                result[members[row]] = numbers[(row * width)..((row + 1) * width)];
                Normalise(result[members[row]]);
            }
        }
        return result;
    }

    static string Fingerprint(LanguageModel model)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(model.Spec.ToJson()));
        foreach (var (_, parameter) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.Append(parameter.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
