using LlmLab.Text;

namespace LlmLab.Tests.Text;

public sealed class SentenceSplitterTests
{
    // Mostly the situations of the "golden rules" of K. Dias' Pragmatic Segmenter for English. A bar stands where a sentence ends.
    [Theory]
    [InlineData("Hello World.| My name is Jonas.")]
    [InlineData("What is your name?| My name is Jonas.")]
    [InlineData("There it is!| I found it.")]
    [InlineData("My name is Jonas E. Smith.")]
    [InlineData("Please turn to p. 55.")]
    [InlineData("Were Jane and co. at the party?")]
    [InlineData("They closed the deal with Pitt, Briggs & Co. at noon.")]
    [InlineData("Let's ask Jane and co.| They should know.")]
    [InlineData("They closed the deal with Pitt, Briggs & Co.| It closed yesterday.")]
    [InlineData("I can see Mt. Fuji from here.")]
    [InlineData("St. Michael's Church is on 5th st. near the light.")]
    [InlineData("That is JFK Jr.'s book.")]
    [InlineData("I visited the U.S.A. last year.")]
    [InlineData("I live in the E.U.| How about you?")]
    [InlineData("I work for the U.S. Government in Virginia.")]
    [InlineData("I have lived in the U.S. for 20 years.")]
    [InlineData("At 5 a.m. Mr. Smith went to the bank.| He left the bank at 6 P.M.| The store was closed.")]
    [InlineData("She has $100.00 in her bag.")]
    [InlineData("She has $100.00.| It is in her bag.")]
    [InlineData("He teaches science (He previously worked for 5 years as an engineer.) at the local University.")]
    [InlineData("Her email is Jane.Doe@example.com.| I sent her an email.")]
    [InlineData("The site is: https://www.example.50.com/new-site/awesome_content.html.| Please check it out.")]
    [InlineData("She turned to him, \"This is great.\" she said.")]
    [InlineData("She turned to him, \"This is great.\"| She held the book out to show him.")]
    [InlineData("Hello!!| Long time no see.")]
    [InlineData("Hello?!| Is that you?")]
    [InlineData("1. The first item.| 2. The second item.")]
    [InlineData("Version 1.2.3 of the tool was released on Jan. 5.| See Fig. 2 and No. 7, e.g. Dr. Who's.")]
    [InlineData("I never meant that....| She left the store.")]
    [InlineData("One further habit which was somewhat weakened . . . was that of combining words.")]
    [InlineData("これはペンです。|それはマーカーです。")]
    [InlineData("A Heading\n\n|First sentence\nover two lines.| Second one.")]
    [InlineData("")]
    public void Split_TextOfARule_EndsWhereTheRuleSays(string marked)
    {
        var expected = marked.Split('|').Select(part => part.Trim()).Where(part => part.Length > 0);

        Assert.Equal(expected, new SentenceSplitter().Split(marked.Replace("|", "")));
    }

    [Fact]
    public void Spans_AnyText_CoverEverythingButWhiteSpace()
    {
        const string Text = "  One. Two!  Three…  (Four?) \"Five.\"\n\n- six\n";
        var spans = new SentenceSplitter().Spans(Text);

        Assert.Equal(string.Concat(Text.Where(one => !char.IsWhiteSpace(one))), string.Concat(spans.SelectMany(span => Text[span].Where(one => !char.IsWhiteSpace(one)))));
        Assert.Equal(6, spans.Count);
    }

    [Fact]
    public void Split_OwnAbbreviation_DoesNotEndASentence() =>
        Assert.Single(new SentenceSplitter(["abt."]).Split("The Abt. Einkauf orders."));
}
