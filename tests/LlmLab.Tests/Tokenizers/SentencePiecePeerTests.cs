using System.ComponentModel;
using System.Diagnostics;
using LlmLab.Tokenizers.Formats;

namespace LlmLab.Tests.Tokenizers;

/// <summary>Models that SentencePiece trains here are read and encode as SentencePiece itself does; skipped where it is not installed.</summary>
public sealed class SentencePiecePeerTests
{
    [Theory]
    [InlineData("--model_type=bpe --byte_fallback=true --user_defined_symbols=Alice,<x>")]
    [InlineData("--model_type=unigram --byte_fallback=true --user_defined_symbols=Alice,<x>")]
    [InlineData("--model_type=unigram --normalization_rule_name=identity --remove_extra_whitespaces=false --add_dummy_prefix=false")]
    public void Encode_ModelTrainedBySentencePiece_EqualsItsIds(string options)
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-sentencepiece-").FullName;
        try
        {
            string[] lines = [.. File.ReadLines(SharedFiles.Data("corpora/gutenberg/Alice-s-Adventures-in-Wonderland_11.txt")).Where(l => l.Length > 0),
                "Alice<x>  ＦＵＬＬ ﬁ ½", "naïve 你好 😀 Ünï", " two  spaces ", "AliceAlice", "e\u0301"];
            string text = Path.Combine(folder, "text.txt");
            File.WriteAllLines(text, lines);
            Run(folder, "spm_train", $"--input={text} --model_prefix=peer --vocab_size=1000 --minloglevel=2 {options}");
            string[] expected = Run(folder, "spm_encode", $"--model=peer.model --output_format=id --input={text}").Split('\n');
            var tokenizer = SentencePieceFile.Load(Path.Combine(folder, "peer.model"));
            for (int i = 0; i < lines.Length; i++) Assert.Equal(expected[i].Trim(), string.Join(' ', tokenizer.Encode(lines[i])));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Run(string folder, string program, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.Result);
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian: sentencepiece).");
            throw;
        }
    }
}
