namespace LlmLab.Data.Company;

/// <summary>
/// Plants faults inside documents: personal data beside look-alikes that are none, insults, disclaimers, footers. Each is
/// recorded with its exact text.
/// </summary>
sealed class FaultPlanter(Project project, Speaker speaker)
{
    static readonly string[] sorts = ["person", "email", "phone", "address", "iban", "card", "secret"];
    static readonly (string Slot, string Type)[] slots = [("pname", "person"), ("pemail", "email"), ("pphone", "phone"), ("paddress", "address"), ("piban", "iban"), ("pcard", "card"), ("psecret", "secret"), ("pkey", "secret")];
    static readonly string[] prose = ["talk.plan", "talk.reason", "talk.people"];

    // Private persons' names come from far beyond the employees'.
    long nextPerson = 1L * project.Number * 40;

    public void Plant(Draft draft)
    {
        ref var draw = ref speaker.Draw;
        if (draft.Kind is not DocumentKind.Budget && draft.Sensitivity == Sensitivity.Internal)
        {
            if (draw.Chance(0.22))
                Insert(draft, ref draw, Private(draft, ref draw));
            if (draw.Chance(0.12))
                Insert(draft, ref draw, Decoy(ref draw));
            if (draw.Chance(0.02))
                Insert(draft, ref draw, Toxic(draft, ref draw));
        }
        if (draft.Kind == DocumentKind.Wiki)
            for (var i = draw.Between(1, 2); i > 0; i--)
                End(draft, "boiler.footer", "footer");
        if (draft.Kind == DocumentKind.Email)
        {
            if (draw.Chance(0.3))
                End(draft, "boiler.disclaimer", "disclaimer");
            if (draw.Chance(0.06))
                Start(draft, "boiler.banner", "banner");
        }
    }

    /// <summary>One to three sentences with personal data.</summary>
    string Private(Draft draft, ref Draw draw)
    {
        List<string> sentences = [];
        if (draw.Chance(0.3))
            sentences.Add(Sentence(prose[draw.Below(prose.Length)], project.Frame));
        for (var i = draw.Between(1, 3); i > 0; i--)
        {
            var frame = PrivateFrame(ref draw);
            var sentence = Sentence("private." + sorts[draw.Below(sorts.Length)], frame);
            foreach (var (slot, type) in slots)
                if (sentence.Contains(frame[slot], StringComparison.Ordinal))
                    draft.Marks.Add((FaultKind.PersonalData, frame[slot], type));
            sentences.Add(sentence);
        }
        if (draw.Chance(0.3))
            sentences.Add(Sentence(prose[draw.Below(prose.Length)], project.Frame));
        return string.Join(' ', sentences);
    }

    Frame PrivateFrame(ref Draw draw)
    {
        var index = nextPerson++;
        var person = project.Names.PrivatePerson(index);
        return project.Frame.With(
            ("ptitle", speaker.Say("title", project.Frame)),
            ("pname", person.Name),
            ("pemail", PersonalData.Email(ref draw, person.First, person.Last)),
            ("pphone", PersonalData.Phone(ref draw)),
            ("paddress", PersonalData.Address(ref draw, project.Names, 2 * index)),
            ("piban", PersonalData.Iban(ref draw)),
            ("pcard", PersonalData.Card(ref draw)),
            ("psecret", PersonalData.Password(ref draw, project.Names, 2 * index)),
            ("pkey", PersonalData.Key(ref draw)));
    }

    string Decoy(ref Draw draw) => Sentence("decoy", project.Frame.With(
        ("dpart", PersonalData.PartNumber(ref draw)),
        ("dorder", $"{draw.Pick(["PO", "DN", "SO"])}-{draw.Digits(8)}"),
        ("disbn", $"978-{draw.Digits(1)}-{draw.Digits(4)}-{draw.Digits(4)}-{draw.Digits(1)}"),
        ("dip", PersonalData.DocumentationAddress(ref draw)),
        ("dserial", $"{draw.Digits(3)}.{draw.Digits(3)}.{draw.Digits(2)}"),
        ("dnumber", draw.Digits(6))));

    string Toxic(Draft draft, ref Draw draw)
    {
        var line = Sentence("toxic.line", project.Frame);
        draft.Marks.Add((FaultKind.Toxic, null, "insult"));
        return draw.Chance(0.5) ? line : $"{Sentence(prose[draw.Below(prose.Length)], project.Frame)} {line}";
    }

    string Sentence(string rule, Frame frame)
    {
        var sentence = speaker.Say(rule, frame);
        return sentence[^1] is '.' or '?' or '!' ? sentence : sentence + ".";
    }

    /// <summary>Puts a paragraph between two others, in a mail before its closing.</summary>
    static void Insert(Draft draft, ref Draw draw, string paragraph)
    {
        var breaks = draft.Breaks();
        var most = draft.Kind == DocumentKind.Email ? draft.BodyEnd : draft.Text.Length;
        var places = breaks.Where(at => at > 0 && at <= most).ToArray();
        if (places.Length == 0)
            draft.Break().Add(paragraph);
        else
            draft.Insert(draw.Pick(places), "\n\n" + paragraph);
    }

    void End(Draft draft, string rule, string type)
    {
        var text = speaker.Say(rule, project.Frame);
        draft.Break().Add(text);
        draft.Marks.Add((FaultKind.Boilerplate, text, type));
    }

    void Start(Draft draft, string rule, string type)
    {
        var text = speaker.Say(rule, project.Frame);
        draft.Insert(0, text + "\n\n");
        draft.Marks.Add((FaultKind.Boilerplate, text, type));
    }
}
