using System.Text;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Running;

/// <summary>
/// Takes the outputs of a notebook's cells as a front end would store them: streams of one kind joined, updates applied to every
/// display of that identifier in any cell, clearing honoured.
/// </summary>
sealed class OutputCollector
{
    readonly Lock gate = new();
    readonly Dictionary<string, List<JsonObject>> displays = [];

    /// <summary>The place of one cell's outputs.</summary>
    public CellOutputs NewCell(int executionCount) => new(this, executionCount);

    public sealed class CellOutputs(OutputCollector notebook, int executionCount) : ICellHost
    {
        readonly List<JsonObject> outputs = [];
        readonly StringBuilder streamText = new();
        JsonObject? stream;
        bool clearsBeforeNext;

        /// <summary>What the cell has put out so far; threads that it left behind may add to it.</summary>
        public IReadOnlyList<JsonObject> Stored
        {
            get
            {
                lock (notebook.gate)
                {
                    if (stream is not null) stream["text"] = streamText.ToString();
                    return [.. outputs.Select(o => o.DeepClone().AsObject())];
                }
            }
        }

        public void Publish(Output output)
        {
            lock (notebook.gate)
            {
                switch (output)
                {
                    case ClearOutput { Wait: true }:
                        clearsBeforeNext = true;
                        break;
                    case ClearOutput:
                        Clear();
                        break;
                    case UpdateDisplayOutput update:
                        foreach (var shown in notebook.displays.GetValueOrDefault(update.DisplayId, [])) NotebookOutputs.Replace(shown, update.Bundle);
                        break;
                    default:
                        if (clearsBeforeNext) Clear();
                        clearsBeforeNext = false;
                        Add(output);
                        break;
                }
            }
        }

        public string ReadLine(string prompt, bool isPassword) =>
            throw new InvalidInputException("The cell asks for input, and a notebook that is run by `llmlab run` has none: make it a parameter (-p name=value).");

        void Clear()
        {
            CloseStream();
            outputs.Clear();
        }

        void Add(Output output)
        {
            var stored = NotebookOutputs.ToJson(output, executionCount)!;
            if (output is StreamOutput { Text: var text })
            {
                // Of many small writes the text is put together once.
                if (stream?.Text("name") != stored.Text("name"))
                {
                    CloseStream();
                    outputs.Add(stream = stored);
                }
                streamText.Append(text);
                return;
            }
            CloseStream();
            outputs.Add(stored);
            if (output is not DisplayOutput { DisplayId: { } id }) return;
            if (!notebook.displays.TryGetValue(id, out var shown)) notebook.displays[id] = shown = [];
            shown.Add(stored);
        }

        void CloseStream()
        {
            if (stream is not null) stream["text"] = streamText.ToString();
            stream = null;
            streamText.Clear();
        }
    }
}
