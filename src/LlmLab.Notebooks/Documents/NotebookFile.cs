using System.Text;

namespace LlmLab.Notebooks.Documents;

/// <summary>Reads and writes notebooks, <c>.ipynb</c> and <c>.dib</c> by the file's ending.</summary>
public static class NotebookFile
{
    /// <summary>Reads a notebook.</summary>
    /// <exception cref="InvalidInputException">No such file, an unknown ending, or a broken file: the message names file and place.</exception>
    public static Notebook Read(string path)
    {
        bool isDib = IsDib(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"There is no notebook {path}.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException(Directory.Exists(path) ? $"{path} is a folder: expected a notebook file." : $"{path} cannot be read: {e.Message}", e);
        }
        if (!isDib) return IpynbReader.Read(bytes, path);
        try
        {
            return DibFormat.Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), path);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"{path} is no text in UTF-8 (byte {e.Index + 1}): expected a notebook in the .dib format.", e);
        }
    }

    /// <summary>Writes a notebook, whole or not at all: a file that was there is replaced only when the new one is complete.</summary>
    /// <exception cref="InvalidInputException">An unknown ending, or the folder cannot be written.</exception>
    public static void Write(string path, Notebook notebook)
    {
        string text = ToText(path, notebook);
        try
        {
            AtomicFile.WriteText(path, text);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The notebook as the text of a file with this ending.</summary>
    /// <exception cref="InvalidInputException">An unknown ending.</exception>
    public static string ToText(string path, Notebook notebook) => IsDib(path) ? DibFormat.Write(notebook) : IpynbWriter.Write(notebook);

    static bool IsDib(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".ipynb" => false,
        ".dib" => true,
        var ending => throw new InvalidInputException($"{path} ends in \"{ending}\": expected a notebook, .ipynb or .dib."),
    };
}
