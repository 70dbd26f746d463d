// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Scheduler;

/// <summary>Why no node could take a task. Each node is counted once, under the first filter that refused it. Immutable.</summary>
public sealed class PlacementRefusal
{
    internal PlacementRefusal(IReadOnlyList<RefusalCount> counts, NodeAspects remedies)
    {
        Counts = counts;
        Remedies = counts.Count == 0 ? NodeAspects.All : remedies;
        Text = counts.Count == 0 ? "no suitable node" : "no suitable node (" + string.Join("; ", counts.Select(static c => c.Text)) + ")";
        Code = counts.Count == 0
            ? WaitingReason.NoNodes
            : string.Join(',', counts.Select(static c => string.Create(
                CultureInfo.InvariantCulture, $"{WaitingReason.Word(c.Reason)}={c.Nodes}")));
    }

    /// <summary>The reasons, the one that holds for most nodes first; empty if there is no node at all.</summary>
    public IReadOnlyList<RefusalCount> Counts { get; }

    /// <summary>All reasons in one line, as it belongs into <c>status.err</c> of the task.</summary>
    public string Text { get; }

    /// <summary>The same for programs, as the value of <see cref="WaitingReason.Label"/>.</summary>
    public string Code { get; }

    /// <summary>Only a change on one of these sides of a node, or a new node, can help the task.</summary>
    public NodeAspects Remedies { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
