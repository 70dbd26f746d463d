// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using System.Text.RegularExpressions;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>
/// Holds <c>tests/validation-table.md</c> against the rules in the code and against the tests: each rule has one row, with a test
/// of an accepted and one of a refused input, and each test exists.
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
        AssertIsTest(row.AcceptedTest);
        AssertIsTest(row.RefusedTest);
    });

    [Fact]
    public void Rules_Ids_AreUnique() => Assert.Equal(_rules.Length, _rules.Select(static r => r.Id).Distinct().Count());

    private static void AssertIsTest(string name)
    {
        string[] parts = name.Split('.');
        MethodInfo? method = typeof(ValidationTableTests).Assembly
            .GetType($"{typeof(ValidationTableTests).Namespace}.{parts[0]}")?
            .GetMethod(parts[1], BindingFlags.Public | BindingFlags.Instance);
        Assert.True(method?.GetCustomAttributes<FactAttribute>().Any() == true, $"there is no test {name}");
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
