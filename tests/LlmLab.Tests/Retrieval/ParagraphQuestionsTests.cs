using LlmLab.Data;
using LlmLab.Retrieval.Search;

namespace LlmLab.Tests.Retrieval;

public sealed class ParagraphQuestionsTests
{
    [Fact]
    public void Open_Xquad_HasThePublishedNumbersAndEveryAnswerInItsParagraph()
    {
        _ = SharedFiles.Data("qa/xquad.en.json");
        var (data, _) = ParagraphQuestions.Open("xquad_en");
        Assert.Equal(1190, data!.Questions.Count);   // Artetxe et al. 2020: 240 paragraphs, 1,190 pairs
        var paragraphs = data.Paragraphs.Documents.ToDictionary(d => d.Id, d => d.Text);
        Assert.Equal(240, paragraphs.Count);
        Assert.All(data.Questions, q => Assert.All(q.Answers, answer => Assert.Contains(answer, paragraphs[q.DocumentId], StringComparison.Ordinal)));
    }

    [Fact]
    public void Open_DataThatIsNotThere_SaysHowToGetIt()
    {
        string empty = Directory.CreateTempSubdirectory("llmlab-nothing-").FullName;
        var (data, missing) = ParagraphQuestions.Open("xquad_en", new DataFolder(empty, empty));
        Assert.Null(data);
        Assert.Contains("llmlab data get xquad", missing, StringComparison.Ordinal);
        Directory.Delete(empty);
    }

    [Fact]
    public void Open_TaskWithoutParagraphs_IsRefused() =>
        Assert.Contains("no paragraph", Assert.Throws<InvalidInputException>(() => ParagraphQuestions.Open("company_cloze")).Message, StringComparison.Ordinal);
}
