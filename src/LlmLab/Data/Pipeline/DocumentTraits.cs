namespace LlmLab.Data.Pipeline;

/// <summary>What the balance report counts of one document.</summary>
/// <param name="Words">Words in it.</param>
/// <param name="Topic">Index in <see cref="BalanceLexicon.Topics"/> of the topic with the most words, or -1.</param>
/// <param name="Groups">Mentions by index in <see cref="BalanceLexicon.Groups"/>.</param>
/// <param name="Style">Index in <see cref="BalanceLexicon.Styles"/>.</param>
sealed record DocumentTraits(int Words, int Topic, IReadOnlyList<(int Group, int Count)> Groups, int Style)
{
    public static DocumentTraits Of(Document document)
    {
        Span<int> topics = stackalloc int[BalanceLexicon.Topics.Length];
        Span<int> groups = stackalloc int[BalanceLexicon.Groups.Length];
        topics.Clear();
        groups.Clear();
        int words = 0, numbers = 0, first = 0, second = 0;
        foreach (var word in new WordScan(document.Text))
        {
            words++;
            if (char.IsAsciiDigit(word[0])) numbers++;
            if (!BalanceLexicon.Words.TryGetValue(word, out var entry)) continue;
            if (entry.Topic >= 0) topics[entry.Topic]++;
            if (entry.Group >= 0) groups[entry.Group]++;
            if (entry.Person == 1) first++;
            else if (entry.Person == 2) second++;
        }
        int topic = -1;
        for (int i = 0; i < topics.Length; i++)
            if (topics[i] >= 2 && (topic < 0 || topics[i] > topics[topic])) topic = i;
        var found = new List<(int, int)>();
        for (int i = 0; i < groups.Length; i++)
            if (groups[i] > 0) found.Add((i, groups[i]));
        return new DocumentTraits(words, topic, found, StyleOf(document.Text, words, numbers, first, second));
    }

    static int StyleOf(string text, int words, int numbers, int first, int second)
    {
        var span = text.AsSpan();
        int lines = span.Count('\n') + 1;
        if (span.Count('|') > 2 * lines || numbers > 0.35 * words) return 0;
        if (span.Count("\n- ") + span.Count("\n* ") > 0.4 * lines) return 1;
        if (span.Count('{') + span.Count(';') + span.Count("()") > lines) return 2;
        if (span.Count('?') > 0.25 * (span.Count(". ") + span.Count(".\n") + 1)) return 3;
        if (first + second > 0.03 * words) return first >= second ? 4 : 5;
        return 6;
    }
}

/// <summary>Words that the balance report looks for. General vocabulary; a team adds its own by counting with SQL in the warehouse.</summary>
static class BalanceLexicon
{
    public static readonly string[] Styles = ["tables and numbers", "lists", "code", "questions", "first person", "second person", "plain prose"];

    static readonly (string Name, string Words)[] topics =
    [
        ("finance", "budget budgets cost costs invoice invoices expense expenses revenue payment payments spending fiscal funding price prices forecast accounting reimbursement salary"),
        ("people and HR", "employee employees leave vacation holiday holidays hiring recruitment onboarding benefits manager managers training performance interview payroll staff sick parental"),
        ("law and compliance", "policy policies compliance legal contract contracts agreement liability regulation regulations law gdpr audit licence license copyright privacy terms consent"),
        ("engineering", "code software api server database function module deployment deploy repository test tests build release bug python class method library interface architecture"),
        ("security", "security password passwords authentication encryption vulnerability vulnerabilities incident incidents access breach firewall threat secrets credentials"),
        ("planning", "milestone milestones deadline deadlines schedule roadmap sprint backlog planning timeline deliverable deliverables scope phase kickoff"),
        ("customers and sales", "customer customers client clients sales marketing product products proposal contract prospect feedback support order orders"),
        ("operations", "maintenance machine machines equipment warehouse supplier suppliers logistics shipment production plant inventory facility operations"),
        ("meetings", "meeting meetings agenda minutes attendees discussed decision decisions participants calendar call"),
        ("travel", "travel trip flight hotel per-diem lodging airfare visa booking itinerary"),
        ("health and safety", "safety health injury accident hazard emergency medical wellbeing protective"),
    ];

    static readonly (string Name, string Words)[] groups =
    [
        ("women", "woman women female she her hers herself mother wife daughter girl girls mrs"),
        ("men", "man men male he him his himself father husband son boy boys"),
        ("gender-neutral", "they them their theirs themself nonbinary non-binary"),
        ("older people", "elderly senior seniors retiree retirees pensioner pensioners older"),
        ("younger people", "young youth teenager teenagers child children student students intern interns apprentice apprentices"),
        ("disabled people", "disabled disability disabilities wheelchair deaf blind autistic neurodivergent"),
        ("LGBT", "gay lesbian bisexual transgender queer lgbt lgbtq homosexual"),
        ("Christians", "christian christians catholic protestant church"),
        ("Muslims", "muslim muslims islam islamic mosque"),
        ("Jews", "jew jews jewish synagogue judaism"),
        ("Hindus and Buddhists", "hindu hindus buddhist buddhists buddhism hinduism"),
        ("Africans", "african africans nigerian kenyan ghanaian ethiopian"),
        ("Asians", "asian asians chinese japanese indian korean vietnamese pakistani filipino"),
        ("Europeans", "european europeans german french british italian spanish polish dutch swedish"),
        ("Latin Americans", "latino latina latin hispanic mexican brazilian colombian argentinian"),
        ("North Americans", "american americans canadian canadians"),
        ("migrants", "immigrant immigrants refugee refugees migrant migrants expatriate"),
    ];

    public static readonly string[] Topics = [.. topics.Select(t => t.Name)];
    public static readonly string[] Groups = [.. groups.Select(g => g.Name)];

    public static readonly WordTable<(int Topic, int Group, int Person)> Words = Build();

    static WordTable<(int Topic, int Group, int Person)> Build()
    {
        var words = new Dictionary<string, (int Topic, int Group, int Person)>(StringComparer.Ordinal);
        (int Topic, int Group, int Person) Get(string word) => words.GetValueOrDefault(word, (-1, -1, 0));
        for (int i = 0; i < topics.Length; i++)
            foreach (string word in topics[i].Words.Split(' ')) words[word] = Get(word) with { Topic = i };
        for (int i = 0; i < groups.Length; i++)
            foreach (string word in groups[i].Words.Split(' ')) words[word] = Get(word) with { Group = i };
        foreach (string word in (string[])["i", "we", "my", "our", "me", "us", "i'm", "i'll", "we'll", "we're"]) words[word] = Get(word) with { Person = 1 };
        foreach (string word in (string[])["you", "your", "yours", "you'll", "you're"]) words[word] = Get(word) with { Person = 2 };
        return new WordTable<(int, int, int)>(words);
    }
}
