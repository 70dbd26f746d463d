// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>
/// Holds <c>tests/validation-table.md</c> against the rules in the code and against the tests: each rule has one row, with a test
/// of an accepted and one of a refused input; each test exists, and the one of the refused input checks that rule.
/// </summary>
public sealed partial class ValidationTableTests
{
    private static readonly ControlRule[] _rules =
    [
        .. typeof(ControlRules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static f => (ControlRule)f.GetValue(null)!),
    ];

    [Fact]
    public void Table_EachRule_HasOneRow()
    {
        string[] inTable = [.. Rows().Select(static r => r.Rule).Order(StringComparer.Ordinal)];

        Assert.NotEmpty(inTable);
        Assert.Equal(_rules.Select(static r => r.Id).Order(StringComparer.Ordinal), inTable);
    }

    [Fact]
    public void Table_EachRow_NamesAnAcceptedAndARefusedInputAndTheirTests() => Assert.All(Rows(), static row =>
    {
        Assert.NotEqual("", row.AcceptedInput);
        Assert.NotEqual("", row.RefusedInput);
        Assert.EndsWith("_Accepted", row.AcceptedTest, StringComparison.Ordinal);
        Assert.EndsWith("_Refused", row.RefusedTest, StringComparison.Ordinal);
        TestOf(row.AcceptedTest);
        TestOf(row.RefusedTest);
    });

    [Fact]
    public void Table_EachRefusedTest_IsAboutTheRuleOfItsRow() => Assert.All(Rows(), static row =>
    {
        IEnumerable<string> named = RulesNamedBy(TestOf(row.RefusedTest)).Select(static rule => rule.Id);
        Assert.True(named.Contains(row.Rule), $"{row.RefusedTest} does not check the rule {row.Rule}");
    });

    [Fact]
    public void Rules_Ids_AreUnique() => Assert.Equal(_rules.Length, _rules.Select(static r => r.Id).Distinct().Count());

    private static MethodInfo TestOf(string name)
    {
        string[] parts = name.Split('.');
        MethodInfo? method = typeof(ValidationTableTests).Assembly
            .GetType($"{typeof(ValidationTableTests).Namespace}.{parts[0]}")?
            .GetMethod(parts[1], BindingFlags.Public | BindingFlags.Instance);
        Assert.True(method?.GetCustomAttributes<FactAttribute>().Any() == true, $"there is no test {name}");
        return method!;
    }

    // The rules whose fields the compiled test loads; a test that only bears the name of a rule loads none.
    private static IEnumerable<ControlRule> RulesNamedBy(MethodInfo test)
    {
        const byte LoadStaticField = 0x7E;
        Type? machine = test.GetCustomAttribute<AsyncStateMachineAttribute>()?.StateMachineType;
        MethodInfo body = machine?.GetMethod("MoveNext", BindingFlags.NonPublic | BindingFlags.Instance) ?? test;
        byte[] code = body.GetMethodBody()!.GetILAsByteArray()!;
        for (int i = 0; i + 4 < code.Length; i++)
        {
            // A byte of this value may belong to something else; then what follows is no token of a rule.
            int token = BitConverter.ToInt32(code, i + 1);
            if (code[i] == LoadStaticField && (token >> 24) is 0x04 or 0x0A && FieldOf(token)?.GetValue(null) is ControlRule rule)
            {
                yield return rule;
            }
        }
    }

    private static FieldInfo? FieldOf(int token)
    {
        try
        {
            return typeof(ValidationTableTests).Module.ResolveField(token) is { IsStatic: true } field
                && field.DeclaringType == typeof(ControlRules) ? field : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static List<Row> Rows()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "validation-table.md");
        return
        [
            .. File.ReadLines(path)
                .Select(static line => RowForm().Match(line))
                .Where(static match => match.Success)
                .Select(static match => new Row(
                    match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value, match.Groups[5].Value)),
        ];
    }

    [GeneratedRegex(@"^\| `([a-z-]+)` \| ([^|]*) \| `([\w.]+)` \| ([^|]*) \| `([\w.]+)` \|$")]
    private static partial Regex RowForm();

    private sealed record Row(string Rule, string AcceptedInput, string AcceptedTest, string RefusedInput, string RefusedTest);
}
