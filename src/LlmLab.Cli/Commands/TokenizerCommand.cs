using System.CommandLine;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Data.Readers;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Judging;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab tokenizer …</c>: train, use, look into and convert tokenizers.</summary>
static class TokenizerCommand
{
    public static Command Create() => new("tokenizer", "Train tokenizers, encode with them, look into them, convert them.") { Train(), Encode(), Inspect(), Convert() };

    static Command Train()
    {
        var inputs = new Option<string[]>("--input") { Description = "Files or folders to learn from.", Required = true, AllowMultipleArgumentsPerToken = true };
        var output = new Option<string>("--output") { Description = "Where the tokenizer goes: a folder (tokenizer.json and tokenizer_config.json inside) or a .json file.", Required = true };
        var kind = new Option<string>("--kind") { Description = "bpe, wordpiece, unigram, word, character or regex.", DefaultValueFactory = _ => "bpe" };
        kind.AcceptOnlyFromAmong("bpe", "wordpiece", "unigram", "word", "character", "regex");
        var size = new Option<int?>("--size") { Description = "Tokens in the vocabulary, reserved ones included (default 8192; character: all)." };
        var coverage = new Option<double?>("--coverage") { Description = "Stop when this share of the text is covered, 0 to 1." };
        var pattern = new Option<string>("--pattern") { Description = "bpe, regex: the pre-tokenization, gpt2, cl100k, o200k or a regular expression.", DefaultValueFactory = _ => "cl100k" };
        var special = new Option<string[]>("--special") { Description = "Further special tokens." };
        var phrases = new Option<string[]>("--phrase") { Description = "Phrases that become one token." };
        var frequency = new Option<int?>("--minimum-frequency") { Description = "How often something must occur to become a token (default 2; character: 1)." };
        var threads = new Option<int>("--threads") { Description = "Threads; 0 means all processors." };
        var command = new Command("train", "Train a tokenizer on documents.") { inputs, output, kind, size, coverage, pattern, special, phrases, frequency, threads };
        Invocation.SetAction(command, invocation =>
        {
            var parse = invocation.Parse;
            bool character = parse.GetValue(kind) == "character";
            var shared = new TokenizerTrainingOptions
            {
                VocabularySize = parse.GetValue(size) ?? (character ? int.MaxValue : 8192),
                Coverage = parse.GetValue(coverage),
                SpecialTokens = parse.GetValue(special) ?? [],
                Phrases = parse.GetValue(phrases) ?? [],
                MinimumFrequency = parse.GetValue(frequency) ?? (character ? 1 : 2),
                Threads = parse.GetValue(threads),
            };
            string expression = Pattern(parse.GetValue(pattern)!);
            var texts = parse.GetRequiredValue(inputs).SelectMany(path => new CorpusReader().Open(path).Documents).Select(d => d.Text);
            var tokenizer = TokenizerTrainer.Train(parse.GetValue(kind)!, texts, shared, expression);
            string path = parse.GetRequiredValue(output);
            TokenizerFile.Save(tokenizer, path);
            invocation.WriteLine($"{path}: {tokenizer.Algorithm}, {tokenizer.VocabularySize:N0} tokens");
            invocation.Result(new { path, tokenizer.Algorithm, tokenizer.VocabularySize });
            return Invocation.Done;
        });
        return command;
    }

    static string Pattern(string name) => name switch
    {
        "gpt2" => PreTokenization.Gpt2,
        "cl100k" or "gpt4" => PreTokenization.Cl100k,
        "o200k" => PreTokenization.O200k,
        _ => name,
    };

    static Argument<string> TokenizerArgument() => new("tokenizer") { Description = "A tokenizer file or folder, or cl100k or o200k." };

    static Command Encode()
    {
        var tokenizer = TokenizerArgument();
        var text = new Argument<string?>("text") { Description = "The text; without it, standard input.", Arity = ArgumentArity.ZeroOrOne };
        var lines = new Option<string?>("--jsonl") { Description = "A file of JSON strings, one a line: each is encoded to one line of ids." };
        var parseSpecial = new Option<bool>("--parse-special") { Description = "Special tokens spelled in the text become tokens." };
        var command = new Command("encode", "Encode text to token ids.") { tokenizer, text, lines, parseSpecial };
        Invocation.SetAction(command, invocation =>
        {
            var loaded = TokenizerFile.Load(invocation.Parse.GetRequiredValue(tokenizer));
            var parsing = invocation.Parse.GetValue(parseSpecial) ? SpecialTokenParsing.Parse : SpecialTokenParsing.Never;
            if (invocation.Parse.GetValue(lines) is { } file)
            {
                if (!File.Exists(file)) throw new InvalidInputException($"{file} does not exist.");
                int line = 0;
                foreach (string json in File.ReadLines(file))
                    invocation.WriteLine($"[{string.Join(',', loaded.Encode(Text(json, file, ++line), parsing))}]");
                return Invocation.Done;
            }
            int[] ids = loaded.Encode(invocation.Parse.GetValue(text) ?? Console.In.ReadToEnd(), parsing);
            invocation.WriteLine(string.Join(' ', ids));
            invocation.Result(new { ids, tokens = ids.Select(id => loaded.GetToken(id)) });
            return Invocation.Done;
        });
        return command;
    }

    static string Text(string json, string file, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(json) ?? "";
        }
        catch (JsonException)
        {
            throw new InvalidInputException($"{file}, line {line}: expected a JSON string, found {(json.Length > 60 ? json[..60] + "…" : json)}");
        }
    }

    static Command Inspect()
    {
        var tokenizer = TokenizerArgument();
        var input = new Option<string?>("--input") { Description = "A file or folder to judge it on, beside cl100k and o200k." };
        var text = new Option<string?>("--text") { Description = "A text to show its tokens of." };
        var command = new Command("inspect", "What a tokenizer is, how it cuts a text, how well it fits documents.") { tokenizer, input, text };
        Invocation.SetAction(command, invocation =>
        {
            string path = invocation.Parse.GetRequiredValue(tokenizer);
            var loaded = TokenizerFile.Load(path);
            invocation.WriteLine($"{loaded.Algorithm}, {loaded.VocabularySize:N0} tokens, {loaded.SpecialTokens.Count} special, {loaded.Phrases.Count} phrases");
            if (invocation.Parse.GetValue(text) is { } shown) invocation.WriteLine(TokenView.Of(loaded, shown).ToText());
            TokenizerComparison? comparison = null;
            if (invocation.Parse.GetValue(input) is { } documents)
            {
                var corpus = new CorpusReader().Open(documents);
                comparison = TokenizerComparison.WithPublished(corpus, "this", loaded);
                invocation.WriteLine(comparison.ToText());
            }
            invocation.Result(new { loaded.Algorithm, loaded.VocabularySize, special = loaded.SpecialTokens, reports = comparison?.Reports });
            return Invocation.Done;
        });
        return command;
    }

    static Command Convert()
    {
        var tokenizer = TokenizerArgument();
        var output = new Argument<string>("output") { Description = "tokenizer.json, a .tiktoken file or vocab.txt." };
        var command = new Command("convert", "Write a tokenizer in another format.") { tokenizer, output };
        Invocation.SetAction(command, invocation =>
        {
            var loaded = TokenizerFile.Load(invocation.Parse.GetRequiredValue(tokenizer));
            string path = invocation.Parse.GetRequiredValue(output);
            TokenizerFile.Convert(loaded, path);
            invocation.WriteLine(path);
            invocation.Result(new { path });
            return Invocation.Done;
        });
        return command;
    }
}
