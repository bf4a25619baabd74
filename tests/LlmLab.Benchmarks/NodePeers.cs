using System.Globalization;

namespace LlmLab.Benchmarks;

/// <summary>Tokenizers on npm, installed into a folder that is deleted afterwards.</summary>
static class NodePeers
{
    const string Script = """
        import { readFileSync } from 'node:fs';
        const text = readFileSync(process.argv[2], 'utf8');
        const best = (rounds, run) => { let seconds = Infinity, count = 0; for (let i = 0; i < rounds; i++) { const start = performance.now(); count = run().length; seconds = Math.min(seconds, (performance.now() - start) / 1000); } return [seconds, count]; };
        const { get_encoding } = await import('tiktoken');
        const tiktoken = get_encoding('cl100k_base');
        console.log(['tiktoken (npm, WASM)', ...best(2, () => tiktoken.encode_ordinary(text))].join('\t'));
        const gpt = await import('gpt-tokenizer/encoding/cl100k_base');
        console.log(['gpt-tokenizer (npm)', ...best(3, () => gpt.encode(text))].join('\t'));
        """;

    /// <summary>Name, seconds and tokens of each.</summary>
    public static List<(string Name, double Seconds, int Tokens)> Encode(string file, string folder, BenchmarkTable table)
    {
        if (PeerProcess.Output("npm", "install --no-audit --no-fund --prefix . tiktoken@1.0.22 gpt-tokenizer", folder) is null)
        {
            table.Note("npm is not on this machine: tiktoken and gpt-tokenizer are left out");
            return [];
        }
        string script = Path.Combine(folder, "peers.mjs");
        File.WriteAllText(script, Script);
        string output = PeerProcess.Output("node", $"--max-old-space-size=8192 {script} {file}", folder)!.Value.Output;
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .Select(f => (f[0], double.Parse(f[1], CultureInfo.InvariantCulture), int.Parse(f[2], CultureInfo.InvariantCulture)))];
    }
}
