// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Swarm.Testing;

/// <summary>
/// What many runs of <see cref="ClusterScenario"/> went through, so that one sees whether they test anything: a scenario whose faults
/// never come up passes always. Immutable.
/// </summary>
public sealed class ClusterScenarioStatistics
{
    private readonly SortedDictionary<string, long[]> _sorted = new(StringComparer.Ordinal);

    /// <summary>Looks at the results.</summary>
    /// <param name="results">One for each seed; at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ClusterScenarioStatistics(IEnumerable<ClusterScenarioResult> results)
    {
        ClusterScenarioResult[] all = [.. results];
        if (all.Length == 0)
        {
            throw new ArgumentException("There is no result to look at.", nameof(results));
        }

        Runs = all.Length;
        Add("messages sent", all.Select(r => r.MessagesSent));
        Add("messages lost", all.Select(r => r.MessagesLost));
        Add("tasks started", all.Select(r => (long)r.TasksStarted));
        Add("writes", all.Select(r => r.Changes));
        Add("seconds to converge", all.Select(r => (long)r.ConvergedAfter.TotalSeconds));
        foreach (string fault in all.SelectMany(r => r.Faults.Keys).Distinct(StringComparer.Ordinal))
        {
            Add(fault, all.Select(r => r.Faults.GetValueOrDefault(fault)));
        }
    }

    /// <summary>Number of runs.</summary>
    public int Runs { get; }

    /// <summary>What was counted.</summary>
    public IReadOnlyCollection<string> Names => _sorted.Keys;

    /// <summary>The count that half of the runs reach.</summary>
    /// <param name="name">What was counted, such as a kind of fault.</param>
    /// <returns>The median; 0 for what never came up.</returns>
    public long Median(string name) => _sorted.TryGetValue(name, out long[]? counts) ? counts[(counts.Length - 1) / 2] : 0;

    /// <summary>All counts: how many runs have how much of each.</summary>
    /// <returns>A table, one line for each name.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"over " + Runs + " runs",-28} {"least",9} {"median",9} {"most",9} {"total",12}  runs with none");
        foreach ((string name, long[] counts) in _sorted)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{name,-28} {counts[0],9} {Median(name),9} {counts[^1],9} {counts.Sum(),12}  {counts.Count(c => c == 0)}");
        }

        return text.ToString();
    }

    private void Add(string name, IEnumerable<long> counts) => _sorted[name] = [.. counts.Order()];
}
