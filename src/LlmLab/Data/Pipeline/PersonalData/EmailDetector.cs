using System.Buffers;

namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>E-mail addresses, also with the at sign spelled "(at)" or "[at]".</summary>
sealed class EmailDetector : IPersonalDataDetector
{
    static readonly SearchValues<char> local = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'");

    static readonly SearchValues<string> spelled = SearchValues.Create(["(at)", "[at]"], StringComparison.OrdinalIgnoreCase);

    public void Find(string text, List<Finding> findings)
    {
        for (int at = text.IndexOf('@'); at >= 0; at = text.IndexOf('@', at + 1)) TryAdd(text, at, at + 1, findings);
        for (int at = 0; text.AsSpan(at).IndexOfAny(spelled) is >= 0 and var next; at++)
        {
            at += next;
            TryAdd(text, at > 0 && text[at - 1] == ' ' ? at - 1 : at, at + 4 < text.Length && text[at + 4] == ' ' ? at + 5 : at + 4, findings);
        }
    }

    static void TryAdd(string text, int before, int after, List<Finding> findings)
    {
        int start = before;
        while (start > 0 && (local.Contains(text[start - 1]) || text[start - 1] > 127 && char.IsLetter(text[start - 1]))) start--;
        while (start < before && text[start] is '.' or '\'' or '-') start++;
        int end = after;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '-')) end++;
        while (end > after && text[end - 1] is '.' or '-') end--;
        var domain = text.AsSpan(after, end - after);
        int dot = domain.LastIndexOf('.');
        if (start == before || dot < 1 || domain.Length - dot - 1 < 2 || !char.IsLetter(domain[dot + 1])) return;
        findings.Add(new Finding("email", start, end - start));
    }
}
