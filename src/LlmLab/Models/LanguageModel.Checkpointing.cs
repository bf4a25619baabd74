using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

public sealed partial class LanguageModel
{
    /// <summary>
    /// The loss, and its gradient times <paramref name="share"/> added to the parameters', with activation checkpointing (Chen et al. 2016,
    /// "Training deep nets with sublinear memory cost"): on the way forward each block leaves nothing but what it began with, and on the way
    /// back it is computed again, with the same dropout. Gradients are those of <see cref="Loss"/>.
    /// </summary>
    internal Tensor LossAndGradients(ModelInput input, Tensor targets, ForwardPass pass, Tensor? weights, double divisor, double share)
    {
        using var scope = NewDisposeScope();
        CheckpointedStack? reading = null;
        Tensor? normed = null, encoded = null;
        if (Spec.Family == ModelFamily.EncoderDecoder)
        {
            var source = input.Source ?? throw new InvalidInputException("An encoder–decoder reads a source and writes a target: the source is missing.");
            long sourceTime = source.shape[1];
            reading = new CheckpointedStack(encoder, Embed(source, new ModelInput(source) { TokenTypes = input.TokenTypes }, 0, pass), pass, (block, x, initial) =>
                block.Forward(x, initial, source, new AttentionView(false, 0, input.Mask, encoderRelative?.Scores(0, sourceTime, sourceTime, x.device)), pass));
            normed = encoderNorm is null ? reading.Top : encoderNorm.call(reading.Top);
            encoded = Leaf(normed);
        }
        long time = input.Tokens.shape[1];
        var embedded = Embed(input.Tokens, reading is null ? input : input with { TokenTypes = null }, 0, pass);
        var writing = new CheckpointedStack(blocks, embedded, pass, (block, x, initial) => block.Forward(x, initial, input.Tokens,
            new AttentionView(Spec.Family != ModelFamily.Encoder, 0, reading is null ? input.Mask : null, relative?.Scores(0, time, time, x.device)),
            pass, encoded, new AttentionView(false, 0, input.Mask)));
        var loss = LossOf(LogitsOf(Normalise(writing.Top), pass), targets, weights, divisor);
        (share == 1 ? loss : loss * share).backward();
        writing.Backward();
        if (reading is not null)
        {
            // Where the encoder ends without a norm, its top is the decoder's leaf's origin itself.
            if (ReferenceEquals(normed, reading.Top)) reading.Backward(encoded!.grad);
            else
            {
                normed!.backward([encoded!.grad!]);
                reading.Backward();
            }
        }
        return scope.MoveToOuter(loss.detach());
    }

    static Tensor Leaf(Tensor value)
    {
        var leaf = value.detach();
        leaf.requires_grad = true;
        return leaf;
    }

    /// <summary>A stack of blocks, run forward without a graph; backward runs each block again.</summary>
    sealed class CheckpointedStack
    {
        readonly Block[] blocks;
        readonly Tensor embedded, initial;
        readonly Tensor[] inputs;
        readonly Tensor?[] random;   // the generator's state before each block
        readonly ForwardPass pass;
        readonly Func<Block, Tensor, Tensor, Tensor> forward;

        public CheckpointedStack(Block[] blocks, Tensor embedded, ForwardPass pass, Func<Block, Tensor, Tensor, Tensor> forward)
        {
            (this.blocks, this.embedded, this.pass, this.forward) = (blocks, embedded, pass, forward);
            initial = Leaf(embedded);
            (inputs, random) = (new Tensor[blocks.Length], new Tensor?[blocks.Length]);
            using var none = no_grad();
            Tensor x = embedded.detach(), first = x;
            for (int i = 0; i < blocks.Length; i++)
            {
                (inputs[i], random[i]) = (x, pass.DropoutRandom?.get_state());
                x = forward(blocks[i], x, first);
            }
            Top = Leaf(x);
        }

        /// <summary>The stack's output, [batch, time, width]: the leaf that a gradient is brought to.</summary>
        public Tensor Top { get; }

        /// <summary>Adds the gradients of the blocks and of the embedding, from that of the top.</summary>
        public void Backward(Tensor? topGradient = null)
        {
            var gradient = topGradient ?? Top.grad!;
            for (int i = blocks.Length - 1; i >= 0; i--)
            {
                using var scope = NewDisposeScope();
                if (random[i] is { } state) pass.DropoutRandom!.set_state(state);
                var input = Leaf(inputs[i]);
                forward(blocks[i], input, initial).backward([gradient]);
                gradient = scope.MoveToOuter(input.grad!);
                inputs[i].Dispose();
            }
            embedded.backward([initial.grad is { } skipped ? gradient + skipped : gradient]);
        }
    }
}
