using System.Buffers;
using System.Text.RegularExpressions;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="LicenceFilter"/>.</summary>
public sealed record LicenceFilterOptions
{
    /// <summary>Licences in metadata that allow training, as SPDX identifiers or their beginnings; a document without a licence is taken for the company's own.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = ["MIT", "Apache", "BSD", "CC0", "CC-BY-4", "CC-BY-3", "CC BY 4", "CC BY 3", "CC-BY-SA", "CC BY-SA", "ISC", "Unlicense", "Public domain", "Open Government Licence", "OGL", "PSF", "Zlib", "WTFPL", "0BSD", "MPL", "Internal", "Proprietary-Own", "Own", "Company"];
    /// <summary>Names of the company, whose own copyright notices are no obstacle.</summary>
    public IReadOnlyList<string> OwnNames { get; init; } = [];
    /// <summary>True to look for notices in the text too, such as "may not be reproduced".</summary>
    public bool ReadText { get; init; } = true;
}

/// <summary>
/// Drops documents that may not be used: by the licence in their metadata, and by notices in their text that forbid copying or
/// commercial use, or keep all rights for somebody else. This finds what is written; it is no legal advice.
/// </summary>
public sealed partial class LicenceFilter(LicenceFilterOptions? options = null) : DocumentStep
{
    readonly LicenceFilterOptions options = options ?? new LicenceFilterOptions();

    /// <inheritdoc/>
    public override string Name => "licence";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Licence];

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        if (document.Metadata.Licence is { Length: > 0 } licence && !IsAllowed(licence)) return StepOutcome.Drop(document, $"licence of the metadata: {licence}");
        return options.ReadText && Notice(document.Text) is { } notice ? StepOutcome.Drop(document, $"notice in the text: {notice}") : StepOutcome.Keep(document);
    }

    bool IsAllowed(string licence)
    {
        if (Restricted().IsMatch(licence)) return false;
        foreach (string allowed in options.Allowed)
            if (licence.StartsWith(allowed, StringComparison.OrdinalIgnoreCase)) return true;
        return options.OwnNames.Any(o => licence.Contains(o, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"\b(NC|ND|non-?commercial|no-?deriv\w*|all rights reserved|proprietary|no[ -]redistribution|evaluation only)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Restricted();

    /// <summary>The notice that forbids use, or null. Only the first and last 3,000 characters are read, where notices stand; a long text that discusses licences is not meant.</summary>
    string? Notice(string text)
    {
        const int Reach = 3_000;
        return text.Length <= 2 * Reach ? Search(text) : Search(text[..Reach]) ?? Search(text[^Reach..]);
    }

    string? Search(string text)
    {
        if (text.AsSpan().IndexOfAny(hints) < 0 && !text.Contains('©')) return null;
        var forbids = Forbids().Match(text);
        if (forbids.Success && !IsOwn(text, forbids.Index)) return Short(forbids.Value);
        var reserved = Reserved().Match(text);
        return reserved.Success && !IsOwn(text, reserved.Index) ? Short(reserved.Value) : null;
    }

    // Every notice has one of these; looking for them first is fast.
    static readonly SearchValues<string> hints = SearchValues.Create(["copyright", "(c)", "all rights", "reproduc", "redistribut", "noncommercial", "non-commercial", "licensed", "licenced", "photocop", "alle rechte", "tous droits", "reservados", "vervielf", "interdite", "creative commons", "permission", "licence", "license", "property of", "subscribers only", "prohibited", "not permitted", "do not copy", "use only"], StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"(no part of (this|the)\b[^.\n]{0,80}\b(may|shall|can) be (reproduced|copied|stored|transmitted|used))|((may|must|shall) not be (reproduced|copied|redistributed|republished|photocopied|distributed|used (for|to) (train|machine learning))[^.\n]{0,100})|((reproduction|redistribution|copying|republication)[^.\n]{0,60}\b(is|are)\b[^.\n]{0,20}\b(prohibited|forbidden|not permitted))|(licen[cs]ed (under|to)[^.\n]{0,80}(NonCommercial|Non-Commercial|NoDerivat|BY-NC|BY-ND))|(for (personal|private|non-?commercial|evaluation)[^.\n]{0,20}use only)|(do not (copy|redistribute|reproduce))|(vervielfältigung[^.\n]{0,80}(verboten|untersagt|genehmigung))|(reproduction interdite)|(\b(creative commons|cc)[^.\n]{0,60}\b(NC|ND|NonCommercial|Non-Commercial|NoDerivatives|NoDerivs)\b)|((cop(y|ies|ying)|reproduction|reprints?|re-?use|distribution|use|quotation)\b[^.\n]{0,60}\b(needs?|requires?|only with|without)\b[^.\n]{0,40}\b(licen[cs]e|permission|consent|authori[sz]ation|agreement))|((prior|express|written) (written )?(permission|consent|licen[cs]e) (of|from|by) the (publisher|author|owner|copyright|rights?))|(confidential (and proprietary )?property of)|(for subscribers only)|(\b(machine learning|training|text (and data )?mining)\b[^.\n]{0,60}\b(prohibited|forbidden|not (permitted|allowed)))", RegexOptions.IgnoreCase)]
    private static partial Regex Forbids();

    [GeneratedRegex(@"((©|\(c\)|copyright)[^\n]{0,120}\ball rights (are )?reserved)|(\ball rights (are )?reserved\b[^\n]{0,40}(©|\(c\)|copyright))|(alle rechte vorbehalten)|(tous droits réservés)|(todos los derechos reservados)", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();

    bool IsOwn(string text, int at)
    {
        var around = text.AsSpan(Math.Max(0, at - 100), Math.Min(text.Length, at + 250) - Math.Max(0, at - 100));
        foreach (string name in options.OwnNames)
            if (around.Contains(name, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    static string Short(string notice) => notice.Length > 60 ? notice[..60].ReplaceLineEndings(" ") + "…" : notice.ReplaceLineEndings(" ");
}
