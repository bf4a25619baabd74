using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks;

/// <summary>Errors of the session itself, as cells show them; a language makes its own, with the cell's lines.</summary>
static class Errors
{
    public static ErrorOutput Of(Exception exception) => exception switch
    {
        InvalidInputException => new ErrorOutput("InvalidInput", exception.Message, [exception.Message]),
        OperationCanceledException or ThreadInterruptedException => new ErrorOutput("KeyboardInterrupt", "The cell was interrupted.", ["The cell was interrupted."]),
        _ => new ErrorOutput(exception.GetType().Name, exception.Message, ExceptionText.Of(exception).Split('\n')),
    };
}
