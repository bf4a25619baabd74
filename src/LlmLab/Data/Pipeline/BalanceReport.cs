using LlmLab.Charts;

namespace LlmLab.Data.Pipeline;

/// <summary>How documents and their text are spread over one property.</summary>
/// <param name="Property">The property: "kind", "language", "topic" …</param>
/// <param name="Counts">Documents and bytes for each value, the largest first; "(none)" where a document has none.</param>
public sealed record Distribution(string Property, IReadOnlyList<(string Value, long Documents, long Bytes)> Counts)
{
    /// <summary>Entropy of the shares of documents divided by its maximum: 1 is even, 0 is all in one value. NaN for fewer than two values.</summary>
    public double Evenness
    {
        get
        {
            double all = Counts.Sum(c => c.Documents);
            return Counts.Count < 2 ? double.NaN : -Counts.Sum(c => c.Documents / all * Math.Log(c.Documents / all)) / Math.Log(Counts.Count);
        }
    }

    /// <summary>Bars of documents a value, the 20 largest.</summary>
    public Chart Chart()
    {
        var top = Counts.Take(20).ToArray();
        return new Chart($"Documents by {Property}")
        {
            Categories = [.. top.Select(c => c.Value)],
            YLabel = "documents",
            Series = [new Series("", [.. Enumerable.Range(0, top.Length).Select(i => (double)i)], [.. top.Select(c => (double)c.Documents)]) { Mark = Mark.Bars }],
        };
    }
}

/// <summary>
/// What a data set is made of, seen before anything is trained on it: topics, styles, kinds, phases, languages, licences,
/// sensitivity, and mentions of groups of people, with warnings. (Data cards: Pushkarna et al. 2022; datasheets: Gebru et al. 2018.)
/// </summary>
public sealed record BalanceReport(IReadOnlyList<Distribution> Distributions, IReadOnlyList<(string Group, long Mentions, long Documents)> Groups, long Words, IReadOnlyList<string> Warnings)
{
    /// <summary>The distribution over a property.</summary>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    public Distribution this[string property] => Distributions.FirstOrDefault(d => d.Property == property)
        ?? throw new InvalidInputException($"There is no distribution over \"{property}\"; there are: {string.Join(", ", Distributions.Select(d => d.Property))}.");

    /// <summary>Bars of mentions of groups of people, a million words.</summary>
    public Chart GroupsChart() => new("Mentions of groups of people")
    {
        Categories = [.. Groups.Select(g => g.Group)],
        YLabel = "mentions a million words",
        Series = [new Series("", [.. Enumerable.Range(0, Groups.Count).Select(i => (double)i)], [.. Groups.Select(g => g.Mentions * 1e6 / Math.Max(1, Words))]) { Mark = Mark.Bars }],
    };
}

/// <summary>Sums traits over a data set.</summary>
sealed class BalanceTally
{
    static readonly string[] properties = ["kind", "project", "phase", "language", "licence", "sensitivity", "topic", "style", "length", "year"];
    readonly Dictionary<string, (long Documents, long Bytes)>[] counts = [.. properties.Select(_ => new Dictionary<string, (long, long)>(StringComparer.Ordinal))];
    readonly long[] mentions = new long[BalanceLexicon.Groups.Length], documents = new long[BalanceLexicon.Groups.Length];
    long words, total;

    public void Add(Document document, DocumentTraits traits, int bytes)
    {
        var m = document.Metadata;
        total++;
        words += traits.Words;
        string?[] values =
        [
            m.Kind.ToString(), m.Project, m.Phase, m.Language, m.Licence, m.Sensitivity.ToString(), traits.Topic >= 0 ? BalanceLexicon.Topics[traits.Topic] : null, BalanceLexicon.Styles[traits.Style],
            traits.Words switch { < 50 => "under 50 words", < 200 => "50 to 199 words", < 1_000 => "200 to 999 words", < 5_000 => "1,000 to 4,999 words", _ => "5,000 words and more" },
            m.Date?.Year.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ];
        for (int i = 0; i < values.Length; i++)
        {
            string value = string.IsNullOrWhiteSpace(values[i]) ? "(none)" : values[i]!;
            // A property with thousands of values is no distribution to look at.
            if (counts[i].Count >= 1_000 && !counts[i].ContainsKey(value)) value = "(other)";
            var old = counts[i].GetValueOrDefault(value);
            counts[i][value] = (old.Documents + 1, old.Bytes + bytes);
        }
        foreach (var (group, count) in traits.Groups)
        {
            mentions[group] += count;
            documents[group]++;
        }
    }

    public BalanceReport Report()
    {
        Distribution[] distributions = [.. properties.Select((p, i) => new Distribution(p, [.. counts[i].OrderByDescending(c => c.Value.Documents).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value.Documents, c.Value.Bytes))]))];
        return new BalanceReport(distributions, [.. BalanceLexicon.Groups.Select((g, i) => (g, mentions[i], documents[i]))], words, Warnings(distributions));
    }

    List<string> Warnings(Distribution[] distributions)
    {
        var warnings = new List<string>();
        if (total == 0) return ["Nothing is left: every document was dropped."];
        if (words < 1_000_000) warnings.Add($"The data set has {words:N0} words: enough to fine-tune or to try things, far too little to train a model from nothing (a model of 10 million parameters wants about 200 million tokens, Hoffmann et al. 2022).");
        foreach (var distribution in distributions.Where(d => d.Property is "kind" or "topic" or "style" or "language" or "phase"))
        {
            if (distribution.Counts.Count == 0) continue;
            var (value, count, _) = distribution.Counts[0];
            double share = count / (double)total;
            if (value == "(none)" && share > 0.5) warnings.Add($"{share:P0} of the documents have no {distribution.Property}.");
            else if (share > 0.8 && total >= 20 && distribution.Property != "language") warnings.Add($"{share:P0} of the documents have one {distribution.Property}, \"{value}\": a model trained on them will know little else.");
        }
        long women = mentions[0], men = mentions[1];
        if (women + men >= 100 && Math.Max(women, men) > 3 * Math.Max(1, Math.Min(women, men)))
            warnings.Add($"{(men > women ? "Men" : "Women")} are mentioned {Math.Max(women, men) / (double)Math.Max(1, Math.Min(women, men)):0.0} times as often as {(men > women ? "women" : "men")}: evaluate the model for gender bias.");
        string[] absent = [.. BalanceLexicon.Groups.Where((_, i) => i >= 3 && mentions[i] == 0)];
        if (words > 100_000 && absent.Length > 0) warnings.Add($"Never mentioned: {string.Join(", ", absent)}.");
        return warnings;
    }
}
