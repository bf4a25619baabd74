namespace LlmLab;

/// <summary>A result that shows itself: notebooks display the HTML, and the text where there is only text.</summary>
public interface IHtmlView
{
    /// <summary>A fragment of HTML with its styles inline, legible on light and dark pages, without scripts.</summary>
    string ToHtml();

    /// <summary>The same in plain text.</summary>
    string ToText();
}
