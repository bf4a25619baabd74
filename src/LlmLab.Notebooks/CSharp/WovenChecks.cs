using System.Reflection;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// The class that the woven checks call, and this process's hold on it. It is compiled into the first cell's assembly, so that each
/// session has its own flag and the compiler can inline the checks.
/// </summary>
sealed class WovenChecks
{
    /// <summary>Name of the class.</summary>
    public const string ClassName = "CellChecks";

    /// <summary>
    /// A function's check compares the stack with the bounds of the cells' thread. On other threads the runtime is asked, once each
    /// 32 KB further down, since where it says that there is enough it guarantees 64 KB or more; asking at each call takes 6 ns.
    /// </summary>
    public const string Source = """
        using System;
        using System.Runtime.CompilerServices;
        public static class CellChecks
        {
            const ulong Step = 32 << 10, Everything = 1UL << 40;
            public static volatile bool Requested;
            public static ulong StackEnd, StackSize;
            [ThreadStatic] static ulong enoughDownTo;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public static void Loop() { if (Requested) Stop(); }

            [MethodImpl(MethodImplOptions.AggressiveInlining), SkipLocalsInit]
            public static unsafe void Function()
            {
                if (Requested) Stop();
                byte here;
                if ((ulong)&here - StackEnd > StackSize) LookAtStack((ulong)&here);
            }

            [MethodImpl(MethodImplOptions.NoInlining)]
            static void LookAtStack(ulong here)
            {
                if (here - enoughDownTo <= Everything) return;
                RuntimeHelpers.EnsureSufficientExecutionStack();
                enoughDownTo = here - Step;
            }

            [MethodImpl(MethodImplOptions.NoInlining)]
            static void Stop() => throw new OperationCanceledException("The cell was interrupted.");

            public static bool Keep<T>(T value) => true;
        }
        """;

    FieldInfo? requested, stackEnd, stackSize;

    /// <summary>Takes hold of the class once the first cell is loaded.</summary>
    public void Attach(Assembly firstCell)
    {
        var type = firstCell.GetType(ClassName)!;
        requested = type.GetField("Requested");
        stackEnd = type.GetField("StackEnd");
        stackSize = type.GetField("StackSize");
    }

    /// <summary>Sets or clears the flag that ends the cells' code.</summary>
    public void Request(bool value) => requested?.SetValue(null, value);

    /// <summary>Tells the bounds of the stack of the thread that runs the cells: the lowest address that may be used, and how much lies above.</summary>
    public void SetStack(ulong end, ulong size)
    {
        stackEnd?.SetValue(null, end);
        stackSize?.SetValue(null, size);
    }
}
