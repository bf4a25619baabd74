using System.CommandLine;
using System.Text;
using LlmLab.Generation;
using LlmLab.Interop;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab sample</c>: text from a trained model.</summary>
static class SampleCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("run") { Description = "A run's folder or name; default: the workspace's current model.", DefaultValueFactory = _ => null };
        var prompt = new Option<string>("--prompt") { Description = "Text to go on from.", DefaultValueFactory = _ => "\n" };
        var tokens = new Option<int>("--tokens") { Description = "Most tokens to write.", DefaultValueFactory = _ => 300 };
        var temperature = new Option<double>("--temperature") { Description = "Below 1 safer, above 1 wilder, 0 always the likeliest.", DefaultValueFactory = _ => 0.8 };
        var topK = new Option<int?>("--top-k") { Description = "Draw from the likeliest so many tokens only." };
        var topP = new Option<double?>("--top-p") { Description = "Draw from the fewest tokens whose probabilities sum to this." };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same text.", DefaultValueFactory = _ => 1 };
        var stop = new Option<string[]>("--stop") { Description = "End where this text appears; may be given more than once." };
        var device = TrainCommand.DeviceOption();
        var command = new Command("sample", "Write text with a trained model.") { name, prompt, tokens, temperature, topK, topP, seed, stop, device };
        Invocation.SetAction(command, invocation =>
        {
            var parse = invocation.Parse;
            var run = Run.OpenOrCurrent(parse.GetValue(name));
            using var model = run.LoadModel(device: ComputeDevices.Choose(parse.GetValue(device)));
            var tokenizer = run.LoadTokenizer();
            var generator = new TextGenerator(model, tokenizer);
            var options = new GenerationOptions
            {
                MostTokens = parse.GetValue(tokens),
                Temperature = parse.GetValue(temperature),
                TopK = parse.GetValue(topK),
                TopP = parse.GetValue(topP),
                Seed = parse.GetValue(seed),
                Stops = parse.GetValue(stop) ?? [],
                ExcludedTokens = [.. tokenizer.SpecialTokens.Values],
            };
            var text = new StringBuilder();
            foreach (string piece in generator.Stream(parse.GetValue(prompt)!, options))
            {
                text.Append(piece);
                Console.Out.Write(piece);
                Console.Out.Flush();
            }
            invocation.WriteLine();
            invocation.Result(new { run = run.Folder, prompt = parse.GetValue(prompt), text = text.ToString() });
            return Invocation.Done;
        });
        return command;
    }
}
