using System.Security.Cryptography;
using System.Text;
using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Tests.Data.Company;

public sealed class CompanyGeneratorTests
{
    static readonly Lazy<CompanyPart[]> small = new(() => [.. CompanyGenerator.Generate(1, 1_000_000)]);

    static string Hash(IEnumerable<Document> documents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in documents)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(document.Id));
            hash.AppendData(Encoding.UTF8.GetBytes(document.Text));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [Fact]
    public void Generate_SameSeed_GivesTheSameTextInAnyOrderOfWork()
    {
        var streamed = Hash(small.Value.SelectMany(part => part.Documents));
        // Backwards and alone: no part may depend on another's having been made before.
        var alone = Enumerable.Range(0, small.Value.Length).Reverse().Select(number => CompanyGenerator.GeneratePart(1, number)).Reverse();
        Assert.Equal(streamed, Hash(alone.SelectMany(part => part.Documents)));
        Assert.NotEqual(streamed, Hash(CompanyGenerator.Generate(2, 1_000_000).SelectMany(part => part.Documents)));
    }

    [Fact]
    public void Generate_LargerSize_OnlyAdds()
    {
        var less = CompanyGenerator.Generate(1, 200_000).SelectMany(part => part.Documents).ToArray();
        Assert.Equal(Hash(less), Hash(small.Value.SelectMany(part => part.Documents).Take(less.Length)));
        Assert.InRange(less.Sum(document => Encoding.UTF8.GetByteCount(document.Text)), 200_000, 300_000);
    }

    [Fact]
    public void Generate_Documents_AreUniqueAndLabelledSynthetic()
    {
        var documents = small.Value.SelectMany(part => part.Documents).ToArray();
        Assert.Equal(documents.Length, documents.Select(document => document.Id).Distinct().Count());
        Assert.All(documents, document => Assert.Equal("true", document.Metadata.Other["synthetic"]));
    }

    [Fact]
    public void Generate_Questions_AreAnsweredByTheirPassages()
    {
        var texts = small.Value.SelectMany(part => part.Documents).ToDictionary(document => document.Id, document => document.Text);
        var questions = small.Value.SelectMany(part => part.Questions).ToArray();
        Assert.Contains(questions, question => question.Answer is null);
        foreach (var question in questions)
        {
            Assert.Equal(question.Answer is null, question.Passages.Count == 0);
            foreach (var passage in question.Passages)
            {
                Assert.Contains(question.Answer!, passage.Text, StringComparison.Ordinal);
                Assert.Equal(passage.Text, texts[passage.DocumentId].Substring(passage.Start, passage.Text.Length));
            }
        }
    }

    [Fact]
    public void Generate_Splits_ShareNoFactNoProjectAndNoHeldOutPhrasing()
    {
        var questions = small.Value.SelectMany(part => part.Questions).ToArray();
        Assert.All(questions.GroupBy(question => question.FactId), fact => Assert.Single(fact.Select(question => question.Split).Distinct()));
        Assert.All(questions, question => Assert.False(question.HeldOut && question.Split == CompanySplit.Train));
        Assert.Contains(questions, question => question is { HeldOut: true, Split: CompanySplit.Test, Answer: not null });
        Assert.All(small.Value.SelectMany(part => part.Facts).GroupBy(fact => fact.Project), project => Assert.Single(project.Select(fact => fact.Split).Distinct()));
    }

    [Fact]
    public void Generate_RestrictedFacts_StandOnlyInDocumentsForTheirRoles()
    {
        foreach (var part in small.Value)
        {
            var open = part.Documents.Where(document => document.Metadata.Sensitivity == Sensitivity.Internal).ToArray();
            foreach (var fact in part.Facts.Where(fact => fact.Sensitivity != Sensitivity.Internal))
            {
                Assert.NotEmpty(fact.Roles);
                Assert.DoesNotContain(open, document => document.Text.Contains(fact.Answer, StringComparison.Ordinal) && document.Text.Contains(fact.Subject, StringComparison.Ordinal) && fact.Kind == "person.salary");
            }
        }
    }

    [Fact]
    public void Grammar_EveryKindOfFact_NamesSubjectAndAnswer()
    {
        foreach (var number in Enumerable.Range(0, 20))
        {
            var language = CompanyLanguage.Shipped;
            var project = new Project(language, 7, number);
            var speaker = new Speaker(language.Grammar, project.Domain, 7, (ulong)number);
            foreach (var fact in project.Facts.Concat(project.Unwritten))
            {
                var said = speaker.Say(fact.Kind.Say, fact.Frame);
                Assert.Contains(fact.Answer, said, StringComparison.OrdinalIgnoreCase);
                foreach (var sentence in new[] { said, speaker.Say(fact.Kind.Ask, fact.Frame), speaker.Say(fact.Kind.Held, fact.Frame) })
                    foreach (var slot in fact.Kind.SubjectSlots)
                        Assert.Contains(fact.Frame[slot], sentence, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Generate_NoBytes_IsRefused() => Assert.Throws<InvalidInputException>(() => CompanyGenerator.Generate(1, 0));
}
