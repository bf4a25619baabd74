using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Build task: copies TorchSharp.dll and has the copy compiled without optimisation at run time, so that an argument lives until its
/// method returns. TorchSharp 0.107 hands the native library a Scalar's handle and then no longer refers to the Scalar: a garbage
/// collection in that moment frees the number while the native code reads it ("Unknown scalar type", or a wrong number). Measured with
/// a thread that collects without end: 16 failures in 285,000 calls, none in 599,000 after the change. What one call costs grows by
/// nanoseconds beside the microsecond of the native call.
/// The change is two bits in the value of the assembly's DebuggableAttribute: Default and DisableOptimizations beside
/// IgnoreSymbolStoreSequencePoints (ECMA-335, II.23.3; System.Diagnostics.DebuggableAttribute.DebuggingModes). The source file is only read.
/// </summary>
public class KeepArgumentsAlive : Task
{
    // Length of the blob, prolog 0x0001, the enum's value 2, no named arguments.
    static readonly byte[] attribute = { 8, 1, 0, 2, 0, 0, 0, 0, 0 };

    public string Source { get; set; }
    public string Destination { get; set; }

    public override bool Execute()
    {
        byte[] assembly = File.ReadAllBytes(Source);
        int[] places = Enumerable.Range(0, assembly.Length - attribute.Length).Where(at => assembly[at] == 8 && assembly.Skip(at).Take(attribute.Length).SequenceEqual(attribute)).ToArray();
        if (places.Length != 1)
        {
            Log.LogError("{0} has {1} attributes like the DebuggableAttribute that is to be changed: this version of TorchSharp needs another look (environment/KeepArgumentsAlive.cs).", Source, places.Length);
            return false;
        }
        assembly[places[0] + 3] |= 1;
        assembly[places[0] + 4] |= 1;
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        string temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, assembly);
        File.Delete(Destination);
        File.Move(temporary, Destination);
        return true;
    }
}
