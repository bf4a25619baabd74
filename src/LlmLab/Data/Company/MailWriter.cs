namespace LlmLab.Data.Company;

/// <summary>E-mail threads: each message quotes the one before and ends with a signature.</summary>
sealed class MailWriter(Project project, Speaker speaker) : Writer(project, speaker)
{
    public IEnumerable<Draft> Thread(int number)
    {
        var date = Day(20, 400);
        var subject = Say("mail.subject");
        var from = Project.People[Between(0, 8)];
        var to = Project.People[Between(0, 8)];
        if (to == from)
            to = Project.People[(Between(0, 7) + 1) % Project.PeopleEach];
        Draft? before = null;
        var length = Between(1, 4);
        for (var i = 0; i < length; i++)
        {
            var mail = Message(number, i, date, i == 0 ? subject : "Re: " + subject, from, to, before);
            yield return mail;
            before = mail;
            date = date.AddDays(Between(1, 4));
            (from, to) = (to, Chance(0.3) ? Project.People[Between(0, 8)] : from);
            if (to == from)
                to = Project.People[(Project.People.Select((p, at) => (p, at)).First(x => x.p == from).at + 1) % Project.PeopleEach];
        }
    }

    Draft Message(int thread, int index, DateOnly date, string subject, Person from, Person to, Draft? before)
    {
        var mail = New($"mail/{thread + 1:00}-{index + 1}.eml", subject, DocumentKind.Email, date, date < Project.Start.AddDays(90) ? "planning" : "implementation");
        mail.Other["from"] = $"\"{from.Name}\" <{from.Email}>";
        mail.Other["to"] = $"\"{to.Name}\" <{to.Email}>";
        mail.Other["messageId"] = $"<{Project.Slug}.{thread}.{index}@tarnwick.example>";
        mail.Minute = Between(7 * 60, 19 * 60);
        if (before is not null)
            mail.Other["inReplyTo"] = before.Other["messageId"];
        mail.Add(Speaker.Say("mail.hello", Project.Frame.With(("tofirst", to.First))));
        mail.Paragraph(before is null ? "mail.open" : "mail.reply", Talk());
        Mixed(mail, Some(Between(1, 3)), 0.4, 0.7);
        if (Chance(0.6))
            mail.Paragraph("mail.ask");
        Sign(mail, from);
        if (before is not null && Chance(0.5))
            Quote(mail, before);
        return mail;
    }

    /// <summary>Puts the headers before the text, as mail readers show them; addresses are recorded as personal data, since they are.</summary>
    public static void PutHeaders(Draft mail)
    {
        mail.Insert(0, Headers(mail));
        foreach (var name in new[] { "from", "to" })
            mail.Marks.Add((FaultKind.PersonalData, mail.Other[name].Split('<', '>')[1], "email"));
    }

    static string Headers(Draft mail) => $"From: {mail.Other["from"]}\nTo: {mail.Other["to"]}\nDate: {mail.Date:yyyy-MM-dd} {mail.Minute / 60:00}:{mail.Minute % 60:00} +00:00\nSubject: {mail.Title}\n\n";

    void Sign(Draft mail, Person from)
    {
        mail.BodyEnd = mail.Text.Length;
        mail.Break();
        var name = Chance(0.5) ? from.First : from.Name;
        var role = Project.Of("person.role").FirstOrDefault(fact => fact.Subject == from.Name)?.Answer ?? "Team member";
        // As every mail program's: sometimes two words, sometimes a card.
        var card = Between(0, 5) switch
        {
            0 => $"\n{role}\nTarnwick Instruments",
            1 => $"\n{role}\nTarnwick Instruments | {Reach(mail, from)}",
            2 => $"\n\n-- \n{from.Name}\n{Reach(mail, from)}",
            3 => $"\n\n{Say("boiler.mobile")}",
            _ => "",
        };
        mail.Mark(FaultKind.Boilerplate, $"{Say("mail.close")}\n{name}{card}", "signature");
    }

    /// <summary>How to reach someone: recorded as personal data, since it is.</summary>
    string Reach(Draft mail, Person person)
    {
        var phone = PersonalData.Phone(ref Speaker.Draw);
        mail.Marks.Add((FaultKind.PersonalData, phone, "phone"));
        mail.Marks.Add((FaultKind.PersonalData, person.Email, "email"));
        return $"{phone} | {person.Email}";
    }

    static void Quote(Draft mail, Draft before)
    {
        var lines = before.Text.ToString().Split('\n');
        mail.Marks.AddRange(before.Marks.Where(mark => mark.Kind == FaultKind.PersonalData));
        // As mail programs do it: the message before, a deeper quotation left out.
        var kept = lines.TakeWhile(line => !line.StartsWith('>') && !line.EndsWith("wrote:", StringComparison.Ordinal));
        mail.Break();
        mail.Mark(FaultKind.Boilerplate, $"On {mail.Project.Format(before.Date)}, {before.Other["from"].Split('"')[1]} wrote:\n" + string.Join('\n', kept.Select(line => line.Length == 0 ? ">" : "> " + line)), "quoted-reply");
    }
}
