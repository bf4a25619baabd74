using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>A question and its passages as a reader's tokens.</summary>
/// <param name="Tokens">All of them; the first stands for "no passage answers".</param>
/// <param name="Passages">The passages that were read; the last may be shortened.</param>
/// <param name="Starts">Where each passage's first token stands.</param>
public sealed record ReadingPrompt(int[] Tokens, IReadOnlyList<ReadingText> Passages, IReadOnlyList<int> Starts)
{
    /// <summary>The passage that a token belongs to, or −1.</summary>
    public int PassageOf(int token)
    {
        for (int i = 0; i < Passages.Count; i++)
            if (token >= Starts[i] && token < Starts[i] + Passages[i].Tokens.Length) return i;
        return -1;
    }

    /// <summary>The text from a token to another of the same passage.</summary>
    public string TextOf(int passage, int first, int last)
    {
        var (read, start) = (Passages[passage], Starts[passage]);
        return read.Text[read.Places[first - start].Start..read.Places[last - start].End];
    }
}

/// <summary>
/// How a question and passages lie in a reader's tokens: <c>[bos] question [sep] passage [sep] passage …</c> (Devlin et al. 2018). What
/// separates the parts are ids that only this code writes: a passage or question that spells <c>&lt;|sep|&gt;</c> is read as those letters.
/// </summary>
public sealed class ReadingLayout
{
    /// <summary>What the reader says where no passage answers.</summary>
    public const string Refusal = "I don't know";

    // Fewer tokens of a passage than these would only mislead.
    const int LeastTokens = 24;

    readonly PlaceholderVocabulary vocabulary;
    readonly int beginning, separator;

    /// <summary>The layout in a vocabulary.</summary>
    /// <param name="tokenizer">It must hold <see cref="ReservedTokens"/>.</param>
    /// <exception cref="InvalidInputException">It lacks one of them.</exception>
    public ReadingLayout(VocabularyTokenizer tokenizer)
    {
        int Id(string token) => tokenizer.SpecialTokens.TryGetValue(token, out int id) ? id
            : throw new InvalidInputException($"The vocabulary has no control token {token}, which separates the parts of a reader's prompt: use a tokenizer trained here.");
        beginning = Id(ReservedTokens.BeginningOfSequence);
        separator = Id(ReservedTokens.Separator);
        vocabulary = new PlaceholderVocabulary(tokenizer);
    }

    /// <summary>The prompt of a question, cut to a budget: passages are given in order of their rank, and the last ones are left out where they do not fit.</summary>
    /// <param name="passages">Texts, the most relevant first; none is what an answer without retrieval begins with.</param>
    /// <param name="question">The question.</param>
    /// <param name="mostTokens">Tokens that the prompt may have.</param>
    /// <param name="random">Decides which placeholders words get; null: the first word gets the first.</param>
    /// <exception cref="InvalidInputException">The question alone is longer than the budget, or empty.</exception>
    public ReadingPrompt Prompt(IReadOnlyList<string> passages, string question, int mostTokens, Random? random = null)
    {
        if (string.IsNullOrWhiteSpace(question)) throw new InvalidInputException("The question is empty: ask something.");
        var words = new Placeholders(vocabulary, question, random);
        int[] asked = words.Encode(question).Tokens;
        if (asked.Length + 1 > mostTokens) throw new InvalidInputException($"The question has {asked.Length} tokens, but a prompt of {mostTokens} holds at most {mostTokens - 1}: ask more briefly.");
        List<int> tokens = [beginning, .. asked], starts = [];
        var read = new List<ReadingText>();
        foreach (string passage in passages)
        {
            var text = words.Encode(passage);
            int left = mostTokens - tokens.Count - 1;
            if (text.Tokens.Length > left && left < LeastTokens) break;
            if (text.Tokens.Length > left) text = text with { Tokens = text.Tokens[..left], Places = text.Places[..left] };
            tokens.Add(separator);
            starts.Add(tokens.Count);
            tokens.AddRange(text.Tokens);
            read.Add(text);
        }
        return new ReadingPrompt([.. tokens], read, starts);
    }
}
