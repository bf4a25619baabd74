using System.Text;

namespace LlmLab.Data;

/// <summary>Reads a text that is named by a file or by an entry of the data catalog.</summary>
public static class TextSource
{
    /// <summary>The name and content of a text.</summary>
    /// <param name="nameOrFile">A file, else a name in the catalog; what is not on this machine is downloaded.</param>
    /// <exception cref="InvalidInputException">No such file or name, an empty file, or one that is not UTF-8 text.</exception>
    public static async Task<(string Name, string Text)> ReadAsync(string nameOrFile)
    {
        string file = nameOrFile, name = Path.GetFileNameWithoutExtension(nameOrFile);
        if (!File.Exists(nameOrFile))
        {
            if (nameOrFile.Contains('/') || nameOrFile.Contains('\\') || nameOrFile.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))
                throw new InvalidInputException($"The text file {nameOrFile} does not exist.");
            var entry = DataCatalog.Find(nameOrFile);
            using var download = new DataDownload(new DataFolder());
            var files = await download.GetAsync(entry).ConfigureAwait(false);
            if (files.Count != 1) throw new InvalidInputException($"The data set {entry.Name} has {files.Count} files; a training text is one: name the file itself.");
            (file, name) = (files[0].Path, entry.Name);
        }
        byte[] bytes = await File.ReadAllBytesAsync(file, Operation.Current.CancellationToken).ConfigureAwait(false);
        if (bytes.Length == 0) throw new InvalidInputException($"{file} is empty: there is nothing to train on.");
        int zero = Array.IndexOf(bytes, (byte)0);
        if (zero >= 0) throw new InvalidInputException($"{file} holds a zero byte at position {zero}, so it is no text: give a UTF-8 text file.");
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return (name, text.StartsWith('\uFEFF') ? text[1..] : text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"{file} is not UTF-8 text: the byte at position {e.Index} does not belong there. Convert it first.", e);
        }
    }
}
