namespace LlmLab.Data.Company;

/// <summary>The example company's documents as a corpus: the text that the guide uses where no other is given.</summary>
public static class CompanyCorpus
{
    /// <summary>The documents of the company of a seed; read lazily, and the same each time.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="bytes">UTF-8 bytes of text, at least.</param>
    /// <param name="split">Only the documents of one part of the data, for instance those that may be trained on; null means all.</param>
    public static Corpus Generate(ulong seed, long bytes, CompanySplit? split = null) => new(
        $"company-{seed}",
        $"the example company, seed {seed}: synthetic, no real person or firm; MIT",
        () => CompanyGenerator.Generate(seed, bytes).Where(part => split is null || part.Split == split).SelectMany(part => part.Documents));

    /// <summary>The faults that are planted in those documents, for measuring cleaning steps.</summary>
    public static IEnumerable<KnownFault> Faults(ulong seed, long bytes) => CompanyGenerator.Generate(seed, bytes).SelectMany(part => part.Faults);

    /// <summary>Questions about those documents.</summary>
    /// <param name="seed">The company's seed.</param>
    /// <param name="bytes">The company's size.</param>
    /// <param name="split">Only those of one part of the data; null means all.</param>
    public static IEnumerable<CompanyQuestion> Questions(ulong seed, long bytes, CompanySplit? split = null) =>
        CompanyGenerator.Generate(seed, bytes).Where(part => split is null || part.Split == split).SelectMany(part => part.Questions);
}
