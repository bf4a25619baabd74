using System.Reflection;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Types of values that come from outside, as C# writes them.</summary>
static class ValueTypes
{
    /// <summary>The type itself if cells can name it, else its nearest base that they can.</summary>
    public static Type Visible(Type type)
    {
        while (!IsVisible(type)) type = type.BaseType ?? typeof(object);
        return type;
    }

    /// <summary>Calls an action for each assembly that a type's name needs.</summary>
    public static void ForEachAssembly(Type type, Action<Assembly> action)
    {
        if (type.HasElementType)
        {
            ForEachAssembly(type.GetElementType()!, action);
            return;
        }

        action(type.Assembly);
        foreach (var argument in type.GetGenericArguments()) ForEachAssembly(argument, action);
    }

    /// <summary>The type's name, fully qualified.</summary>
    public static string Code(Type type)
    {
        if (type.IsArray)
        {
            // int[][,] is an array of int[,]: the outer rank is written first.
            var ranks = "";
            for (; type.IsArray; type = type.GetElementType()!) ranks += $"[{new string(',', type.GetArrayRank() - 1)}]";
            return Code(type) + ranks;
        }

        var arguments = new Queue<Type>(type.GetGenericArguments());
        var nesting = new Stack<Type>();
        for (var outer = type; outer is not null; outer = outer.DeclaringType) nesting.Push(outer);
        var parts = nesting.Select(part =>
        {
            var own = part.GetGenericArguments().Length - (part.DeclaringType?.GetGenericArguments().Length ?? 0);
            var name = part.Name.Split('`')[0];
            return own == 0 ? name : $"{name}<{string.Join(", ", Enumerable.Range(0, own).Select(_ => Code(arguments.Dequeue())))}>";
        });
        return $"global::{(type.Namespace is { Length: > 0 } space ? space + "." : "")}{string.Join('.', parts)}";
    }

    static bool IsVisible(Type type) => type.HasElementType ? !type.IsByRef && !type.IsPointer && IsVisible(type.GetElementType()!)
        : type.IsVisible && !type.IsByRefLike && type.GetGenericArguments().All(IsVisible);
}
