using System.Globalization;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// The version file: a valid .dvc file (its "outs" name the data set's file, size and MD5, as DVC's user guide defines them; "meta"
/// is the place that DVC keeps for other programs), so a team that uses DVC can push the data. Equal data gives equal bytes.
/// </summary>
public static class VersionFile
{
    /// <summary>The file's text.</summary>
    /// <param name="version">The version.</param>
    /// <param name="md5">MD5 of documents.jsonl, which lies beside the version file.</param>
    /// <param name="bytes">Its size.</param>
    public static string Write(DatasetVersion version, string md5, long bytes)
    {
        var file = new Dictionary<string, object>
        {
            ["outs"] = new[] { new Dictionary<string, object> { ["md5"] = md5, ["size"] = bytes, ["hash"] = "md5", ["path"] = "documents.jsonl" } },
            ["desc"] = $"{version.Name}: {version.Documents} documents, {version.Bytes} bytes of text",
            ["meta"] = new Dictionary<string, object>
            {
                ["name"] = version.Name,
                ["sha256"] = version.Hash,
                ["documents"] = version.Documents,
                ["bytes"] = version.Bytes,
                ["inputs"] = version.Inputs,
                ["lineage"] = version.Lineage.Select(s => new Dictionary<string, object>
                {
                    ["step"] = s.Step,
                    ["options"] = s.Options,
                    ["documentsIn"] = s.DocumentsIn,
                    ["documentsOut"] = s.DocumentsOut,
                    ["changed"] = s.Changed,
                    ["bytesIn"] = s.BytesIn,
                    ["bytesOut"] = s.BytesOut,
                }).ToArray(),
            },
        };
        return new SerializerBuilder().WithNewLine("\n").WithQuotingNecessaryStrings().Build().Serialize(file);
    }

    /// <summary>Reads the version of the data set in a folder.</summary>
    /// <exception cref="InvalidInputException">There is none, or it cannot be read.</exception>
    public static DatasetVersion Read(string folder)
    {
        string path = Path.Combine(folder, "documents.jsonl.dvc");
        if (!File.Exists(path)) throw new InvalidInputException($"{path} does not exist: build a data set there first (llmlab data build).");
        try
        {
            var yaml = new YamlStream();
            using (var reader = new StreamReader(path)) yaml.Load(reader);
            var meta = yaml.Documents[0].RootNode["meta"];
            long Number(YamlNode node, string name) => long.Parse(((YamlScalarNode)node[name]).Value!, CultureInfo.InvariantCulture);
            string Text(YamlNode node, string name) => ((YamlScalarNode)node[name]).Value!;
            return new DatasetVersion(Text(meta, "name"), Text(meta, "sha256"),
                ((YamlMappingNode)meta["inputs"]).Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => ((YamlScalarNode)c.Value).Value!),
                [.. ((YamlSequenceNode)meta["lineage"]).Select(s => new LineageStep(Text(s, "step"), Text(s, "options"), Number(s, "documentsIn"), Number(s, "documentsOut"), Number(s, "changed"), Number(s, "bytesIn"), Number(s, "bytesOut")))],
                Number(meta, "documents"), Number(meta, "bytes"));
        }
        catch (Exception e) when (e is YamlDotNet.Core.YamlException or KeyNotFoundException or InvalidCastException or FormatException or ArgumentException or ArgumentOutOfRangeException)
        {
            throw new InvalidInputException($"{path} is not a version file of `llmlab data build` ({e.Message.Split('\n')[0].TrimEnd('.')}): build the data set again.", e);
        }
    }
}
