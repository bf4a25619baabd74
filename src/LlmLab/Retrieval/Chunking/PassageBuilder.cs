using System.Security.Cryptography;
using System.Text;
using LlmLab.Data;

namespace LlmLab.Retrieval.Chunking;

/// <summary>
/// Makes passages of ranges of one document. An id is made of the document's id and a hash of what it says under which title and heading, so that a passage
/// keeps its id, and with it its embedding, when only the text before it changes.
/// </summary>
sealed class PassageBuilder(Document document)
{
    readonly List<Passage> passages = [];
    readonly Dictionary<string, int> seen = [];

    public IReadOnlyList<Passage> Passages => passages;

    /// <summary>Adds the text between two characters, without the white space around it; nothing where that is all there is.</summary>
    public void Add(int start, int end, string heading, int parentStart, int parentEnd)
    {
        (start, end) = Trim(document.Text, start, end);
        if (start == end) return;
        string text = document.Text[start..end];
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{document.Metadata.Title}\n{heading}\n{text}")))[..12];
        // The same words twice in a document: the second is "…-2".
        int count = seen[hash] = seen.GetValueOrDefault(hash) + 1;
        string id = count == 1 ? $"{document.Id}#{hash}" : $"{document.Id}#{hash}-{count}";
        passages.Add(new Passage(id, document.Id, start, text, heading, parentStart, parentEnd - parentStart, document.Metadata));
    }

    public static (int Start, int End) Trim(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return (start, end);
    }
}
