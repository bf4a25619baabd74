namespace LlmLab.Tokenizers.Formats;

/// <summary>BERT's <c>vocab.txt</c>: a line a token, its number is the id.</summary>
public static class VocabularyText
{
    static readonly string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Reads a WordPiece vocabulary.</summary>
    /// <param name="path">The file.</param>
    /// <param name="normalization">What is done to text; the file does not say. Null: uncased, unless the vocabulary has upper-case letters.</param>
    /// <param name="longestWord">Words of more code points than this are unknown: 200 in Google's code, 100 in Hugging Face's.</param>
    /// <exception cref="InvalidInputException">The file is missing or not a vocabulary.</exception>
    public static WordPieceTokenizer Load(string path, BertNormalization? normalization = null, int longestWord = 200)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"The tokenizer file {path} does not exist.");
        string[] lines = File.ReadAllLines(path);
        var ids = new Dictionary<string, int>();
        for (int i = 0; i < lines.Length; i++)
            if (!ids.TryAdd(lines[i], i)) throw new InvalidInputException($"{path}, line {i + 1}: the token \"{lines[i]}\" stands in line {ids[lines[i]] + 1} already.");
        string unknown = ids.ContainsKey("[UNK]") ? "[UNK]" : Training.TokenizerTrainingOptions.UnknownToken;
        if (!ids.ContainsKey(unknown)) throw new InvalidInputException($"{path} is not a WordPiece vocabulary: no line is [UNK].");
        normalization ??= lines.Any(l => !special.Contains(l) && !ReservedTokens.All.Contains(l) && l.Any(char.IsUpper)) ? BertNormalization.Cased : BertNormalization.Uncased;
        var found = special.Concat(ReservedTokens.All).Append(unknown).Distinct().Where(ids.ContainsKey).ToDictionary(t => t, t => ids[t]);
        return new WordPieceTokenizer(lines, found, unknown, normalization, longestWord);
    }

    /// <summary>Writes a WordPiece vocabulary.</summary>
    /// <exception cref="InvalidInputException">An id has no token, which this format cannot express.</exception>
    public static void Save(WordPieceTokenizer tokenizer, string path)
    {
        var lines = Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.GetToken(id)
            ?? throw new InvalidInputException($"This vocabulary cannot be written as vocab.txt: id {id} has no token. Write tokenizer.json instead."));
        AtomicFile.WriteText(path, string.Join('\n', lines) + "\n");
    }
}
