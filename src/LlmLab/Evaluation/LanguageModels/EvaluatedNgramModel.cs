using System.Globalization;
using LlmLab.Evaluation.Harness;
using LlmLab.Tokenizers;

namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// An n-gram model over the tokens of a tokenizer, under evaluation: the baseline that a neural model with the same tokenizer has to beat, with
/// figures that can be compared token by token. A small share of each probability is spread evenly over the vocabulary, so that no text is
/// impossible.
/// </summary>
public sealed class EvaluatedNgramModel : IEvaluatedModel
{
    const string Start = "<s>";

    readonly NgramModel model;
    readonly VocabularyTokenizer tokenizer;
    readonly double even;
    readonly (int Id, string Word)[] ordinary; // the tokens that text is made of

    /// <summary>Puts an n-gram model under evaluation.</summary>
    /// <param name="model">Counted over <see cref="Words"/> of texts.</param>
    /// <param name="tokenizer">What cuts texts into tokens.</param>
    /// <param name="name">What tables call it.</param>
    /// <param name="even">The share that is spread evenly, above 0 and below 1.</param>
    /// <exception cref="InvalidInputException">The share is not between 0 and 1.</exception>
    public EvaluatedNgramModel(NgramModel model, VocabularyTokenizer tokenizer, string name, double even = 1e-3)
    {
        if (even is not (> 0 and < 1)) throw new InvalidInputException($"The evenly spread share of an n-gram model is {even}; it must be above 0 and below 1.");
        (this.model, this.tokenizer, this.even, Name) = (model, tokenizer, even, name);
        ordinary = [.. Enumerable.Range(0, tokenizer.VocabularySize).Except(tokenizer.SpecialTokens.Values).Select(id => (id, id.ToString(CultureInfo.InvariantCulture)))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Counts texts with Kneser–Ney smoothing.</summary>
    /// <param name="order">Tokens of the longest n-gram, at least 2.</param>
    /// <param name="texts">What to learn from.</param>
    /// <param name="tokenizer">What cuts texts into tokens.</param>
    /// <exception cref="InvalidInputException">The order is below 2 or there are no texts.</exception>
    public static EvaluatedNgramModel Train(int order, IEnumerable<string> texts, VocabularyTokenizer tokenizer)
    {
        if (order < 2) throw new InvalidInputException($"A Kneser–Ney model of order {order} was asked for; it is defined from order 2 on.");
        return new(new KneserNeyModel(order, texts.Select(text => Words(tokenizer, text)), discount: 0.75), tokenizer, $"{order}-gram");
    }

    /// <summary>The tokens of a text as the words of an n-gram model.</summary>
    public static IReadOnlyList<string> Words(VocabularyTokenizer tokenizer, string text) =>
        [.. tokenizer.Encode(text).Select(id => id.ToString(CultureInfo.InvariantCulture))];

    /// <inheritdoc/>
    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests) =>
        Score([.. requests.Select(request => (Words(tokenizer, request.Context), Words(tokenizer, request.Continuation)))], asksGreedy: true);

    /// <inheritdoc/>
    /// <remarks>Whether each token of a whole text was the likeliest is not looked for: <see cref="LogLikelihood.IsGreedy"/> is false.</remarks>
    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts) =>
        Score([.. texts.Select(text => ((IReadOnlyList<string>)[], Words(tokenizer, text)))], asksGreedy: false);

    /// <inheritdoc/>
    /// <remarks>The likeliest token each time.</remarks>
    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests)
    {
        var answers = new string[requests.Count];
        Parallel.For(0, answers.Length, new ParallelOptions { CancellationToken = Operation.Current.CancellationToken }, i => answers[i] = Generate(requests[i]));
        return answers;
    }

    string Generate(GenerationRequest request)
    {
        var words = Framed(Words(tokenizer, request.Prompt));
        var written = new List<int>();
        while (written.Count < request.MaxTokens)
        {
            var best = Likeliest(Context(words, words.Count));
            written.Add(ordinary[best].Id);
            words.Add(ordinary[best].Word);
            var text = tokenizer.Decode(written);
            var stop = request.Stops.Select(one => text.IndexOf(one, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
            if (stop >= 0) return text[..stop];
        }
        return tokenizer.Decode(written);
    }

    LogLikelihood[] Score((IReadOnlyList<string> Context, IReadOnlyList<string> Continuation)[] requests, bool asksGreedy)
    {
        var scores = new LogLikelihood[requests.Length];
        Parallel.For(0, scores.Length, new ParallelOptions { CancellationToken = Operation.Current.CancellationToken }, i =>
        {
            var (context, continuation) = requests[i];
            var words = Framed([.. context, .. continuation]);
            var (nats, greedy) = (0.0, asksGreedy);
            for (var at = words.Count - continuation.Count; at < words.Count; at++)
            {
                var before = Context(words, at);
                var probability = model.Probability(words[at], before);
                nats += Math.Log((1 - even) * probability + even / tokenizer.VocabularySize);
                greedy = greedy && (probability > 0.5 || ordinary[Likeliest(before)].Word == words[at]);
            }
            scores[i] = new(nats, continuation.Count, greedy);
        });
        return scores;
    }

    int Likeliest(List<string> context)
    {
        var (best, highest) = (0, double.NegativeInfinity);
        for (var i = 0; i < ordinary.Length; i++)
            if (model.Probability(ordinary[i].Word, context) is var probability && probability > highest) (best, highest) = (i, probability);
        return best;
    }

    List<string> Framed(IReadOnlyList<string> words) => [.. Enumerable.Repeat(Start, model.Order - 1), .. words];

    List<string> Context(List<string> words, int end) => words.GetRange(end - model.Order + 1, model.Order - 1);
}
