using System.Buffers.Text;
using System.Globalization;
using System.Text;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Formats;

/// <summary>
/// tiktoken's vocabulary files: a line a token, its bytes in Base64 and its rank, which is its id. Such a file holds neither the
/// pre-tokenization expression nor the special tokens; those of the published vocabularies are known here by the files' names.
/// </summary>
public static class TiktokenFile
{
    /// <summary>The published vocabularies: the expression and special tokens of <c>tiktoken_ext/openai_public.py</c>.</summary>
    static (string Pattern, Dictionary<string, int> Special)? Published(string name) => name switch
    {
        "r50k_base" or "gpt2" => (PreTokenization.R50k, new() { ["<|endoftext|>"] = 50256 }),
        "p50k_base" => (PreTokenization.R50k, new() { ["<|endoftext|>"] = 50256 }),
        "cl100k_base" => (PreTokenization.Cl100k, new() { ["<|endoftext|>"] = 100257, ["<|fim_prefix|>"] = 100258, ["<|fim_middle|>"] = 100259, ["<|fim_suffix|>"] = 100260, ["<|endofprompt|>"] = 100276 }),
        "o200k_base" => (PreTokenization.O200k, new() { ["<|endoftext|>"] = 199999, ["<|endofprompt|>"] = 200018 }),
        _ => null,
    };

    /// <summary>Reads one of the published vocabularies, known by its file's name (<c>cl100k_base.tiktoken</c>).</summary>
    /// <exception cref="InvalidInputException">The file is missing or broken, or its name is not a published vocabulary's.</exception>
    public static ByteLevelBpeTokenizer Load(string path)
    {
        var (pattern, special) = Published(Path.GetFileNameWithoutExtension(path)) ?? throw new InvalidInputException(
            $"{path} is not one of the published vocabularies (r50k_base, p50k_base, cl100k_base, o200k_base), and a .tiktoken file does not hold its expression: give the pattern and special tokens, or load tokenizer.json instead.");
        return Load(path, pattern, special);
    }

    /// <summary>Reads a vocabulary with its expression and special tokens given.</summary>
    /// <exception cref="InvalidInputException">The file is missing or broken.</exception>
    public static ByteLevelBpeTokenizer Load(string path, string pattern, IReadOnlyDictionary<string, int> specialTokens)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"The tokenizer file {path} does not exist.");
        using var stream = File.OpenRead(path);
        return Read(stream, Path.GetFileName(path), pattern, specialTokens);
    }

    /// <summary>Reads a vocabulary from a stream.</summary>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="pattern">The pre-tokenization expression.</param>
    /// <param name="specialTokens">Special tokens and their ids.</param>
    /// <exception cref="InvalidInputException">A line is broken: the message says which.</exception>
    public static ByteLevelBpeTokenizer Read(Stream stream, string name, string pattern, IReadOnlyDictionary<string, int> specialTokens)
    {
        var tokens = new List<byte[]?>();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        for (int line = 1; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0) continue;
            int space = text.IndexOf(' ');
            if (space <= 0 || !int.TryParse(text.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank > 1 << 24 || !Base64.IsValid(text.AsSpan(0, space)))
                throw new InvalidInputException($"{name}, line {line}: expected a token in Base64, a space and its rank, found \"{(text.Length > 60 ? text[..60] + "…" : text)}\".");
            while (tokens.Count <= rank) tokens.Add(null);
            if (tokens[rank] is not null) throw new InvalidInputException($"{name}, line {line}: the rank {rank} is given twice.");
            tokens[rank] = Convert.FromBase64String(text[..space]);
        }
        return new ByteLevelBpeTokenizer(new BpeVocabulary(tokens, pattern, specialTokens) { WholePieceFirst = true });
    }

    /// <summary>
    /// Writes a vocabulary. Its ranks are its ids, so a vocabulary with a list of merges must have them in the order of its ids, as
    /// GPT-2's and all that are trained here do. Special tokens, phrases and the expression are not part of the format.
    /// </summary>
    /// <exception cref="InvalidInputException">The merges are not in the order of the ids.</exception>
    public static void Save(ByteLevelBpeTokenizer tokenizer, string path)
    {
        int last = -1;
        foreach (var (left, right) in tokenizer.Vocabulary.Merges ?? [])
        {
            int merged = tokenizer.FindId(ByteLevelAlphabet.Spell([.. tokenizer.GetBytes(left), .. tokenizer.GetBytes(right)]))!.Value;
            if (merged < last) throw new InvalidInputException("This vocabulary cannot be written as .tiktoken: its merges are not in the order of its ids. Write tokenizer.json instead.");
            last = merged;
        }
        var text = new StringBuilder();
        var tokens = tokenizer.Vocabulary.Tokens;
        for (int id = 0; id < tokens.Count; id++)
            if (tokens[id] is { Length: > 0 } token) text.Append(Convert.ToBase64String(token)).Append(' ').Append(id).Append('\n');
        AtomicFile.WriteText(path, text.ToString());
    }
}
