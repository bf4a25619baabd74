namespace LlmLab.Data.Company;

/// <summary>Writes a project's documents and questions and puts them together.</summary>
sealed class PartAssembler(Project project, Speaker speaker)
{
    public CompanyPart Assemble()
    {
        var drafts = Write();
        var faults = new List<KnownFault>();
        new DocumentFaults(project, speaker).Add(drafts, faults);
        var documents = new List<Document>();
        foreach (var draft in drafts)
        {
            var document = Finish(draft);
            documents.Add(document);
            faults.AddRange(draft.Marks.Where(mark => mark.Value is null || document.Text.Contains(mark.Value, StringComparison.Ordinal)).Distinct().Select(mark => new KnownFault(mark.Kind, document.Id, mark.Value, null, mark.Detail)));
        }
        return new CompanyPart(project, drafts, documents, faults);
    }

    List<Draft> Write()
    {
        var planning = new PlanningWriter(project, speaker);
        var technical = new TechnicalWriter(project, speaker);
        var mail = new MailWriter(project, speaker);
        List<Draft> drafts =
        [
            planning.Plan(), planning.Wiki(), planning.People(), planning.Minutes(0), planning.Minutes(1), .. planning.Decisions(), .. planning.Budget(),
            .. technical.Components(), .. technical.Incidents(), .. technical.Suppliers(), .. technical.Policies(), .. technical.Restricted(),
            planning.Status(0), planning.Status(1),
        ];
        for (var thread = 0; thread < 5; thread++)
            drafts.AddRange(mail.Thread(thread));
        var planter = new FaultPlanter(project, speaker);
        foreach (var draft in drafts)
        {
            planter.Plant(draft);
            if (draft.Kind == DocumentKind.Email)
                MailWriter.PutHeaders(draft);
        }
        return drafts;
    }

    Document Finish(Draft draft)
    {
        var other = new Dictionary<string, string>(draft.Other) { ["synthetic"] = "true", ["split"] = project.Split.ToString().ToLowerInvariant() };
        // The id is the path that the document has when it is written to a folder, so faults fit the files as well.
        return new Document(draft.Path, draft.Text.ToString(), new DocumentMetadata
        {
            Source = draft.Path,
            Title = draft.Title,
            Kind = draft.Kind,
            Project = project.Name,
            Phase = draft.Phase,
            Date = new DateTimeOffset(draft.Date.ToDateTime(default), TimeSpan.Zero).AddMinutes(draft.Minute),
            Version = draft.Version,
            Supersedes = draft.Supersedes,
            Licence = draft.Licence,
            Sensitivity = draft.Sensitivity,
            Roles = draft.Roles,
            Other = other,
        });
    }
}
