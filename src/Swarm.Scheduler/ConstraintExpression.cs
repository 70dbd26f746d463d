// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler;

/// <summary>
/// A placement constraint: KEY==VALUE or KEY!=VALUE. Keys: node.id, node.hostname, node.ip (an address or a subnet), node.role,
/// node.platform.os, node.platform.arch, node.labels.NAME, engine.labels.NAME. Immutable.
/// </summary>
public sealed class ConstraintExpression
{
    private const string ValuePunctuation = ":-_.*()?+[]\\^$|/";

    private readonly NodeAttribute _attribute;

    private ConstraintExpression(string key, ConstraintOperator @operator, string value)
    {
        Key = key;
        _attribute = new NodeAttribute(key);
        Operator = @operator;
        Value = value;
    }

    /// <summary>The key, as written.</summary>
    public string Key { get; }

    /// <summary>The operator.</summary>
    public ConstraintOperator Operator { get; }

    /// <summary>The value, as written.</summary>
    public string Value { get; }

    /// <summary>Reads a constraint.</summary>
    /// <param name="text">The text; blanks around key, operator and value do not matter.</param>
    /// <returns>The constraint.</returns>
    /// <exception cref="SwarmException">InvalidArgument: it is not one; the message says where.</exception>
    public static ConstraintExpression Parse(string text) =>
        TryParse(text, out ConstraintExpression? expression, out string? error)
            ? expression
            : throw new SwarmException(SwarmErrorCode.InvalidArgument, error);

    /// <summary>Reads a list of constraints.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>The constraints, in the same order.</returns>
    /// <exception cref="SwarmException">InvalidArgument: one is none; the message says which and where.</exception>
    public static IReadOnlyList<ConstraintExpression> ParseAll(IEnumerable<string> texts) => [.. texts.Select(Parse)];

    /// <summary>Reads a constraint.</summary>
    /// <param name="text">The text.</param>
    /// <param name="expression">The constraint.</param>
    /// <param name="error">What is wrong, in one line.</param>
    /// <returns>False if it is not one.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ConstraintExpression? expression, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        expression = null;
        int at = OperatorAt(text);
        if (at < 0)
        {
            error = $"invalid constraint \"{text}\": expected one operator, == or !=, as in node.role==worker";
            return false;
        }

        string key = text[..at].Trim();
        string value = text[(at + 2)..].Trim();
        error = ErrorInKey(key) ?? ErrorInValue(value);
        if (error is not null)
        {
            error = $"invalid constraint \"{text}\": {error}";
            return false;
        }

        expression = new ConstraintExpression(key, text[at] == '=' ? ConstraintOperator.Equal : ConstraintOperator.NotEqual, value);
        return true;
    }

    /// <summary>Whether the constraint holds for a node. One with a key that is not known holds for none.</summary>
    /// <param name="node">The node.</param>
    /// <returns>True if it holds.</returns>
    public bool Matches(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        bool? same = _attribute.Of(node) switch
        {
            null => null,
            { } address when _attribute.Kind == NodeAttribute.Source.Address => AddressMatch.Test(Value, address),
            { } actual => string.Equals(actual, Value, StringComparison.OrdinalIgnoreCase),
        };
        return same is { } known && known == (Operator == ConstraintOperator.Equal);
    }

    /// <inheritdoc/>
    public override string ToString() => Key + (Operator == ConstraintOperator.Equal ? "==" : "!=") + Value;

    private static int OperatorAt(string text)
    {
        int equal = text.IndexOf("==", StringComparison.Ordinal);
        int unequal = text.IndexOf("!=", StringComparison.Ordinal);
        return equal < 0 ? unequal : unequal < 0 ? equal : Math.Min(equal, unequal);
    }

    private static string? ErrorInKey(string key)
    {
        if (key.Length < 2)
        {
            return "the key must have at least two characters, as in node.role";
        }

        bool legal = (char.IsAsciiLetter(key[0]) || key[0] == '_')
            && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return legal ? null : $"the key \"{key}\" may only have letters, digits, '-', '_' and '.', and must begin with a letter or '_'";
    }

    private static string? ErrorInValue(string value) =>
        value.Length == 0 ? "the value is missing"
        : value.All(static c => char.IsAsciiLetterOrDigit(c) || char.IsWhiteSpace(c)
            || ValuePunctuation.Contains(c, StringComparison.Ordinal)) ? null
        : $"the value \"{value}\" may only have letters, digits, blanks and {ValuePunctuation}";
}
