namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>Finds one sort of personal data, or a few, in a text. Called from many threads.</summary>
public interface IPersonalDataDetector
{
    /// <summary>Adds what it finds; pieces may overlap those of other detectors.</summary>
    void Find(string text, List<Finding> findings);
}
