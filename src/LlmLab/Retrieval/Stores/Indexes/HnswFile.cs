using System.Runtime.InteropServices;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// A graph as bytes: ids of its rows, their codes and links. It stays good while records come and go, since rows that are gone still lead the
/// way, by their codes, and rows that came later are added when it is read.
/// </summary>
static class HnswFile
{
    const int Format = 1;

    /// <summary>Writes the graph over the table's rows.</summary>
    public static void Write(Stream stream, HnswGraph graph, VectorTable table)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        int count = graph.Count;
        foreach (int value in (int[])[Format, table.Dimensions, (int)table.Metric, graph.Connections, graph.Seed, graph.SearchWidth, graph.Entry, count]) writer.Write(value);
        writer.Write(MemoryMarshal.AsBytes(graph.Codes.Centre));
        for (int node = 0; node < count; node++)
        {
            writer.Write(table.Id(node));
            writer.Write(graph.Codes.Scale(node));
            writer.Write(graph.Codes.Square(node));
            writer.Write(graph.Codes.Code(node));
            writer.Write((byte)graph.Level(node));
            for (int level = 0; level <= graph.Level(node); level++)
            {
                var links = graph.Links(node, level);
                int length = HnswGraph.Length(links);
                writer.Write((byte)length);
                writer.Write(MemoryMarshal.AsBytes(links[..length]));
            }
        }
    }

    /// <summary>Reads a graph; null where it was made by other settings, so that it has to be built anew.</summary>
    /// <param name="ids">The ids of the graph's rows, in order.</param>
    /// <exception cref="EndOfStreamException">The bytes end early.</exception>
    public static HnswGraph? Read(Stream stream, int dimensions, VectorMetric metric, VectorIndexOptions options, out long[] ids)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        ids = [];
        if (reader.ReadInt32() != Format || reader.ReadInt32() != dimensions || reader.ReadInt32() != (int)metric
            || reader.ReadInt32() != options.Connections || reader.ReadInt32() != options.Seed) return null;
        int width = reader.ReadInt32(), entry = reader.ReadInt32(), count = reader.ReadInt32();
        var centre = new float[dimensions];
        reader.ReadExactly(MemoryMarshal.AsBytes(centre.AsSpan()));
        var graph = new HnswGraph(options.Connections, options.Seed, new CodeTable(dimensions, metric, centre)) { SearchWidth = width, Entry = entry };
        graph.AddNodes(count);
        ids = new long[count];
        Span<int> links = stackalloc int[256];
        for (int node = 0; node < count; node++)
        {
            ids[node] = reader.ReadInt64();
            graph.Codes.Scale(node) = reader.ReadSingle();
            graph.Codes.Square(node) = reader.ReadSingle();
            reader.ReadExactly(graph.Codes.Code(node));
            graph.SetLevel(node, reader.ReadByte());
            for (int level = 0; level <= graph.Level(node); level++)
            {
                var present = links[..reader.ReadByte()];
                reader.ReadExactly(MemoryMarshal.AsBytes(present));
                graph.SetLinks(node, level, present);
            }
        }
        graph.Publish(count);
        return graph;
    }
}
