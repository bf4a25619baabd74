using System.Text.Json.Nodes;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Formats;

/// <summary>GPT-2's pair of files: <c>vocab.json</c> (token to id) and <c>merges.txt</c> (a merge a line), also named <c>encoder.json</c> and <c>vocab.bpe</c>.</summary>
public static class Gpt2Files
{
    /// <summary>Reads a byte-level BPE vocabulary.</summary>
    /// <param name="vocabulary">The path of <c>vocab.json</c>.</param>
    /// <param name="merges">The path of <c>merges.txt</c>.</param>
    /// <param name="pattern">The pre-tokenization expression; the files do not say.</param>
    /// <exception cref="InvalidInputException">A file is missing or broken.</exception>
    public static ByteLevelBpeTokenizer Load(string vocabulary, string merges, string pattern = PreTokenization.Gpt2)
    {
        foreach (string path in new[] { vocabulary, merges })
            if (!File.Exists(path)) throw new InvalidInputException($"The tokenizer file {path} does not exist.");
        var ids = TokenizerFile.Guard(vocabulary, () => JsonNode.Parse(File.ReadAllText(vocabulary)) as JsonObject ?? throw new InvalidInputException($"{vocabulary} is not a vocabulary: it should hold a JSON object."));
        var special = new Dictionary<string, int>();
        var found = new Dictionary<string, int>();
        foreach (var (token, id) in ids)
            (IsSpecial(token) ? special : found)[token] = TokenizerFile.Guard(vocabulary, () => (int)id!);
        var tokens = new byte[]?[found.Values.Append(-1).Max() + 1];
        foreach (var (token, id) in found) tokens[id] = ByteLevelAlphabet.Read(token) ?? throw new InvalidInputException($"{vocabulary}: the token \"{token}\" (id {id}) has a character that stands for no byte.");

        var pairs = new List<(int, int)>();
        int line = 0;
        foreach (string text in File.ReadLines(merges))
        {
            if (++line == 1 && text.StartsWith("#version", StringComparison.Ordinal) || text.Length == 0) continue;
            string[] parts = text.Split(' ');
            if (parts.Length != 2 || !found.TryGetValue(parts[0], out int left) || !found.TryGetValue(parts[1], out int right))
                throw new InvalidInputException($"{merges}, line {line}: expected two tokens of {Path.GetFileName(vocabulary)} with a space between, found \"{text}\".");
            pairs.Add((left, right));
        }
        return new ByteLevelBpeTokenizer(new BpeVocabulary(tokens, pattern, special) { Merges = pairs });
    }

    static bool IsSpecial(string token) => token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal);
}
