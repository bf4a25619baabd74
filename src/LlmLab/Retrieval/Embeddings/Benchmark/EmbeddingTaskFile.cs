namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>
/// Reads a task from one's own or a published data set, in the forms that MTEB's have (Muennighoff et al. 2023): a folder in BEIR's form is
/// retrieval (<see cref="BeirFolder"/>); of files of JSON lines, <c>sentence1</c>, <c>sentence2</c>, <c>score</c> are similarity, and
/// <c>text</c>, <c>label</c> are clustering, or with a file that says "train" instead of "test" beside it classification.
/// </summary>
public static class EmbeddingTaskFile
{
    const string Test = "test", Train = "train";

    /// <summary>Loads a task; it is named after the folder or file.</summary>
    /// <param name="path">A folder, or a file of JSON lines.</param>
    /// <param name="most">Pairs or texts at most, the first of them.</param>
    /// <exception cref="InvalidInputException">The path is neither, or a line is broken: which.</exception>
    public static EmbeddingTask Load(string path, int most = int.MaxValue)
    {
        if (Directory.Exists(path)) return BeirFolder.Load(path);
        if (!File.Exists(path)) throw new InvalidInputException($"{path} does not exist: expected a folder in BEIR's form, or a file of JSON lines.");
        string name = Path.GetFileNameWithoutExtension(path);
        TaskLine[] lines = [.. TaskLine.Read(path).Take(most)];
        if (lines.Length == 0) throw new InvalidInputException($"{path} is empty: expected JSON lines.");
        if (lines[0].Has("sentence1")) return new SimilarityTask(name, [.. lines.Select(line => new SimilarPair(line.Text("sentence1"), line.Text("sentence2"), line.Number("score")))]);
        if (!lines[0].Has("label")) throw new InvalidInputException($"{lines[0].Where}: expected sentence1, sentence2 and score, or text and label, found {string.Join(", ", lines[0].Element.EnumerateObject().Select(member => member.Name))}.");
        string training = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name.Replace(Test, Train, StringComparison.Ordinal) + Path.GetExtension(path));
        return name.Contains(Test, StringComparison.Ordinal) && File.Exists(training) ? new ClassificationTask(name, Labelled(TaskLine.Read(training).Take(most)), Labelled(lines)) : new ClusteringTask(name, Labelled(lines));
    }

    static LabelledText[] Labelled(IEnumerable<TaskLine> lines) => [.. lines.Select(line => new LabelledText(line.Text("text"), line.Label("label")))];
}
