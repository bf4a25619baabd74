using System.CommandLine;
using System.Globalization;
using System.Text;
using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Interop;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab eval</c>: loss, perplexity and bits per byte of a trained model, or its scores on a suite of tasks.</summary>
static class EvalCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("run") { Description = "A run's folder or name; default: the workspace's current model.", DefaultValueFactory = _ => null };
        var text = new Option<string?>("--text") { Description = "Score this text, all of it, instead of the run's validation split: a UTF-8 file, or a name from `llmlab data list`." };
        var window = new Option<int?>("--window") { Description = "Tokens a window; default: the model's training context." };
        var precision = TrainCommand.PrecisionOption();
        var device = TrainCommand.DeviceOption();
        var command = new Command("eval", "Score a trained model on its validation text or another, or on a suite of tasks.") { name, text, window, precision, device };
        foreach (var option in EvalSuite.Options) command.Options.Add(option);
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var place = ComputeDevices.Choose(parse.GetValue(device));
            if (EvalSuite.NameOf(parse) is { } suite) return await Task.Run(() => EvalSuite.RunAsync(invocation, parse.GetValue(name), suite, place));
            var run = Run.OpenOrCurrent(parse.GetValue(name));
            using var data = parse.GetValue(text) is { } other ? await EncodeAsync(run, other) : (await run.OpenDataAsync()).Validation;
            using var model = run.LoadModel(device: place);
            using var pool = new WorkerPool(place == ComputeDevice.Cuda ? 1 : run.Description.Threads, 1);
            var operands = parse.GetValue(precision) is var p && p == Precision.Auto ? run.Description.Precision : p;
            var score = IntrinsicEvaluation.Score(model, data, parse.GetValue(window) ?? run.Options.SequenceLength, operands, pool);
            string bits = score.BitsPerByte is { } value ? string.Create(CultureInfo.InvariantCulture, $", {value:0.0000} bits per byte") : "";
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{data.Name}: loss {score.Loss:0.0000} ± {score.StandardError:0.0000} nats a token, perplexity {score.Perplexity:0.000}{bits}, {score.Tokens:N0} tokens"));
            invocation.Result(new { run = run.Folder, data = data.Name, loss = score.Loss, standardError = score.StandardError, perplexity = score.Perplexity, bitsPerByte = score.BitsPerByte, tokens = score.Tokens, window = parse.GetValue(window) ?? run.Options.SequenceLength ?? run.Spec.ContextLength, precision = operands });
            return Invocation.Done;
        });
        return command;
    }

    static async Task<TokenDataset> EncodeAsync(Run run, string source)
    {
        var (name, content) = await TextSource.ReadAsync(source);
        var tokenizer = run.LoadTokenizer();
        return TokenDataset.FromTokens(name, tokenizer.EncodeToIds(content).ToArray(), tokenizer.VocabularySize, Encoding.UTF8.GetByteCount(content));
    }
}
