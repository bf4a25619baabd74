using System.Diagnostics;
using System.Globalization;
using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Indexes;
using LlmLab.Retrieval.Stores.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Benchmarks;

/// <summary>
/// Kills a process (SIGKILL) again and again while it writes into an embedded store, and looks after every kill whether all is there that the
/// process had said to be written, whether batches are whole or absent, and whether searches find it. The writer's steps follow from a
/// seed, so the checker knows what each would write.
/// </summary>
static class StoreKills
{
    const string Collection = "notes";
    const int Dimensions = 16, KeyCount = 3000;

    /// <summary>What step number <paramref name="Step"/> writes: keys with the step as their version, or deletes them.</summary>
    sealed record Change(int Step, bool Deletes, long[] Keys)
    {
        public static Change Of(int step)
        {
            var random = new Random(step);
            bool deletes = step % 7 == 6;
            return new(step, deletes, [.. Enumerable.Range(0, random.Next(1, deletes ? 5 : 60)).Select(_ => (long)random.Next(KeyCount)).Distinct()]);
        }
    }

    public static int Run(string[] arguments)
    {
        if (arguments is ["--writer", var path, var start]) return Write(path, int.Parse(start, CultureInfo.InvariantCulture)).Result;
        int kills = arguments is ["--kills", var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 100;
        string folder = Directory.CreateTempSubdirectory("llmlab-kills-").FullName;
        try
        {
            int failed = Check(Path.Combine(folder, "notes.db"), kills).Result;
            Console.WriteLine($"{kills - failed} passed, {failed} failed");
            return failed == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static SqliteStore Open(string path) => new(path, new VectorStoreOptions { Index = new VectorIndexOptions { HnswFrom = 1000, ConstructionWidth = 40 } });

    static VectorStoreCollection<object, Dictionary<string, object?>> Notes(SqliteStore store) => store.GetDynamicCollection(Collection, new VectorStoreCollectionDefinition
    {
        Properties =
        [
            new VectorStoreKeyProperty("key", typeof(long)),
            new VectorStoreDataProperty("version", typeof(int)),
            new VectorStoreVectorProperty("embedding", typeof(ReadOnlyMemory<float>), Dimensions),
        ],
    });

    static float[] Vector(long key, int version)
    {
        var random = new Random((int)key * 10_007 + version);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f)];
    }

    /// <summary>Writes step after step, and says after each that it is done.</summary>
    static async Task<int> Write(string path, int start)
    {
        using var store = Open(path);
        var notes = Notes(store);
        await notes.EnsureCollectionExistsAsync();
        Console.WriteLine("ready");
        for (int step = start; ; step++)
        {
            var change = Change.Of(step);
            if (change.Deletes) await notes.DeleteAsync(change.Keys.Cast<object>());
            else await notes.UpsertAsync(change.Keys.Select(key => new Dictionary<string, object?> { ["key"] = key, ["version"] = step, ["embedding"] = new ReadOnlyMemory<float>(Vector(key, step)) }));
            Console.WriteLine(step);
            if (step % 50 == 0) await foreach (var _ in notes.SearchAsync(Vector(1, 1), 1)) { } // builds and keeps the graph too
        }
    }

    static async Task<int> Check(string path, int kills)
    {
        var expected = new Dictionary<long, int>();
        int next = 0, failed = 0, acknowledged = 0;
        var random = new Random(1);
        for (int kill = 0; kill < kills; kill++)
        {
            int before = next;
            next = WriteUntilKilled(path, next, random.Next(5, 400));
            for (int step = before; step < next; step++) Apply(expected, Change.Of(step));
            acknowledged += next - before;
            var problem = await Compare(path, expected, next, random);
            if (problem.Problem is not null)
            {
                failed++;
                Console.WriteLine($"kill {kill + 1}, after step {next - 1}: {problem.Problem}");
            }
            if (problem.LastWasWritten) Apply(expected, Change.Of(next++)); // done, and killed before it could say so
        }
        Console.WriteLine($"{kills} kills, {acknowledged} acknowledged writes, {expected.Count} records at the end");
        return failed;
    }

    /// <summary>Runs a writer for a while and kills it; returns the first step that it did not acknowledge.</summary>
    static int WriteUntilKilled(string path, int start, int milliseconds)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, [.. Program(), "stores-kill", "--writer", path, start.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using var writer = Process.Start(info)!;
        int next = start;
        if (writer.StandardOutput.ReadLine() != "ready") throw new InvalidInputException("The writer did not start.");
        using var timer = new Timer(_ => writer.Kill(), null, milliseconds, Timeout.Infinite); // SIGKILL
        while (writer.StandardOutput.ReadLine() is { } line)
            if (int.TryParse(line, CultureInfo.InvariantCulture, out int step)) next = step + 1; // a line cut short is no acknowledgement of more than it says
        writer.WaitForExit();
        return next;
    }

    /// <summary>This program's assembly where the runtime's own launcher runs it.</summary>
    static string[] Program() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(StoreKills).Assembly.Location] : [];

    static void Apply(Dictionary<long, int> records, Change change)
    {
        foreach (long key in change.Keys)
            if (change.Deletes) records.Remove(key);
            else records[key] = change.Step;
    }

    static async Task<(string? Problem, bool LastWasWritten)> Compare(string path, Dictionary<long, int> expected, int unacknowledged, Random random)
    {
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            if ((string?)check.ExecuteScalar() is not "ok" and var answer) return ($"the file is damaged: {answer}", false);
        }
        using var store = Open(path);
        var notes = Notes(store);
        var found = new Dictionary<long, int>();
        await foreach (var record in notes.GetAsync(record => true, int.MaxValue)) found.Add((long)record["key"]!, (int)record["version"]!);
        var after = new Dictionary<long, int>(expected);
        Apply(after, Change.Of(unacknowledged));
        bool asBefore = Same(found, expected), asAfter = Same(found, after);
        if (!asBefore && !asAfter)
        {
            var lost = expected.Where(pair => !found.TryGetValue(pair.Key, out int version) || version != pair.Value).Select(pair => pair.Key).ToList();
            return ($"{lost.Count} acknowledged records are lost or wrong, {found.Count} are there, {expected.Count} should be", false);
        }
        foreach (var (key, version) in found.OrderBy(_ => random.Next()).Take(20))
        {
            long? nearest = null;
            await foreach (var result in notes.SearchAsync(Vector(key, version), 1)) nearest = (long?)result.Record["key"];
            if (nearest != key) return ($"the search for the vector of {key} found {nearest}", asAfter && !asBefore);
        }
        return (null, asAfter && !asBefore);
    }

    static bool Same(Dictionary<long, int> a, Dictionary<long, int> b) => a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out int version) && version == pair.Value);
}
