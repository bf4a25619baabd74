using System.Text;
using LlmLab.Models;
using LlmLab.Tokenizers;
using Microsoft.ML.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Generation;

/// <summary>
/// Writes text with a model, token by token.
/// <code>
/// var generator = new TextGenerator(run.LoadModel(), tokenizer);
/// foreach (string piece in generator.Stream("ROMEO:", new GenerationOptions { Temperature = 0.8 })) Console.Write(piece);
/// </code>
/// </summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">The tokenizer that it was trained with; null where only tokens are wanted.</param>
public sealed class TextGenerator(LanguageModel model, Tokenizer? tokenizer = null)
{
    readonly bool smallModel = model.ParameterCount < 30_000_000;
    // A model may have rows that no token belongs to: vocabularies are often rounded up.
    readonly int known = tokenizer is VocabularyTokenizer vocabulary ? Math.Min(vocabulary.VocabularySize, model.Spec.VocabularySize) : model.Spec.VocabularySize;

    /// <summary>The text that follows a prompt, without the prompt.</summary>
    /// <exception cref="InvalidInputException">An option out of range, or a prompt longer than the context.</exception>
    public string Generate(string prompt, GenerationOptions? options = null) => string.Concat(Stream(prompt, options));

    /// <summary>The text that follows a prompt, piece by piece as it is written.</summary>
    /// <exception cref="InvalidInputException">An option out of range, or a prompt longer than the context.</exception>
    public IEnumerable<string> Stream(string prompt, GenerationOptions? options = null)
    {
        if (tokenizer is null) throw new InvalidOperationException("This generator has no tokenizer: it writes tokens only.");
        options = (options ?? new GenerationOptions()).Checked();
        int[] tokens = [.. tokenizer.EncodeToIds(prompt)];
        if (tokens.Length == 0) throw new InvalidInputException("The prompt holds no token that the tokenizer knows: begin with a character of the training text.");
        return StreamText(tokens, options, tokenizer);
    }

    /// <summary>The text that follows a prompt of tokens, piece by piece: for prompts with control tokens, which no text can spell.</summary>
    /// <param name="prompt">At least one token, at most the context.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="written">Called with each token as it is drawn.</param>
    /// <exception cref="InvalidInputException">An option out of range, or a prompt longer than the context.</exception>
    public IEnumerable<string> Stream(IReadOnlyList<int> prompt, GenerationOptions options, Action<int>? written = null)
    {
        if (tokenizer is null) throw new InvalidOperationException("This generator has no tokenizer: it writes tokens only.");
        return StreamText([.. prompt], options.Checked(), tokenizer, written);
    }

    static string Decode(Tokenizer tokenizer, List<int> tokens) => tokenizer.Decode(tokens) ?? "";

    IEnumerable<string> StreamText(int[] prompt, GenerationOptions options, Tokenizer tokenizer, Action<int>? drawn = null)
    {
        var written = new List<int>();
        int longest = options.Stops.Count == 0 ? 0 : options.Stops.Max(s => s.Length);
        string given = "";
        foreach (int token in Tokens(prompt, options))
        {
            written.Add(token);
            drawn?.Invoke(token);
            string text = Decode(tokenizer, written);
            int stop = options.Stops.Select(s => text.IndexOf(s, Math.Max(0, given.Length - longest), StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
            if (stop >= 0)
            {
                if (stop > given.Length) yield return text[given.Length..stop];
                yield break;
            }
            // Held back: the beginning of what may become a stop, and a character of which not all bytes are there yet.
            int safe = text.Length - Held(text, options.Stops);
            while (safe > given.Length && text[safe - 1] == '\uFFFD') safe--;
            if (safe <= given.Length) continue;
            yield return text[given.Length..safe];
            given = text[..safe];
        }
        string all = Decode(tokenizer, written);
        if (all.Length > given.Length) yield return all[given.Length..];
    }

    static int Held(string text, IReadOnlyList<string> stops)
    {
        int held = 0;
        foreach (string stop in stops)
            for (int length = Math.Min(stop.Length - 1, text.Length); length > held; length--)
                if (text.EndsWith(stop[..length], StringComparison.Ordinal)) held = length;
        return held;
    }

    /// <summary>The tokens that follow a prompt.</summary>
    /// <param name="prompt">At least one token, at most the context.</param>
    /// <param name="options">How to draw.</param>
    /// <exception cref="InvalidInputException">An option out of range, or a prompt that is empty or longer than the context.</exception>
    public IEnumerable<int> Tokens(IReadOnlyList<int> prompt, GenerationOptions options)
    {
        options.Checked();
        if (prompt.Count == 0) throw new InvalidInputException("The prompt is empty: give at least one token.");
        if (prompt.Count > model.Spec.ContextLength)
            throw new InvalidInputException($"The prompt has {prompt.Count} tokens but the model's context holds {model.Spec.ContextLength}: shorten it.");
        foreach (int token in prompt)
            if ((uint)token >= (uint)model.Spec.VocabularySize)
                throw new InvalidInputException($"Token {token} is outside the model's vocabulary of {model.Spec.VocabularySize}.");
        return Draw([.. prompt], options);
    }

    IEnumerable<int> Draw(List<int> text, GenerationOptions options)
    {
        var sampler = new TokenSampler(options);
        int context = model.Spec.ContextLength, windowStart = 0;
        using var cache = options.UseCache ? new KeyValueCache(model.Spec, device: model.Device) : null;
        int read = 0;   // tokens of the window that the cache holds
        for (int i = 0; i < options.MostTokens; i++)
        {
            Operation.Current.ThrowIfCancelled();
            if (text.Count - windowStart > context)
            {
                if (options.Overflow == ContextOverflow.Stop) yield break;
                windowStart = text.Count - Math.Max(1, context / 2);
                cache?.Clear();
                read = 0;
            }
            float[] logits = cache is null ? Logits(text, windowStart, null) : Logits(text, windowStart + read, cache);
            read = text.Count - windowStart;
            logits.AsSpan(known).Fill(float.NegativeInfinity);
            foreach (int excluded in options.ExcludedTokens) logits[excluded] = float.NegativeInfinity;
            int next = sampler.Draw(logits);
            if (options.StopTokens.Contains(next)) yield break;
            text.Add(next);
            yield return next;
        }
    }

    float[] Logits(List<int> text, int from, KeyValueCache? cache)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        // One token through a small model is a chain of tiny operations: more threads would only wait for each other.
        int threads = get_num_threads();
        if (smallModel && threads > 1) set_num_threads(1);
        try
        {
            return LogitsOnce(text, from, cache);
        }
        finally
        {
            if (smallModel && threads > 1) set_num_threads(threads);
        }
    }

    float[] LogitsOnce(List<int> text, int from, KeyValueCache? cache)
    {
        long[] tokens = new long[text.Count - from];
        for (int i = 0; i < tokens.Length; i++) tokens[i] = text[from + i];
        var pass = new ForwardPass { Cache = cache };
        var hidden = model.Hidden(tensor(tokens, device: model.Device).unsqueeze(0), pass);   // [1, time, width]
        return [.. model.LogitsOf(hidden[0, -1], pass).cpu().data<float>()];
    }
}
