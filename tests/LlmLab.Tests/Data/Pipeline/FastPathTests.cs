using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Tests.Data.Pipeline;

/// <summary>What the pipeline does many characters at a time is what it does one by one.</summary>
public sealed class FastPathTests
{
    // Every sort of character that one of the fast paths treats apart, more than once in a row, over several blocks of 64.
    static IEnumerable<string> Texts()
    {
        const string Alphabet = "abcXYZ019 \n\t.,'’\"\\-_äÖßéñЖщ漢字ひ한ａ１ﬁ\u0301\u00AD\u200B\u2028\u0085\u007F\u0001😀\uD83D\uDE00\uFFFD";
        var random = new Random(1);
        foreach (int length in (int[])[0, 1, 2, 63, 64, 65, 127, 128, 129, 500])
            for (int round = 0; round < 40; round++)
            {
                // From mostly words to mostly signs, and with and without what is not ASCII.
                int known = round % 4 == 0 ? Alphabet.Length : round % 4 == 1 ? 20 : 12;
                yield return string.Create(length, random, (to, r) =>
                {
                    for (int i = 0; i < to.Length; i++) to[i] = r.Next(3) > 0 ? Alphabet[r.Next(9)] : Alphabet[r.Next(known)];
                });
            }
        yield return "it's 'quoted' rock'n'roll' o’clock’ '";
        yield return new string('a', 64) + " b";
        yield return new string('a', 200);
        yield return new string(' ', 200) + "a";
    }

    [Fact]
    public void WordScan_AnyText_WordsOfTheDefinition()
    {
        foreach (string text in Texts())
        {
            var expected = new List<string>();
            for (int start = WordScan.PlainStart(text, 0); start < text.Length;)
            {
                int end = WordScan.PlainEnd(text, start);
                expected.Add(text[start..end]);
                start = WordScan.PlainStart(text, end);
            }
            var found = new List<string>();
            for (var scan = new WordScan(text); scan.MoveNext();) found.Add(scan.Current.ToString());
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void WordTable_AnyWord_LikeADictionary()
    {
        string[] words = ["a", "an", "the", "They", "i'm", "straße", "ÉTÉ", "abcdefgh", "abcdefghi", "abcdefghijklmnop", "abcdefghijklmnopq", "internationalisation", "x1", "007"];
        var table = new WordTable<int>(words.Select((w, i) => KeyValuePair.Create(w, i)));
        var plain = words.Select((w, i) => (w, i)).ToDictionary(w => w.w, w => w.i, StringComparer.OrdinalIgnoreCase);
        var asked = words.Concat(words.Select(w => w.ToUpperInvariant())).Concat(words.Select(w => w + "s")).Concat(words.Where(w => w.Length > 1).Select(w => w[1..])).Concat(words.Where(w => w.Length > 1).Select(w => "z" + w[1..]));
        foreach (string word in asked)
        {
            bool expected = plain.TryGetValue(word, out int value);
            Assert.Equal(expected, table.TryGetValue(word, out int found));
            if (expected) Assert.Equal(value, found);
        }
    }

    [Fact]
    public void WordShingles_AnyText_ThoseOfTheDefinition()
    {
        foreach (string text in Texts())
            foreach (int size in (int[])[1, 2, 5, 13])
                Assert.Equal(WordShingles.PlainSequence(text, size), WordShingles.Sequence(text, size));
    }

    [Fact]
    public void JsonText_AnyText_BytesOfTheWriter()
    {
        foreach (string text in Texts().Append("\uD83D lone \uDE00 halves \uD83D"))
        {
            var plain = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(plain, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) json.WriteStringValue(text);
            byte[] bytes = new byte[JsonText.MaximumLength(text.Length)];
            Assert.Equal(Encoding.UTF8.GetString(plain.WrittenSpan), Encoding.UTF8.GetString(bytes, 0, JsonText.Write(text, bytes)));
        }
    }
}
