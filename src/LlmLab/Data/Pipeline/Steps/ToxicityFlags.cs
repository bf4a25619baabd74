namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="ToxicityFlags"/>.</summary>
public sealed record ToxicityFlagsOptions
{
    /// <summary>Files of words and phrases, one a line ("data get" has lists such as LDNOOBW). Without any, a short mild list is used.</summary>
    public IReadOnlyList<string> WordLists { get; init; } = [];
    /// <summary>Words and phrases of one's own.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
    /// <summary>Hits a 1,000 words from which a document is flagged; at least two hits, or one that is aimed at someone ("you idiot").</summary>
    public double FlagPerThousand { get; init; } = 2;
    /// <summary>True to drop what would be flagged.</summary>
    public bool Drop { get; init; }
}

/// <summary>
/// Flags documents that insult or threaten, by word lists. Lists know words, not meaning: they miss polite cruelty and hit quotations,
/// so this step flags for a person to look at, and drops only if asked to.
/// </summary>
public sealed class ToxicityFlags : DocumentStep
{
    static readonly string[] mild = ["idiot", "idiots", "cretin", "cretins", "buffoon", "buffoons", "blockhead", "blockheads", "numbskull", "numskull", "nitwit", "nitwits", "dimwit", "dimwits", "halfwit", "halfwits", "dunce", "dunces", "simpleton", "simpletons", "bonehead", "dolt", "dolts", "twit", "imbecilic", "oaf", "dullard", "nincompoop", "ignoramus", "scumbag", "lowlife", "dirtbag", "sleazebag", "creep", "weasel", "parasite", "parasites", "vermin", "idiotic", "moron", "morons", "stupid", "imbecile", "imbeciles", "dumbass", "jerk", "jerks", "loser", "losers", "scum", "bastard", "bastards", "asshole", "assholes", "bullshit", "crap", "shit", "damn you", "go to hell", "shut up", "shut your mouth", "piece of garbage", "worthless", "pathetic", "i hate you", "hate you all", "kill you", "i will hurt you", "you will regret", "you'll regret", "watch your back", "i hope you die", "drop dead", "brain-dead", "braindead", "incompetent fool", "fool", "fools", "clown", "clowns", "disgusting", "lazy pig", "screw you", "fuck", "fucking", "bitch"];
    static readonly string[] aims = ["you", "you're", "your", "he's", "she's", "they're", "such", "these", "those", "total", "complete", "bunch", "absolute", "utterly"];
    readonly ToxicityFlagsOptions options;
    // By the first word: whether it stands in the lists alone, and the phrases that it begins.
    readonly WordTable<Entry> words;

    sealed record Entry(bool Alone, string[] Phrases);

    /// <summary>A step with its word lists read.</summary>
    /// <exception cref="InvalidInputException">A list is missing.</exception>
    public ToxicityFlags(ToxicityFlagsOptions? options = null)
    {
        this.options = options ??= new ToxicityFlagsOptions();
        var all = new List<string>(options.Words);
        foreach (string file in options.WordLists)
            all.AddRange(File.Exists(file) ? File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#') : throw new InvalidInputException($"{file} does not exist: name a file with a word or phrase a line."));
        if (all.Count == 0) all.AddRange(mild);
        words = new WordTable<Entry>(all.GroupBy(w => w.Split(' ')[0], StringComparer.OrdinalIgnoreCase)
            .Select(g => KeyValuePair.Create(g.Key, new Entry(g.Any(w => !w.Contains(' ')), [.. g.Where(w => w.Contains(' '))]))));
    }

    /// <inheritdoc/>
    public override string Name => "toxicity";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Toxic];

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        string text = document.Text;
        List<Finding>? findings = null;
        int count = 0, aimed = 0, previous = -1, previousEnd = -1;
        for (var scan = new WordScan(text); scan.MoveNext(); (previous, previousEnd) = (scan.Start, scan.Start + scan.Current.Length))
        {
            count++;
            var word = scan.Current;
            if (!words.TryGetValue(word, out var entry)) continue;
            int length = entry.Alone ? word.Length : PhraseLength(text, scan.Start, entry.Phrases);
            if (length == 0) continue;
            (findings ??= []).Add(new Finding("insult", scan.Start, length));
            if (length > word.Length || previous >= 0 && Aims(text.AsSpan(previous, previousEnd - previous)) || Aims(Next(text, scan.Start + length))) aimed++;
        }
        if (findings is null || aimed == 0 && (findings.Count < 2 || findings.Count * 1000.0 < options.FlagPerThousand * count) || aimed > 0 && count > 2_000 && findings.Count * 1000.0 < options.FlagPerThousand * count) return StepOutcome.Keep(document);
        string reason = $"insults or threats ({findings.Count})";
        return options.Drop ? StepOutcome.Drop(document, reason) with { Findings = findings } : StepOutcome.Flag(document, reason, findings);
    }

    static bool Aims(ReadOnlySpan<char> word)
    {
        foreach (string aim in aims)
            if (word.Equals(aim, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    static ReadOnlySpan<char> Next(string text, int at)
    {
        var scan = new WordScan(text.AsSpan(at, Math.Min(24, text.Length - at)));
        return scan.MoveNext() ? scan.Current : default;
    }

    static int PhraseLength(string text, int start, string[] phrases)
    {
        foreach (string phrase in phrases)
        {
            int end = start + phrase.Length;
            if (end <= text.Length && text.AsSpan(start, phrase.Length).Equals(phrase, StringComparison.OrdinalIgnoreCase) && (end == text.Length || !char.IsLetterOrDigit(text[end]))) return phrase.Length;
        }
        return 0;
    }
}
