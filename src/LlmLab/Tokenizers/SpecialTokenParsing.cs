namespace LlmLab.Tokenizers;

/// <summary>What encoding does where the text spells a special token such as <c>&lt;|bos|&gt;</c>.</summary>
public enum SpecialTokenParsing
{
    /// <summary>It is text like any other: what users wrote can never act as a control token. The default everywhere.</summary>
    Never,
    /// <summary>It becomes that token. Only for text that the program itself wrote, such as a chat template.</summary>
    Parse,
}
