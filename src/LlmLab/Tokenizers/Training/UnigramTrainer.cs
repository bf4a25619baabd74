using LlmLab.Data;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Training;

/// <summary>Options of <see cref="UnigramTrainer"/>. <see cref="TokenizerTrainingOptions.Coverage"/> is the share of characters (not words) that have a piece, as SentencePiece's <c>character_coverage</c>; the vocabulary size is always reached.</summary>
public sealed record UnigramTrainingOptions : TokenizerTrainingOptions
{
    /// <summary>The defaults.</summary>
    public UnigramTrainingOptions() { }

    /// <summary>What all kinds share, with the defaults of this kind.</summary>
    public UnigramTrainingOptions(TokenizerTrainingOptions shared) : base(shared) { }

    /// <summary>Longest piece in characters.</summary>
    public int LongestPiece { get; init; } = 16;

    /// <summary>Candidates that training starts from: frequent substrings of words.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>Share of the candidates that each round keeps.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Rounds of expectation and maximisation before each pruning.</summary>
    public int Iterations { get; init; } = 2;

    /// <summary>Whether a space is put before every text, as SentencePiece does by default. Off: what is encoded decodes unchanged.</summary>
    public bool AddDummyPrefix { get; init; }
}

/// <summary>
/// Trains a Unigram model (Kudo 2018, arXiv:1804.10959) as SentencePiece does: frequent substrings of words are candidates; the
/// probabilities come from expectation-maximisation over all segmentations; then the candidates whose loss would cost the
/// likelihood least are dropped, and so on until the vocabulary has its size. All single characters stay.
/// </summary>
/// <remarks>Sums run over a fixed number of parts in a fixed order, so the result does not depend on the number of threads. Of
/// equally good pieces those earlier in code-unit order stay.</remarks>
public static class UnigramTrainer
{
    /// <summary>Trains on the texts of a corpus.</summary>
    public static SentencePieceModelTokenizer Train(Corpus corpus, UnigramTrainingOptions? options = null) => Train(corpus.Documents.Select(d => d.Text), options);

    /// <summary>Trains on texts.</summary>
    /// <exception cref="InvalidInputException">The texts are empty, or allow fewer tokens than asked for: the message says how many.</exception>
    public static SentencePieceModelTokenizer Train(IEnumerable<string> texts, UnigramTrainingOptions? options = null)
    {
        options ??= new UnigramTrainingOptions();
        var (special, phrases) = options.Reserve(unknown: true);
        int reserved = special.Count + phrases.Count, wanted = options.VocabularySize - reserved;
        var counted = WordCounter.CountWords(texts.Select(t => Spaced(t, options.AddDummyPrefix)), new SpacedWordScanner(), phrases.Count == 0 ? null : new LiteralSplitter(phrases), options.Threads);
        if (counted.Count == 0) throw new InvalidInputException("The training text is empty: there is nothing to learn tokens from.");

        var words = new List<(string Text, long Count)>(counted.Count);
        counted.ForEach((word, count) => words.Add((word.ToString(), count)));
        words.Sort((x, y) => string.CompareOrdinal(x.Text, y.Text));
        var (candidates, required) = UnigramSeeds.Find(words, options);
        if (required.Count > wanted)
            throw new InvalidInputException($"The text's {required.Count} characters and the {reserved} reserved tokens need a vocabulary of {reserved + required.Count} tokens, but {options.VocabularySize} were asked for: ask for more, or give a Coverage below 1.");
        if (candidates.Count < wanted)
            throw new InvalidInputException($"The training text allows a vocabulary of at most {reserved + candidates.Count} tokens with substrings that occur at least {options.MinimumFrequency} times, but {options.VocabularySize} were asked for: give more text or a smaller vocabulary.");

        var learner = new UnigramLearner(words, options.Threads);
        int target = Math.Max(wanted, (int)(wanted * 1.1));
        var pieces = candidates;
        while (true)
        {
            for (int i = 0; i < options.Iterations; i++) pieces = learner.Maximize(pieces, required);
            Operation.Current.Report("pruning candidates", pieces.Count, null, "pieces");
            if (pieces.Count <= target) break;
            pieces = learner.Prune(pieces, required, Math.Max(target, (int)(pieces.Count * options.ShrinkingFactor)));
        }
        return Finish(pieces, required, candidates, special, phrases, wanted, options);
    }

    /// <summary>The best pieces, all single characters among them, in the order of their scores after the reserved tokens.</summary>
    static SentencePieceModelTokenizer Finish(List<(string Text, double Score)> pieces, HashSet<string> required, List<(string Text, double Score)> candidates,
        Dictionary<string, int> special, Dictionary<string, int> phrases, int wanted, UnigramTrainingOptions options)
    {
        var byScore = pieces.OrderByDescending(p => p.Score).ThenBy(p => p.Text, StringComparer.Ordinal).ToList();
        var kept = byScore.Where(p => required.Contains(p.Text)).Concat(byScore.Where(p => !required.Contains(p.Text))).Take(wanted).ToList();
        // Expectation-maximisation may have dropped more than was asked: the most frequent candidates fill the rest, at the lowest score.
        double lowest = kept.Min(p => p.Score);
        var present = kept.Select(p => p.Text).ToHashSet();
        kept.AddRange(candidates.Where(c => !present.Contains(c.Text)).Take(wanted - kept.Count).Select((c, i) => (c.Text, lowest - 1e-4 * (i + 1))));
        var model = new List<Piece>();
        foreach (var (name, _) in special.OrderBy(s => s.Value)) model.Add(new Piece(name, 0, name == TokenizerTrainingOptions.UnknownToken ? PieceType.Unknown : PieceType.Control));
        foreach (var (phrase, _) in phrases.OrderBy(p => p.Value)) model.Add(new Piece(phrase, 0, PieceType.Unused));
        model.AddRange(kept.OrderByDescending(p => p.Score).ThenBy(p => p.Text, StringComparer.Ordinal).Select(p => new Piece(p.Text, (float)p.Score)));
        return new SentencePieceModelTokenizer(new SentencePieceModel(model, SentencePieceAlgorithm.Unigram, SentencePieceNormalization.None with { AddDummyPrefix = options.AddDummyPrefix }) { Phrases = phrases });
    }

    static string Spaced(string text, bool addDummyPrefix)
    {
        string spaced = text.Replace(' ', SentencePieceNormalization.Space);
        return addDummyPrefix ? SentencePieceNormalization.Space + spaced : spaced;
    }

    /// <summary>
    /// The bounds that no piece crosses while training: a space begins a word, and letters, digits, other signs and single white-space
    /// characters are apart (SentencePiece's <c>split_by_whitespace</c>, <c>split_by_number</c> and, without telling scripts apart,
    /// <c>split_by_unicode_script</c>).
    /// </summary>
    sealed class SpacedWordScanner : PieceScanner
    {
        const CharacterClass Word = CharacterClass.Letter | CharacterClass.Head | CharacterClass.Tail;

        public override string Pattern => "\u2581?(?:[\\p{L}\\p{M}]+|\\p{N}+|[^\\p{L}\\p{M}\\p{N}\\s\u2581]+)|\\s|\u2581";

        public override bool SplitsBeforeSpace => false;

        public override int Next(ReadOnlySpan<char> text, int start)
        {
            int index = text[start] == SentencePieceNormalization.Space ? start + 1 : start;
            if (index == text.Length) return index;
            var found = CharacterClasses.At(text, index, out _);
            if ((found & CharacterClass.Space) != 0) return index == start ? start + 1 : index;
            if ((found & Word) != 0) return CharacterClasses.SkipWhile(text, index, Word);
            if ((found & CharacterClass.Number) != 0) return CharacterClasses.SkipWhile(text, index, CharacterClass.Number);
            int end = CharacterClasses.SkipUntil(text, index, Word | CharacterClass.Number | CharacterClass.Space);
            int space = text[index..end].IndexOf(SentencePieceNormalization.Space);
            return space < 0 ? end : index + space;
        }
    }
}
