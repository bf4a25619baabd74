using System.Collections.Frozen;

namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>
/// Names of people by what stands before them: a title, a form of address, a phrase such as "my name is", the label of a form. No list
/// of names is used, so rare names are found as well as common ones. A name found once is then found in the whole text.
/// </summary>
sealed class NameDetector : IPersonalDataDetector
{
    static readonly FrozenSet<string> titles = Words("mr mrs ms miss mx dr prof professor herr frau sir madam mme mlle monsieur madame señor señora");
    static readonly FrozenSet<string> particles = Words("van von de der den del della di da la le el al bin ibn dos do du zu ten ter");
    static readonly FrozenSet<string> notNames = Words("the this that these those team all everyone everybody colleagues folks sir madam customer client support service sales hr it human resources manager director monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december i we you he she it they my our your his her please thanks thank hello hi dear regards best kind what when where who how why if in on at to for from with and or but not no yes a an new general hiring department office committee board group company project plan phase version section chapter page table figure none unknown n/a tbd private personal street road avenue phone email address account number date birth id card team's");
    // Each phrase ends where the name begins. Case is ignored, the name's is not.
    static readonly string[] phrases =
    [
        "my name is ", "my name's ", "name is ", "i am called ", "name: ", "full name: ", "first name: ", "last name: ", "surname: ", "employee: ", "employee name: ", "patient: ", "patient ", "applicant: ", "applicant ", "candidate: ", "candidate ",
        "account holder: ", "account holder ", "cardholder: ", "cardholder ", "card holder ", "next of kin: ", "next of kin ", "emergency contact: ", "emergency contact is ", "beneficiary: ", "beneficiary ", "spouse: ", "tenant: ", "tenant ",
        "my wife ", "my husband ", "my daughter ", "my son ", "my partner ", "my mother ", "my father ", "his wife ", "her husband ", "maiden name is ", "maiden name: ", "payable to ", "on behalf of mr. ", "date of birth of ", "home address of ",
        "widow ", "widower ", "pensioner ", "retiree ", "resident ", "neighbour ", "neighbor ", "landlord ", "landlady ", "caretaker ", "witness ", "claimant ", "plaintiff ", "defendant ", "complainant ", "caller ", "subscriber ", "lodger ", "volunteer ", "pupil ", "apprentice ", "passenger ", "donor ", "heir ", "heiress ", "victim ", "survivor ", "orphan ", "guardian ", "godmother ", "godfather ", "aunt ", "uncle ", "cousin ", "grandmother ", "grandfather ", "sister ", "brother ", "nephew ", "niece ", "fiancé ", "fiancée ", "bereaved ", "policyholder ", "policy holder ", "insured ", "debtor ", "borrower ", "mein name ist ", "ich heiße ", "je m'appelle ", "me llamo ", "mijn naam is ", "spouse ", "in the name of ", "belongs to ", "issued to ", "registered to ", "passport of ", "sick note of ", "sick note for ", "diagnosis of ",
    ];

    // By the first word: whether it is a title, and the phrases that it begins.
    static readonly WordTable<(bool Title, string[] Phrases)> starts = new(titles.Select(t => (First: t, Phrase: (string?)null)).Concat(phrases.Select(p => (First: p[..WordScan.PlainEnd(p, 0)], Phrase: (string?)p)))
        .GroupBy(s => s.First, StringComparer.OrdinalIgnoreCase).Select(g => KeyValuePair.Create(g.Key, (titles.Contains(g.Key), g.Where(s => s.Phrase is not null).Select(s => s.Phrase!).ToArray()))));

    static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public void Find(string text, List<Finding> findings)
    {
        int before = findings.Count;
        for (var scan = new WordScan(text); scan.MoveNext();)
        {
            if (!starts.TryGetValue(scan.Current, out var start)) continue;
            int end = scan.Start + scan.Current.Length;
            if (start.Title)
            {
                int name = end < text.Length && text[end] == '.' ? end + 1 : end;
                if (name < text.Length && text[name] == ' ') Add(text, name + 1, findings, titled: true);
            }
            int longest = 0;
            foreach (string phrase in start.Phrases)
                if (phrase.Length > longest && text.AsSpan(scan.Start).StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) longest = phrase.Length;
            if (longest > 0) Add(text, scan.Start + longest, findings, titled: false);
        }
        int found = findings.Count;
        for (int i = before; i < found; i++) Propagate(text, findings[i], findings);
    }

    static void Add(string text, int at, List<Finding> findings, bool titled)
    {
        int end = NameEnd(text, at, out int words);
        if (words == 0 || words == 1 && !titled && end < text.Length && text[end] is '(' or '/') return;
        if (!titled && words == 1 && end - at < 3) return;
        findings.Add(new Finding("person", at, end - at));
    }

    static int NameEnd(string text, int at, out int words)
    {
        words = 0;
        int end = at;
        var isParticle = particles.GetAlternateLookup<ReadOnlySpan<char>>();
        var isNoName = notNames.GetAlternateLookup<ReadOnlySpan<char>>();
        int position = at;
        while (words < 4)
        {
            int stop = position;
            while (stop < text.Length && (char.IsLetter(text[stop]) || text[stop] is '-' or '\'' or '’' && stop > position)) stop++;
            while (stop > position && text[stop - 1] is '-' or '\'' or '’') stop--;
            if (stop - position > 2 && text[stop - 1] == 's' && text[stop - 2] is '\'' or '’') stop -= 2; // genitive
            var word = text.AsSpan(position, stop - position);
            if (word.IsEmpty) break;
            bool particle = isParticle.Contains(word);
            if (!particle && (!char.IsUpper(word[0]) || isNoName.Contains(word) || word.Length > 3 && word.IndexOfAnyExceptInRange('A', 'Z') < 0 && words == 0)) break;
            words += particle ? 0 : 1;
            if (!particle) end = stop;
            position = stop;
            if (word.Length == 1 && position < text.Length && text[position] == '.') position++; // initial
            if (position >= text.Length || text[position] != ' ') break;
            position++;
        }
        return end;
    }

    static void Propagate(string text, Finding name, List<Finding> findings)
    {
        string whole = text.Substring(name.Start, name.Length);
        string last = whole[(whole.LastIndexOf(' ') + 1)..];
        foreach (string form in whole == last ? (ReadOnlySpan<string>)[whole] : [whole, last])
        {
            if (form.Length < 4) continue;
            for (int at = text.IndexOf(form, StringComparison.Ordinal); at >= 0; at = text.IndexOf(form, at + form.Length, StringComparison.Ordinal))
                if (at != name.Start && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + form.Length == text.Length || !char.IsLetterOrDigit(text[at + form.Length])))
                    findings.Add(new Finding("person", at, form.Length));
        }
    }
}
