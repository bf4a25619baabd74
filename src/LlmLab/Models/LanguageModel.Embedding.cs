using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

public sealed partial class LanguageModel
{
    /// <summary>
    /// One vector a text: [batch, time] → [batch, embedding width], float32, each of length 1, so that a product of two is their cosine.
    /// Tokens outside <see cref="ModelInput.Mask"/> do not count; of an encoder–decoder the encoder's part is used.
    /// </summary>
    /// <exception cref="InvalidInputException">The spec's EmbeddingWidth is 0.</exception>
    public Tensor Embed(ModelInput input, ForwardPass pass)
    {
        if (sentence is null) throw new InvalidInputException("This model makes no embeddings of texts: its spec's EmbeddingWidth is 0.");
        using var scope = NewDisposeScope();
        bool overEncoder = Spec.Family == ModelFamily.EncoderDecoder;
        var hidden = overEncoder ? Encode(input, pass) : Hidden(input, pass);
        return scope.MoveToOuter(sentence.Embed(hidden, overEncoder ? input.Source! : input.Tokens, input.Mask, pass));
    }
}
