using System.Collections;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.Extensions.VectorData.ProviderServices.Filter;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>
/// Reads a filter written as a C# lambda: ==, !=, &lt;, &lt;=, &gt;, &gt;=, &amp;&amp;, ||, !, a truth value by itself, null, and Contains on a
/// list of values or on a list property. Anything else is refused by name, before any store is asked.
/// </summary>
sealed class RecordFilterTranslator : FilterTranslatorBase
{
    /// <summary>The condition that a lambda over the record states.</summary>
    /// <exception cref="InvalidInputException">The lambda holds something that no store here can evaluate.</exception>
    public static RecordFilter Translate(LambdaExpression lambda, CollectionModel model)
    {
        var translator = new RecordFilterTranslator();
        try
        {
            return translator.Condition(translator.PreprocessFilter(lambda, model, new FilterPreprocessingOptions()));
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            throw new InvalidInputException($"The filter {lambda} cannot be used: {exception.Message}", exception);
        }
    }

    RecordFilter Condition(Expression expression)
    {
        switch (expression)
        {
            case ConstantExpression { Value: bool value }:
                return new RecordFilter.Constant(value);
            case UnaryExpression { NodeType: ExpressionType.Not } not:
                return new RecordFilter.Not(Condition(not.Operand));
            case BinaryExpression { NodeType: ExpressionType.AndAlso } and:
                return new RecordFilter.All([Condition(and.Left), Condition(and.Right)]);
            case BinaryExpression { NodeType: ExpressionType.OrElse } or:
                return new RecordFilter.Any([Condition(or.Left), Condition(or.Right)]);
            case BinaryExpression binary when Operator(binary.NodeType) is { } comparison:
                return Compare(binary, comparison);
            case MethodCallExpression call when TryMatchContains(call, out var source, out var item):
                return Contains(source!, item!, call);
        }
        if (TryBindProperty(expression, out var property) && (Nullable.GetUnderlyingType(property.Type) ?? property.Type) == typeof(bool))
            return new RecordFilter.Comparison(property, ComparisonOperator.Equal, true);
        throw Unsupported(expression);
    }

    RecordFilter Compare(BinaryExpression binary, ComparisonOperator comparison)
    {
        if (TryBindProperty(binary.Left, out var property) && TryConstant(binary.Right, out var value)) return Compare(property, comparison, value, binary);
        if (TryBindProperty(binary.Right, out property) && TryConstant(binary.Left, out value)) return Compare(property, Mirrored(comparison), value, binary);
        throw new NotSupportedException($"'{binary}' should compare a property with a value.");
    }

    static RecordFilter.Comparison Compare(PropertyModel property, ComparisonOperator comparison, object? value, Expression expression)
    {
        if (RecordValue.IsList(property.Type) && value is not null) throw new NotSupportedException($"'{expression}' compares the list '{property.ModelName}'; ask whether it contains a value.");
        if (value is null && comparison is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual)) throw new NotSupportedException($"'{expression}' orders by null.");
        return new RecordFilter.Comparison(property, comparison, Stored(value, property));
    }

    RecordFilter Contains(Expression source, Expression item, Expression call)
    {
        if (TryBindProperty(source, out var list) && RecordValue.IsList(list.Type))
            return TryConstant(item, out var value) && value is string text ? new RecordFilter.Has(list, text) : throw new NotSupportedException($"'{call}' should ask for a text.");
        if (TryBindProperty(item, out var property) && TryConstant(source, out var values) && values is IEnumerable sequence and not string)
            return new RecordFilter.OneOf(property, [.. sequence.Cast<object?>().Select(element => Stored(element, property))]);
        throw Unsupported(call);
    }

    /// <summary>The value in its stored form; a whole number beside a property of fractions becomes one.</summary>
    static object? Stored(object? value, PropertyModel property)
    {
        var stored = RecordValue.ToStored(value is Enum number ? Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture) : value);
        return stored is long whole && RecordValue.IsWhole(property.Type) == false ? (double)whole : stored;
    }

    static bool TryConstant(Expression expression, out object? value)
    {
        if (expression is UnaryExpression { NodeType: ExpressionType.Convert } convert) return TryConstant(convert.Operand, out value);
        if (expression is NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array)
        {
            var items = array.Expressions.Select(element => TryConstant(element, out var item) ? item : throw Unsupported(element)).ToArray();
            value = items;
            return true;
        }
        value = (expression as ConstantExpression)?.Value;
        return expression is ConstantExpression;
    }

    static ComparisonOperator? Operator(ExpressionType type) => type switch
    {
        ExpressionType.Equal => ComparisonOperator.Equal,
        ExpressionType.NotEqual => ComparisonOperator.NotEqual,
        ExpressionType.LessThan => ComparisonOperator.Less,
        ExpressionType.LessThanOrEqual => ComparisonOperator.LessOrEqual,
        ExpressionType.GreaterThan => ComparisonOperator.Greater,
        ExpressionType.GreaterThanOrEqual => ComparisonOperator.GreaterOrEqual,
        _ => null,
    };

    static ComparisonOperator Mirrored(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparison,
    };

    static NotSupportedException Unsupported(Expression expression) =>
        new($"'{expression}' is none of ==, !=, <, <=, >, >=, &&, ||, !, null, or Contains on a list.");
}
