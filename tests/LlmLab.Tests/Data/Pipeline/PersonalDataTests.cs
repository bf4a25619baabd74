using LlmLab.Data;
using LlmLab.Data.Pipeline.PersonalData;
using LlmLab.Data.Pipeline.Steps;

namespace LlmLab.Tests.Data.Pipeline;

public sealed class PersonalDataTests
{
    static readonly PersonalDataRedaction step = new();

    static string Redact(string text) => step.Apply(new Document("d", text, new DocumentMetadata())).Document.Text;

    // Test numbers that the card networks and the IBAN registry publish.
    [Theory]
    [InlineData("4111111111111111", true)]
    [InlineData("5555555555554444", true)]
    [InlineData("378282246310005", true)]
    [InlineData("6011111111111117", true)]
    [InlineData("4111111111111112", false)]
    [InlineData("0000000000000000", false)]
    public void IsCardNumber_PublishedNumbers(string digits, bool expected) => Assert.Equal(expected, Checksums.IsCardNumber(digits));

    [Theory]
    [InlineData("GB82WEST12345698765432", true)]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("FR1420041010050500013M02606", true)]
    [InlineData("NO9386011117947", true)]
    [InlineData("DE89370400440532013001", false)]
    [InlineData("GB82WEST1234569876543", false)]
    public void IsIban_ExamplesOfTheRegistry(string iban, bool expected) => Assert.Equal(expected, Checksums.IsIban(iban));

    [Theory]
    [InlineData("Write to jane.roe@example.org today.", "Write to [EMAIL] today.")]
    [InlineData("Call me on +49 (0)30 901820 after six.", "Call me on [PHONE] after six.")]
    [InlineData("Pay to GB82 WEST 1234 5698 7654 32, please.", "Pay to [IBAN], please.")]
    [InlineData("My card 4111 1111 1111 1111 expires soon.", "My card [CARD] expires soon.")]
    [InlineData("SSN 219-09-9999 is on file.", "SSN [NATIONAL ID] is on file.")]
    [InlineData("The server is at 93.184.216.34 now.", "The server is at [IP] now.")]
    [InlineData("The password is hunter2-Rose as ever.", "The password is [SECRET] as ever.")]
    [InlineData("Key: AKIAIOSFODNN7EXAMPLE in the file.", "Key: [SECRET] in the file.")]
    [InlineData("He lives at 221 Baker Street, Flat 3, London.", "He lives at [ADDRESS].")]
    [InlineData("Sie wohnt Lindenstraße 5, 10969 Berlin.", "Sie wohnt [ADDRESS].")]
    public void Apply_OnePiece_IsReplacedByItsSort(string text, string expected) => Assert.Equal(expected, Redact(text));

    [Theory]
    [InlineData("The budget is 1 250 000 euros, of which 312,500 are spent; see 2024-03-05 and 12:30.")]
    [InlineData("Version 10.4.2.1 of the gateway, ticket PRJ-2024-000123, order no. 4711 0815 42.")]
    [InlineData("Connect to 127.0.0.1 or 192.168.1.10; the password is required.")]
    [InlineData("It took 3 miles down the road and 40 hours of work in room 12.")]
    [InlineData("See https://example.org/articles/4111111111111111-how-to for ISBN 978-3-16-148410-0.")]
    [InlineData("Contact support@example.org for help.")]
    public void Apply_NumbersThatNameNobody_StayAsTheyAre(string text) => Assert.Equal(text, Redact(text));

    [Fact]
    public void Find_Presidio_RecallOfEmailPhoneCardIsAtLeastNineTenths()
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Data("safety/pii/presidio-generated_small.json")));
        var counts = new Dictionary<string, (int All, int Found)>();
        int predicted = 0, correct = 0;
        foreach (var item in json.RootElement.EnumerateArray())
        {
            var findings = step.Find(item.GetProperty("full_text").GetString()!);
            var spans = item.GetProperty("spans").EnumerateArray().Select(s => (Type: s.GetProperty("entity_type").GetString()!, Start: s.GetProperty("start_position").GetInt32(), End: s.GetProperty("end_position").GetInt32())).ToArray();
            foreach (var (type, start, end) in spans)
            {
                int covered = findings.Sum(f => Math.Max(0, Math.Min(f.End, end) - Math.Max(f.Start, start)));
                var (all, found) = counts.GetValueOrDefault(type);
                counts[type] = (all + 1, found + (covered >= 0.8 * (end - start) ? 1 : 0));
            }
            predicted += findings.Count;
            correct += findings.Count(f => spans.Any(s => s.Start < f.End && f.Start < s.End));
        }
        string report = string.Join(", ", counts.OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value.Found}/{c.Value.All}")) + $"; {correct} of {predicted} findings correct";
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        foreach (string type in (string[])["EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "US_SSN", "IP_ADDRESS"])
            Assert.True(counts[type].Found >= 0.9 * counts[type].All, report);
        Assert.True(correct >= 0.95 * predicted, report);
    }
}
