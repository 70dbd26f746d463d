// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>The kit itself: what it covers, and what its cases are called.</summary>
public sealed class KitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Walks_AllTogether_HaveEveryCallAfterEveryOtherInEveryPhase(bool adopts)
    {
        var seen = new HashSet<(Phase, Move?, Move)>();
        foreach (Move[] walk in OrderCover.Walks(adopts))
        {
            (Phase phase, Move? last) = (Phase.New, null);
            foreach (Move move in walk)
            {
                Assert.NotEqual(CallEndKind.None, OrderRules.Expected(phase, move));
                seen.Add((phase, last, move));
                (phase, last) = (OrderRules.After(phase, move), move);
            }
        }

        foreach ((Phase phase, Move? last, Move _) in seen.ToArray())
        {
            foreach (Move next in OrderRules.Allowed(phase, adopts))
            {
                Assert.Contains((phase, last, next), seen);
            }
        }
    }

    [Fact]
    public void Cases_HaveNamesOfTheirOwnAndSayTheRule()
    {
        IReadOnlyList<ConformanceCase> cases = new ExecutorConformance(new ModelTarget(Fault.None)).Cases;
        Assert.Equal(cases.Count, cases.Select(static one => one.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(cases, static one => Assert.Matches("^[A-Za-z0-9_]+$", one.Name));
        Assert.All(cases, static one => Assert.EndsWith(".", one.Description));
    }

    [Fact]
    public void Cases_OfFewFeatures_LeaveOutTheOthers()
    {
        string[] few = [.. new ExecutorConformance(new FolderTarget()).Cases.Select(static one => one.Name)];
        Assert.DoesNotContain(few, static name => name.StartsWith("Logs_", StringComparison.Ordinal));
        Assert.Contains(few, static name => name.StartsWith("Crash_", StringComparison.Ordinal));
    }
}
