namespace LlmLab.Tokenizers.Scanning;

/// <summary>The pre-tokenization expressions of published vocabularies, with their hand-written scanners.</summary>
public static class PreTokenization
{
    /// <summary>GPT-2's, also of r50k and p50k (Radford et al. 2019, <c>encoder.py</c>).</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>tiktoken's present way to write <see cref="Gpt2"/>: the same pieces.</summary>
    public const string R50k = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s";

    /// <summary>cl100k's, GPT-4's, as tiktoken has it now: white space at the very end is one piece.</summary>
    public const string Cl100k = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s";

    /// <summary>cl100k's without possessive quantifiers and <c>$</c>: the same pieces as <see cref="Cl100k"/>, for engines that lack the first or read the second as any line's end.</summary>
    public const string Cl100kPlain = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+(?![\s\S])|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>cl100k's as it was first published, also Llama 3's: line ends at the text's end are cut from the spaces after them.</summary>
    public const string Cl100kFirst = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen 2's: <see cref="Cl100kFirst"/> with every digit a piece of its own.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>o200k's, GPT-4o's: words are cut where upper case follows lower case.</summary>
    public const string O200k = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Every character (code point) is a piece.</summary>
    public const string Character = @"[\s\S]";

    /// <summary>Words with the space before them, numbers, runs of symbols, runs of white space; marks stay with their letters.</summary>
    public const string Word = @" ?[\p{L}\p{M}]+(?:['\u2019-][\p{L}\p{M}]+)*| ?\p{N}+(?:[.,]\p{N}+)*| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s+";

    internal static PieceScanner? WellKnown(string pattern) => pattern switch
    {
        Gpt2 or R50k => new Gpt2Scanner(pattern),
        Cl100k or Cl100kPlain => new Cl100kScanner(pattern, maximumDigits: 3, wholeTrailingSpace: true),
        Cl100kFirst => new Cl100kScanner(pattern, maximumDigits: 3, wholeTrailingSpace: false),
        Qwen2 => new Cl100kScanner(pattern, maximumDigits: 1, wholeTrailingSpace: false),
        O200k => new O200kScanner(),
        Character => new CharacterScanner(),
        Word => new WordScanner(),
        _ => null,
    };
}
