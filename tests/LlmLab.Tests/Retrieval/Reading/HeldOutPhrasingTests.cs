using LlmLab.Data.Company;

namespace LlmLab.Tests.Retrieval.Reading;

/// <summary>A phrasing that is kept for tests must not be met in training, not even nearly.</summary>
public sealed class HeldOutPhrasingTests
{
    static readonly string[] kinds = [.. CompanyLanguage.Shipped.Kinds.Select(kind => kind.Name)];

    [Fact]
    public void HeldOutPhrasings_AgainstAllTrainingPhrasings_AreNeverTheSame()
    {
        var trained = kinds.SelectMany(kind => Phrasings(kind + ".ask")).Select(words => string.Join(' ', words)).ToHashSet();
        Assert.True(trained.Count > 500);
        Assert.All(kinds.SelectMany(kind => Phrasings(kind + ".held")), held => Assert.DoesNotContain(string.Join(' ', held), trained));
    }

    [Fact]
    public void HeldOutPhrasings_AgainstTheirKindsTrainingPhrasings_ShareNoRunOfMoreThanThreeFifths()
    {
        foreach (string kind in kinds)
        {
            var trained = Phrasings(kind + ".ask").ToArray();
            foreach (string[] held in Phrasings(kind + ".held"))
                Assert.True(trained.Max(ask => LongestSharedRun(held, ask)) <= 0.6 * held.Length, $"{kind}: \"{string.Join(' ', held)}\" stands nearly so among training phrasings.");
        }
    }

    // All that a rule can say, slots as their names, as lower-case words.
    static IEnumerable<string[]> Phrasings(string rule)
    {
        var grammar = CompanyLanguage.Shipped.Grammar;
        return grammar.Alternatives[grammar.Rule(rule)].SelectMany(Expand).Select(text => text.ToLowerInvariant().Split([' ', ',', '?', '.', ':'], StringSplitOptions.RemoveEmptyEntries));

        IEnumerable<string> Expand(GrammarNode node) => node.Kind switch
        {
            GrammarNodeKind.Text => [node.Text],
            GrammarNodeKind.Slot => ["$" + grammar.SlotNames.First(name => grammar.Slot(name) == node.Index)],
            GrammarNodeKind.Choice => node.Choices.SelectMany(choice => choice.Aggregate((IEnumerable<string>)[""], (texts, part) => texts.SelectMany(text => Expand(part).Select(more => text + more)))),
            _ => ["…"],
        };
    }

    static int LongestSharedRun(string[] a, string[] b)
    {
        int longest = 0;
        for (int i = 0; i < a.Length; i++)
            for (int j = 0; j < b.Length; j++)
            {
                int run = 0;
                while (i + run < a.Length && j + run < b.Length && a[i + run] == b[j + run]) run++;
                longest = Math.Max(longest, run);
            }
        return longest;
    }
}
