using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmLab.Data;

namespace LlmLab.Evaluation.Fluency;

/// <summary>Two sentences that differ in one point of grammar.</summary>
/// <param name="Phenomenon">The point, such as "subject-verb-agreement".</param>
/// <param name="Good">The acceptable sentence.</param>
/// <param name="Bad">The other.</param>
public sealed record MinimalPair(string Phenomenon, string Good, string Bad);

/// <summary>
/// Grammatical acceptability by minimal pairs, as BLiMP tests it (A. Warstadt et al., "BLiMP: the benchmark of linguistic minimal pairs for
/// English", TACL 2020). The sentences are our own, generated from the templates and the lexicon in <c>data/fluency</c>; the phenomena are
/// fewer and the vocabulary is that of an office, so figures are not comparable with BLiMP's.
/// </summary>
public static class MinimalPairs
{
    const string Folder = "fluency/";

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The seed of the shipped pairs.</summary>
    public const int ShippedSeed = 1;

    /// <summary>Pairs of each phenomenon in the shipped set.</summary>
    public const int ShippedCount = 50;

    /// <summary>What each phenomenon tests, by its name, in the order of the file.</summary>
    public static IReadOnlyList<(string Phenomenon, string Description)> Phenomena { get; } =
        [.. Sections(Templates()).Select(section => (section.Name, section.Description))];

    /// <summary>The pairs that are shipped: those of <see cref="Generate"/> with <see cref="ShippedSeed"/> and <see cref="ShippedCount"/>.</summary>
    public static IReadOnlyList<MinimalPair> Shipped() => Parse(Folder + "minimal-pairs.jsonl", ShippedData.ReadText(Folder + "minimal-pairs.jsonl"));

    /// <summary>Makes pairs from the shipped templates; the same seed gives the same pairs, and no pair comes twice.</summary>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="count">Pairs of each phenomenon, at least 1.</param>
    /// <exception cref="InvalidInputException">The count is below 1, or larger than the templates allow.</exception>
    public static IReadOnlyList<MinimalPair> Generate(int seed, int count) => Make(Templates(), "data/fluency/lexicon.txt", ShippedData.ReadText(Folder + "lexicon.txt"), seed, count);

    /// <summary>Makes pairs from templates and a lexicon of one's own; both files explain their notation in their first lines.</summary>
    /// <param name="templateFile">File of templates.</param>
    /// <param name="lexiconFile">File of words.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="count">Pairs of each phenomenon, at least 1.</param>
    /// <exception cref="InvalidInputException">A file is not as expected, or the templates do not allow so many pairs.</exception>
    public static IReadOnlyList<MinimalPair> GenerateFrom(string templateFile, string lexiconFile, int seed, int count) =>
        Make((templateFile, File.ReadAllText(templateFile)), lexiconFile, File.ReadAllText(lexiconFile), seed, count);

    /// <summary>Reads pairs from a file of JSON lines with <c>phenomenon</c>, <c>good</c> and <c>bad</c>.</summary>
    /// <exception cref="InvalidInputException">A line is not such a pair, or its sentences are equal.</exception>
    public static IReadOnlyList<MinimalPair> Read(string path) => Parse(path, File.ReadAllText(path));

    /// <summary>Writes pairs as <see cref="Read"/> reads them.</summary>
    public static void Write(string path, IEnumerable<MinimalPair> pairs) => AtomicFile.WriteText(path, ToText(pairs));

    internal static string ToText(IEnumerable<MinimalPair> pairs) => string.Concat(pairs.Select(pair => JsonSerializer.Serialize(pair, json) + "\n"));

    internal static IReadOnlyList<MinimalPair> Make((string File, string Text) templates, string lexiconFile, string lexiconText, int seed, int count)
    {
        if (count < 1) throw new InvalidInputException($"Minimal pairs were asked for, {count} of each phenomenon; ask for at least one.");
        var lexicon = new PairLexicon(lexiconFile, lexiconText);
        var pairs = new List<MinimalPair>();
        foreach (var section in Sections(templates))
        {
            PairTemplate[] parsed = [.. section.Templates.Select(template => new PairTemplate(template.Place, template.Line.Trim(), lexicon))];
            if (parsed.Length == 0) throw new InvalidInputException($"{templates.File}: the phenomenon \"{section.Name}\" has no templates.");
            var random = new Random(seed); // each phenomenon its own, so that one more template leaves the others as they are
            var seen = new HashSet<(string, string)>();
            for (var attempt = 0; seen.Count < count; attempt++)
            {
                if (attempt > 100 * count) throw new InvalidInputException($"The templates of \"{section.Name}\" make fewer than {count} different pairs; ask for fewer, or add words.");
                var (good, bad) = parsed[attempt % parsed.Length].Expand(random);
                if (good != bad && seen.Add((good, bad))) pairs.Add(new(section.Name, good, bad));
            }
        }
        return pairs;
    }

    static (string File, string Text) Templates() => ("data/fluency/pairs.txt", ShippedData.ReadText(Folder + "pairs.txt"));

    static List<(string Name, string Description, List<(string Place, string Line)> Templates)> Sections((string File, string Text) templates)
    {
        var sections = new List<(string Name, string Description, List<(string Place, string Line)> Templates)>();
        foreach (var (place, line) in PairLexicon.Lines(templates.File, templates.Text))
            if (line[0] == ' ' && sections.Count == 0) throw new InvalidInputException($"{place}: a template stands before the first phenomenon.");
            else if (line[0] == ' ') sections[^1].Templates.Add((place, line));
            else if (line.IndexOf(':') is > 0 and var colon) sections.Add((line[..colon], line[(colon + 1)..].Trim(), []));
            else throw new InvalidInputException($"{place}: expected \"phenomenon: what is tested\", found \"{line}\".");
        return sections;
    }

    static List<MinimalPair> Parse(string file, string text)
    {
        var pairs = new List<MinimalPair>();
        foreach (var (place, line) in PairLexicon.Lines(file, text))
        {
            MinimalPair? pair;
            try
            {
                pair = JsonSerializer.Deserialize<MinimalPair>(line, json);
            }
            catch (JsonException)
            {
                pair = null;
            }
            if (pair is not { Phenomenon.Length: > 0, Good.Length: > 0, Bad.Length: > 0 }) throw new InvalidInputException($"{place}: expected {{\"phenomenon\", \"good\", \"bad\"}} with three texts.");
            if (pair.Good == pair.Bad) throw new InvalidInputException($"{place}: both sentences are \"{pair.Good}\"; a minimal pair differs.");
            pairs.Add(pair);
        }
        return pairs.Count > 0 ? pairs : throw new InvalidInputException($"{file} has no minimal pairs.");
    }
}
