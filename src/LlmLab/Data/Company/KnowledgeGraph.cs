using System.Globalization;

namespace LlmLab.Data.Company;

/// <summary>Draws a project's entities and the values of their facts.</summary>
sealed class KnowledgeGraph(Project project)
{
    readonly CompanyLanguage language = project.Language;
    readonly NameBook names = project.Names;
    Draw draw = Draw.For(project.Seed, 2, (ulong)project.Number);

    public void Build()
    {
        var frame = project.Frame;
        for (var i = 0; i < 8; i++)
        {
            frame[$"m{i + 1}"] = project.People[i].Name;
            frame[$"f{i + 1}"] = project.People[i].First;
        }
        frame["home"] = names.Place(2L * project.Number);
        Overview(frame);
        People(frame);
        Components(frame);
        Decisions(frame);
        Incidents(frame);
        Suppliers(frame);
        project.Add("contract", frame.With(("worth", Euros(draw.Between(120, 4900) * 1000)), ("notice", $"{draw.Between(25, 240)} days"),
            ("penalty", $"0.{draw.Between(11, 99)} percent of the {draw.Pick(["monthly fee", "order value", "yearly sum"])}"), ("manager", Someone())), 0);
        Policies(frame);
        Milestones(frame);
        foreach (var (line, i) in Some("line", 3))
            project.Add("budget", frame.With(("line", line), ("amount", Euros(draw.Between(12, 980) * 100))), i);
    }

    void Overview(Frame frame)
    {
        var budget = draw.Between(60, 3900);
        frame["project"] = project.Name;
        frame["lead"] = project.People[0].Name;
        frame["sponsor"] = project.People[8].Name;
        frame["kickoff"] = project.Format(project.Start);
        frame["golive"] = project.Format(project.Start.AddDays(draw.Between(200, 520)));
        frame["budget"] = Euros(budget * 1000 + draw.Below(10) * 100);
        frame["spent"] = Euros(budget * draw.Between(180, 910) + draw.Below(10) * 10);
        frame["reserve"] = Euros(budget * draw.Between(40, 130) + draw.Below(10) * 10);
        frame["client"] = names.Client(project.Number);
        frame["code"] = $"{Initials(project.Name)}-{draw.Digits(4)}";
        frame["site"] = names.Place(2L * project.Number + 1);
        frame["meeting"] = $"on {draw.Pick(language.Words("weekday"))}s at {draw.Between(8, 16)}:{draw.Pick(["00", "10", "15", "20", "30", "40", "45", "50"])}";
        frame["channel"] = $"#{project.Slug}-{draw.Pick(["talk", "help", "daily", "crew", "desk", "floor"])}";
        frame["goal"] = $"{draw.Pick(["bring down", "cut", "lower", "reduce"])} {Phrase("measure")} by {draw.Between(7, 68)} percent";
        frame["scribe"] = project.People[draw.Between(1, 7)].Name;
        project.Add("project", frame, 0);
    }

    void People(Frame frame)
    {
        for (var i = 0; i < 6; i++)
        {
            var role = $"{(draw.Chance(0.6) ? draw.Pick(language.Words("rank")) + " " : "")}{draw.Pick(language.Words("role"))} for {Phrase("things")}";
            project.Add("person", frame.With(
                ("person", project.People[i].Name),
                ("role", role),
                ("desk", $"room {(char)('A' + draw.Below(6))} {draw.Between(0, 7)}.{draw.Between(1, 48):00}"),
                ("deputy", project.People[(i + draw.Between(1, 8)) % Project.PeopleEach].Name),
                ("joined", $"{draw.Pick(CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12])} {draw.Between(1998, 2021)}"),
                ("course", $"{draw.Pick(language.Words("coursetopic"))} {draw.Pick(language.Words("courselevel"))}"),
                ("salary", Euros(draw.Between(310, 1140) * 100))), i);
        }
    }

    void Components(Frame frame)
    {
        for (var i = 0; i < 3; i++)
            project.Add("component", frame.With(
                ("component", names.Component(3L * project.Number + i)),
                ("port", draw.Between(1100, 48900).ToString(CultureInfo.InvariantCulture)),
                ("owner", Someone()),
                ("version", $"{draw.Between(1, 9)}.{draw.Between(0, 38)}.{draw.Between(0, 14)}"),
                ("timeout", draw.Chance(0.5) ? $"{draw.Between(12, 240)} seconds" : $"{draw.Between(11, 95) * 10} milliseconds"),
                ("limit", $"{Number(draw.Between(15, 990) * 10)} {draw.Pick(["requests", "messages", "readings"])} a {draw.Pick(["minute", "second", "hour"])}"),
                ("host", $"{names.Coined(7L * project.Number + i, 7).ToLowerInvariant()}-{draw.Between(1, 96):00}"),
                ("keep", $"{draw.Between(20, 990)} days")), i);
    }

    void Decisions(Frame frame)
    {
        foreach (var (pattern, i) in Some("topicof", 3))
            project.Add("decision", frame.With(
                ("topicof", pattern.Replace("X", Phrase("things"))),
                ("chosen", $"the {names.Coined(5L * project.Number + i, 8)} {draw.Pick(language.Words("option"))}"),
                ("decided", DateAfter(20, 200))), i);
    }

    void Incidents(Frame frame)
    {
        for (var i = 0; i < 2; i++)
            project.Add("incident", frame.With(
                ("incident", $"INC-{10000 + 2L * project.Number + i}"),
                ("cause", Article($"{draw.Pick(language.Words("causeadjective"))} {draw.Pick(language.Words("causenoun"))} {draw.Pick(language.Words("causeplace"))} {Phrase("spot")}")),
                ("outage", $"{draw.Between(1, 11)} hours and {draw.Between(1, 58)} minutes"),
                ("fixer", Someone()),
                ("hit", $"{Number(draw.Between(12, 2900))} {draw.Pick(language.Words("hitnoun"))}"),
                ("broken", $"{names.Coined(11L * project.Number + i, 9)} {Phrase("thing")}")), i);
    }

    void Suppliers(Frame frame)
    {
        for (var i = 0; i < 2; i++)
            project.Add("supplier", frame.With(
                ("supplier", names.Supplier(2L * project.Number + i)),
                ("item", $"{draw.Pick(language.Words("itemadjective"))} {Phrase("things")}"),
                ("price", $"{Number(draw.Between(3, 940))}.{draw.Between(5, 99):00} euros"),
                ("leadtime", $"{draw.Between(11, 95)} working days"),
                ("contact", project.Outsiders[i].Name),
                ("until", DateAfter(200, 900))), i);
    }

    void Policies(Frame frame)
    {
        foreach (var (rules, i) in Some("rules", 2))
            project.Add("policy", frame.With(
                ("policy", $"{rules} of {frame["home"]}"),
                ("ceiling", Euros(draw.Between(12, 290) * 10)),
                ("deadline", $"{draw.Between(11, 95)} days"),
                ("approver", Someone()),
                ("inforce", DateAfter(-400, 100))), i);
    }

    void Milestones(Frame frame)
    {
        foreach (var (milestone, i) in Some("milestone", 3))
            project.Add("milestone", frame.With(("milestone", milestone), ("due", DateAfter(40 + 60 * i, 95 + 60 * i)), ("answerable", Someone())), i);
    }

    IEnumerable<(string Word, int Index)> Some(string list, int count)
    {
        var words = (string[])language.Words(list).Clone();
        draw.Shuffle(words);
        return words.Take(count).Select((word, i) => (word, i));
    }

    string Someone() => project.People[draw.Below(Project.PeopleEach)].Name;

    string Phrase(string list) => draw.Pick(project.Domain.Phrases[language.Grammar.Lists[list]]);

    string DateAfter(int least, int most) => project.Format(project.Start.AddDays(draw.Between(least, most)));

    static string Article(string phrase) => (phrase[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " : "a ") + phrase;

    static string Euros(int amount) => Number(amount) + " euros";

    static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    static string Initials(string name) => string.Concat(name.Split(' ').Select(word => word[0])) + name.Length % 10;
}
