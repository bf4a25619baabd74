namespace LlmLab.Text.WordTokenization;

/// <summary>A word that the Penn Treebank writes as two: "can" + "not".</summary>
/// <param name="First">First part, lower case.</param>
/// <param name="Second">Second part.</param>
/// <param name="Before">What must stand before it, as a pattern.</param>
/// <param name="After">What must stand after it.</param>
sealed record TreebankContraction(string First, string Second, string Before, string After)
{
    /// <summary>A pattern with the parts as groups and <paramref name="between"/> between them.</summary>
    public string Pattern(string between) => $"{Before}({First}){between}({Second}){After}";
}

/// <summary>The contractions of MacIntyre's tokenizer, as NLTK 3.8 lists them.</summary>
static class TreebankContractions
{
    const string WordStart = $"(?<![{CharacterClasses.WordSet}])", WordEnd = $"(?![{CharacterClasses.WordSet}])";

    /// <summary>Those that begin a word.</summary>
    public static IReadOnlyList<TreebankContraction> Words { get; } =
    [
        new("can", "not", WordStart, WordEnd), new("d", "'ye", WordStart, WordEnd), new("gim", "me", WordStart, WordEnd), new("gon", "na", WordStart, WordEnd),
        new("got", "ta", WordStart, WordEnd), new("lem", "me", WordStart, WordEnd), new("more", "'n", WordStart, WordEnd), new("wan", "na", WordStart, $"(?=[{CharacterClasses.SpaceSet}])"),
    ];

    /// <summary>'tis and 'twas.</summary>
    public static IReadOnlyList<TreebankContraction> Apostrophes { get; } = [new("'t", "is", " ", WordEnd), new("'t", "was", " ", WordEnd)];

    /// <summary>All, in the order in which the tokenizer looks for them.</summary>
    public static IEnumerable<TreebankContraction> Pairs => Words.Concat(Apostrophes);
}
