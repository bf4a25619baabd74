using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Build task: copies a shared library and, where the system's libstdc++ lacks <c>SymbolVersion</c>, sets VER_FLG_WEAK (0x2) on
/// that entry of the copy's .gnu.version_r, so that the loader warns of it at most instead of refusing the library.
/// Format: System V ABI, "Symbol Versioning" (Elf64_Verneed, Elf64_Vernaux). The source file is only read.
/// </summary>
public class WeakenSymbolVersion : Task
{
    public string Source { get; set; }
    public string Destination { get; set; }
    public string SymbolVersion { get; set; }

    public override bool Execute()
    {
        byte[] library = File.ReadAllBytes(Source);
        if (!SystemProvides(SymbolVersion))
        {
            int flagsOffset = FindVersionFlags(library, SymbolVersion);
            if (flagsOffset >= 0)
            {
                library[flagsOffset] |= 0x2;
                Log.LogMessage(MessageImportance.Normal, "{0}: version {1} marked weak, because the system's libstdc++ lacks it.", Path.GetFileName(Destination), SymbolVersion);
            }
        }
        if (File.Exists(Destination) && File.ReadAllBytes(Destination).SequenceEqual(library))
            return true;
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        string temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, library);
        File.Delete(Destination);
        File.Move(temporary, Destination);
        return true;
    }

    static bool SystemProvides(string version)
    {
        string[] folders = { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/usr/lib/aarch64-linux-gnu" };
        string library = folders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).FirstOrDefault(File.Exists);
        // Unknown place (NixOS, a custom prefix): a weak requirement does no harm there.
        if (library == null) return false;
        string content = Encoding.GetEncoding("iso-8859-1").GetString(File.ReadAllBytes(library));
        return content.IndexOf(version + "\0", StringComparison.Ordinal) >= 0;
    }

    /// <returns>Offset of the low byte of vna_flags of the entry, or -1 if the library does not ask for the version.</returns>
    static int FindVersionFlags(byte[] elf, string version)
    {
        const uint SHT_GNU_verneed = 0x6ffffffe;
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[4] != 2) return -1;
        long sectionOffset = BitConverter.ToInt64(elf, 0x28);
        int entrySize = BitConverter.ToUInt16(elf, 0x3a), count = BitConverter.ToUInt16(elf, 0x3c);
        for (int i = 0; i < count; i++)
        {
            long header = sectionOffset + (long)i * entrySize;
            if (BitConverter.ToUInt32(elf, (int)header + 4) != SHT_GNU_verneed) continue;
            long need = BitConverter.ToInt64(elf, (int)header + 0x18);
            int link = BitConverter.ToInt32(elf, (int)header + 0x28), needed = BitConverter.ToInt32(elf, (int)header + 0x2c);
            long strings = BitConverter.ToInt64(elf, (int)(sectionOffset + (long)link * entrySize) + 0x18);
            for (int n = 0; n < needed; n++)
            {
                int auxiliaries = BitConverter.ToUInt16(elf, (int)need + 2);
                long auxiliary = need + BitConverter.ToUInt32(elf, (int)need + 8);
                for (int a = 0; a < auxiliaries; a++)
                {
                    int name = (int)(strings + BitConverter.ToUInt32(elf, (int)auxiliary + 8));
                    int end = Array.IndexOf(elf, (byte)0, name);
                    if (Encoding.ASCII.GetString(elf, name, end - name) == version) return (int)auxiliary + 4;
                    auxiliary += BitConverter.ToUInt32(elf, (int)auxiliary + 12);
                }
                need += BitConverter.ToUInt32(elf, (int)need + 12);
            }
        }
        return -1;
    }
}
