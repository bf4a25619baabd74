using System.Globalization;
using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Retrieval;
using LlmLab.Retrieval.Chunking;
using LlmLab.Tokenizers.Training;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Tests.Retrieval;

public class ChunkingTests
{
    const string Plan = """
        # Plan

        What we want. And why.

        ## Costs

        The budget is 5,000 euros.

        | line | planned |
        | --- | ---: |
        | freight | 10 euros |

        - one
        - two

        Aims
        ====

        Faster answers.
        """;

    static readonly Tokenizer tokenizer = BpeTrainer.Train(CompanyCorpus.Generate(1, 60_000), new BpeTrainingOptions { VocabularySize = 600 });

    static Document Make(string text, DocumentMetadata? metadata = null) => new("a.md", text, metadata ?? new DocumentMetadata { Source = "a.md" });

    public static TheoryData<string> All => ["structure", "sentences", "tokens"];

    static IChunker Chunker(string kind) => kind switch
    {
        "structure" => new StructureChunker(300),
        "sentences" => new SentenceChunker(2, 1),
        _ => new TokenChunker(tokenizer, 40, 10),
    };

    [Fact]
    public void Split_MarkdownByStructure_OnePassageABlockWithItsHeadings()
    {
        var passages = new StructureChunker().Split(Make(Plan));
        Assert.Equal(["What we want. And why.", "The budget is 5,000 euros.", "| line | planned |\n| --- | ---: |\n| freight | 10 euros |", "- one\n- two", "Faster answers."], passages.Select(p => p.Text.ReplaceLineEndings("\n")));
        Assert.Equal(["Plan", "Plan › Costs", "Plan › Costs", "Plan › Costs", "Aims"], passages.Select(p => p.Heading));
    }

    [Theory, MemberData(nameof(All))]
    public void Split_CompanyDocuments_TextParentAndMetadataAreTheDocuments(string kind)
    {
        foreach (var document in CompanyCorpus.Generate(1, 100_000).Documents)
        {
            var passages = Chunker(kind).Split(document);
            foreach (var passage in passages)
            {
                Assert.Equal(document.Text.Substring(passage.Start, passage.Text.Length), passage.Text);
                Assert.True(passage.ParentStart <= passage.Start && passage.ParentStart + passage.ParentLength >= passage.Start + passage.Text.Length);
                Assert.Equal(document.Id, passage.DocumentId);
                Assert.Same(document.Metadata, passage.Metadata);
            }
            Assert.Equal(passages.Count, passages.Select(p => p.Id).Distinct().Count());
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Split_CompanyDocuments_EveryWordOutsideHeadingsIsInAPassage(string kind)
    {
        foreach (var document in CompanyCorpus.Generate(2, 60_000).Documents)
        {
            bool[] covered = new bool[document.Text.Length];
            foreach (var passage in Chunker(kind).Split(document)) Array.Fill(covered, true, passage.Start, passage.Text.Length);
            foreach (var section in DocumentStructure.Sections(document.Text))
                for (int i = section.Start; i < section.End; i++)
                    Assert.True(covered[i] || char.IsWhiteSpace(document.Text[i]), $"{document.Id}, character {i} is in no passage.");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Split_TheSameDocumentTwice_TheSamePassages(string kind)
    {
        var document = CompanyCorpus.Generate(3, 20_000).Documents.First();
        Assert.Equal(Chunker(kind).Split(document), Chunker(kind).Split(document));
    }

    [Fact]
    public void Split_TextInsertedBefore_LaterPassagesKeepTheirIds()
    {
        var before = new StructureChunker().Split(Make(Plan));
        var after = new StructureChunker().Split(Make(Plan.Replace("What we want.", "What we want now.", StringComparison.Ordinal)));
        Assert.Equal(before.Skip(1).Select(p => p.Id), after.Skip(1).Select(p => p.Id));
        Assert.NotEqual(before[0].Id, after[0].Id);
    }

    [Fact]
    public void Split_TheSameParagraphTwice_TwoIds()
    {
        var passages = new StructureChunker().Split(Make("Same words.\n\nSame words."));
        Assert.Equal(2, passages.Select(p => p.Id).Distinct().Count());
        Assert.Equal([0, 13], passages.Select(p => p.Start));
    }

    [Fact]
    public void Split_MailThread_OneSectionAMessage()
    {
        const string Thread = "Thanks, fixed.\n\n-----Original Message-----\nFrom: A <a@b.example>\n\nIt fails again.\n\nOn Mon, 3 Mar 2025 at 10:00, C <c@b.example> wrote:\n> First report.";
        var passages = new StructureChunker().Split(Make(Thread));
        int[] parents = [.. passages.Select(p => p.ParentStart).Distinct()];
        Assert.Contains(passages, p => p.Text == "Thanks, fixed." && p.ParentStart == 0 && p.ParentLength == Thread.IndexOf("-----", StringComparison.Ordinal));
        Assert.Equal(4, parents.Length);
    }

    [Fact]
    public void Split_HeadingInsideFencedCode_IsNoHeading()
    {
        var passages = new StructureChunker().Split(Make("# Build\n\n```\n# not a heading\n\nmake\n```"));
        var passage = Assert.Single(passages);
        Assert.Equal("Build", passage.Heading);
    }

    [Fact]
    public void Split_LongTable_RowsStayWholeAndCarryTheColumns()
    {
        string rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"| item {i} | {i * 10} euros |\n"));
        var passages = new StructureChunker(200).Split(Make("## Costs\n\n| line | planned |\n| --- | --- |\n" + rows));
        Assert.True(passages.Count > 3);
        Assert.All(passages, p => Assert.Equal("Costs › line | planned", p.Heading));
        Assert.All(passages, p => Assert.True(p.Text.Length <= 200 && p.Text.StartsWith('|') && p.Text.EndsWith('|')));
    }

    [Fact]
    public void Split_OneWordLongerThanAPassage_IsCut()
    {
        string word = new('x', 1_000);
        Assert.All(new StructureChunker(100).Split(Make(word)), p => Assert.True(p.Text.Length <= 100));
        Assert.Equal(word, string.Concat(new StructureChunker(100).Split(Make(word)).Select(p => p.Text)));
        string digits = string.Concat(Enumerable.Range(0, 400).Select(i => i.ToString("x4", CultureInfo.InvariantCulture)));
        var byTokens = new TokenChunker(tokenizer, 40, 0).Split(Make(digits));
        Assert.Equal(digits, string.Concat(byTokens.Select(p => p.Text)));
        Assert.All(byTokens, p => Assert.True(tokenizer.CountTokens(p.Text) <= 40));
    }

    [Fact]
    public void Split_ByTokens_NoPassageHasMoreAndNeighboursOverlap()
    {
        var document = CompanyCorpus.Generate(1, 20_000).Documents.MaxBy(d => d.Text.Length)!;
        var passages = new TokenChunker(tokenizer, 40, 10).Split(document);
        Assert.True(passages.Count > 5);
        Assert.All(passages, p => Assert.InRange(tokenizer.CountTokens(p.Text), 1, 40));
        foreach (var (one, next) in passages.Zip(passages.Skip(1)))
            if (next.Start < one.Start + one.Text.Length)
                Assert.InRange(tokenizer.CountTokens(one.Text[(next.Start - one.Start)..]), 1, 10);
        Assert.Contains(passages.Zip(passages.Skip(1)), pair => pair.Second.Start < pair.First.Start + pair.First.Text.Length);
    }

    [Fact]
    public void Split_BySentences_NeighboursShareTheOverlap()
    {
        var passages = new SentenceChunker(2, 1).Split(Make("One is here. Two is here. Three is here. Four is here."));
        Assert.Equal(["One is here. Two is here.", "Two is here. Three is here.", "Three is here. Four is here."], passages.Select(p => p.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n\t ")]
    [InlineData("# Only a heading")]
    public void Split_NothingButSpaceOrHeadings_NoPassage(string text) => Assert.Empty(new StructureChunker().Split(Make(text)));

    [Fact]
    public void Constructor_ImpossibleLengths_SaysWhatIsWrong()
    {
        Assert.Contains("40", Assert.Throws<InvalidInputException>(() => new StructureChunker(10)).Message);
        Assert.Contains("overlap", Assert.Throws<InvalidInputException>(() => new SentenceChunker(2, 2)).Message);
        Assert.Contains("overlap", Assert.Throws<InvalidInputException>(() => new TokenChunker(tokenizer, 40, 20)).Message);
    }
}
