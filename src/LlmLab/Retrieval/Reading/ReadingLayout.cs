using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Reading;

/// <summary>
/// How passages, questions and answers lie in a reader's tokens:
/// <c>[bos] [sep] passage [sep] passage … [user] question [assistant] answer [end_of_turn]</c>, and further questions about the same
/// passages may follow. What separates the parts are ids that only this code writes: a passage or question that spells
/// <c>&lt;|assistant|&gt;</c> is read as those letters.
/// </summary>
public sealed class ReadingLayout
{
    /// <summary>What the reader says where no passage answers.</summary>
    public const string Refusal = "I don't know";

    readonly VocabularyTokenizer tokenizer;
    readonly int beginning, separator, user, assistant;

    /// <summary>The layout in a vocabulary.</summary>
    /// <param name="tokenizer">It must hold <see cref="ReservedTokens"/>.</param>
    /// <exception cref="InvalidInputException">It lacks one of them.</exception>
    public ReadingLayout(VocabularyTokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        int Id(string token) => tokenizer.SpecialTokens.TryGetValue(token, out int id) ? id
            : throw new InvalidInputException($"The vocabulary has no control token {token}, which separates the parts of a reader's prompt: use a tokenizer trained here.");
        beginning = Id(ReservedTokens.BeginningOfSequence);
        separator = Id(ReservedTokens.Separator);
        user = Id(ReservedTokens.User);
        assistant = Id(ReservedTokens.Assistant);
        EndOfTurn = Id(ReservedTokens.EndOfTurn);
        Padding = Id(ReservedTokens.Padding);
        RefusalTokens = Encode(Refusal);
    }

    /// <summary>Ends an answer.</summary>
    public int EndOfTurn { get; }

    /// <summary>Fills what is left of a training window.</summary>
    public int Padding { get; }

    /// <summary>The tokens of <see cref="Refusal"/>.</summary>
    public IReadOnlyList<int> RefusalTokens { get; }

    /// <summary>
    /// A text's tokens, its white space made single spaces with one before it: so a name has the same tokens at the start of a line,
    /// in the middle of a sentence and as an answer, and copying it is copying tokens.
    /// </summary>
    public int[] Encode(string text) => tokenizer.Encode(" " + string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>The text of tokens, without the space before it.</summary>
    public string Decode(IEnumerable<int> tokens) => tokenizer.Decode(tokens).Trim();

    /// <summary>Begins a window with passages.</summary>
    public List<int> Begin(IEnumerable<int[]> passages)
    {
        List<int> tokens = [beginning];
        foreach (int[] passage in passages)
        {
            tokens.Add(separator);
            tokens.AddRange(passage);
        }
        return tokens;
    }

    /// <summary>Appends a question and what begins its answer.</summary>
    public void Ask(List<int> tokens, int[] question)
    {
        tokens.Add(user);
        tokens.AddRange(question);
        tokens.Add(assistant);
    }

    /// <summary>The prompt of one question, cut to a budget: passages are given in order of their rank, and the last ones are left out where they do not fit.</summary>
    /// <param name="passages">Texts, the most relevant first; none is what an answer without retrieval begins with.</param>
    /// <param name="question">The question.</param>
    /// <param name="mostTokens">Tokens that the prompt may have.</param>
    /// <returns>The tokens and how many passages are among them; the last of these may be shortened.</returns>
    /// <exception cref="InvalidInputException">The question alone is longer than the budget, or empty.</exception>
    public (int[] Tokens, int Passages) Prompt(IReadOnlyList<string> passages, string question, int mostTokens)
    {
        if (string.IsNullOrWhiteSpace(question)) throw new InvalidInputException("The question is empty: ask something.");
        int[] asked = Encode(question);
        int left = mostTokens - asked.Length - 3;
        if (left < 0) throw new InvalidInputException($"The question has {asked.Length} tokens, but a prompt of {mostTokens} holds at most {mostTokens - 3}: ask more briefly.");
        var read = new List<int[]>();
        foreach (string passage in passages)
        {
            int[] tokens = Encode(passage);
            if (tokens.Length + 1 > left && left < 24) break;   // a scrap of a passage would only mislead
            if (tokens.Length + 1 > left) tokens = tokens[..(left - 1)];
            read.Add(tokens);
            left -= tokens.Length + 1;
        }
        var prompt = Begin(read);
        Ask(prompt, asked);
        return ([.. prompt], read.Count);
    }
}
