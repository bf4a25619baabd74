using LlmLab.Notebooks.Jupyter;

namespace LlmLab.Notebooks.Tests.Jupyter;

public sealed class MessageSignerTests
{
    // RFC 4231, test case 2; its message stands in one part, since the parts are signed one after another.
    const string Published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    [Fact]
    public void Sign_PublishedCase_MatchesInAnySplit()
    {
        var signer = new MessageSigner("Jefe");
        Assert.Equal(Published, signer.Sign("what do ya want for nothing?"u8, [], [], []));
        Assert.Equal(Published, signer.Sign("what do"u8, " ya want"u8, " for "u8, "nothing?"u8));
    }

    [Fact]
    public void Reject_RightSignature_IsGoodOnce()
    {
        var signer = new MessageSigner("Jefe");
        Assert.Null(signer.Reject(System.Text.Encoding.ASCII.GetBytes(Published), "what do ya want for nothing?"u8, [], [], []));
        Assert.NotNull(signer.Reject(System.Text.Encoding.ASCII.GetBytes(Published), "what do ya want for nothing?"u8, [], [], []));
    }

    [Fact]
    public void Reject_OtherContent_IsRefused() =>
        Assert.NotNull(new MessageSigner("Jefe").Reject(System.Text.Encoding.ASCII.GetBytes(Published), "what do ya want for something?"u8, [], [], []));

    [Fact]
    public void EmptyKey_SignsAndChecksNothing()
    {
        var signer = new MessageSigner("");
        Assert.Equal("", signer.Sign("a"u8, [], [], []));
        Assert.Null(signer.Reject("anything"u8, "a"u8, [], [], []));
    }
}
