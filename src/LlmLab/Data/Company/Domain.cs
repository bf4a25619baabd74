namespace LlmLab.Data.Company;

/// <summary>
/// What a project is about: its vocabulary, read from <c>data/company/domains.txt</c>. A line without indent names a domain; the
/// indented lines are lists of phrases, <c>things: door seal; data logger; …</c>.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Phrases">The phrases of each list that the grammar names with %, by the list's index.</param>
sealed record Domain(string Name, string[][] Phrases)
{
    public static Domain[] Parse(string text, Grammar grammar)
    {
        var domains = new List<Domain>();
        foreach (var line in text.Split('\n'))
        {
            if (string.IsNullOrWhiteSpace(line) || line[0] == '#')
                continue;
            if (line[0] != ' ')
            {
                domains.Add(new Domain(line.Trim(), new string[grammar.Lists.Count][]));
                continue;
            }
            var parts = line.Split(':', 2);
            if (parts.Length == 2 && grammar.Lists.TryGetValue(parts[0].Trim(), out var index))
                domains[^1].Phrases[index] = parts[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
        foreach (var domain in domains)
            foreach (var (list, index) in grammar.Lists)
                if (domain.Phrases[index] is not { Length: > 0 })
                    throw new InvalidInputException($"data/company/domains.txt: the domain \"{domain.Name}\" has no list \"{list}\".");
        return [.. domains];
    }
}
