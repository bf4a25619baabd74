namespace LlmLab.Data.Company;

/// <summary>
/// The example company: internal documents of a firm that does not exist, generated from a knowledge graph, at any size. The same seed
/// gives the same text on every machine and with any number of threads; a larger size only adds to a smaller one.
/// </summary>
public static class CompanyGenerator
{
    // About what a project comes to; it only decides how far work runs ahead.
    const int TypicalBytes = 45_000;

    /// <summary>The name of the firm.</summary>
    public const string CompanyName = "Tarnwick";

    /// <summary>
    /// Generates whole projects in order until their texts hold at least <paramref name="bytes"/> bytes. It streams: memory does not
    /// grow with the size.
    /// </summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="bytes">UTF-8 bytes of text wanted; the last project may go beyond by some ten kilobytes.</param>
    public static IEnumerable<CompanyPart> Generate(ulong seed, long bytes)
    {
        if (bytes <= 0)
            throw new InvalidInputException($"The example company was asked for {bytes} bytes of text: at least 1 is needed (--bytes).");
        return Stream(seed, bytes);
    }

    /// <summary>One project of the company of a seed.</summary>
    public static CompanyPart GeneratePart(ulong seed, int number)
    {
        var language = CompanyLanguage.Shipped;
        var project = new Project(language, seed, number);
        var speaker = new Speaker(language.Grammar, project.Domain, seed, (ulong)number);
        return new PartAssembler(project, speaker).Assemble();
    }

    static IEnumerable<CompanyPart> Stream(ulong seed, long bytes)
    {
        long made = 0;
        var number = 0;
        // A window of projects in work, taken in order: what comes out does not depend on who finishes first.
        var window = new Queue<Task<CompanyPart>>();
        while (made < bytes)
        {
            var wanted = Math.Min(3 * Environment.ProcessorCount, (bytes - made) / TypicalBytes + 1);
            while (window.Count < wanted)
            {
                var next = number++;
                window.Enqueue(Task.Run(() => GeneratePart(seed, next)));
            }
            var part = window.Dequeue().GetAwaiter().GetResult();
            yield return part;
            made += part.Bytes;
            Operation.Current.Report("example company", Math.Min(made, bytes), bytes, "bytes");
        }
    }
}
