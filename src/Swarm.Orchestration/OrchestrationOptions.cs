// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Scheduler;

namespace Swarm.Orchestration;

/// <summary>What the controllers wait for at most, and what counts where a cluster or a service says nothing.</summary>
public sealed class OrchestrationOptions
{
    /// <summary>How long the start of a replacement waits for the old task to stop.</summary>
    /// <value>Default 1 minute; at least 0.</value>
    public TimeSpan OldTaskStopTimeout { get; set; } = SwarmDefaults.OldTaskStopTimeout;

    /// <summary>
    /// How long an update waits for one new task to run. A task that needs longer counts as failed, so that the
    /// failure action of the update decides what becomes of it.
    /// </summary>
    /// <value>Default 10 minutes; more than 0.</value>
    public TimeSpan UpdateStartTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Tasks kept for each slot, or each node of a global service, where the cluster says nothing; negative keeps all.</summary>
    /// <value>Default 5.</value>
    public long TaskHistoryRetentionLimit { get; set; } = SwarmDefaults.TaskHistoryRetentionLimit;

    /// <summary>Settings of the choice of nodes.</summary>
    /// <value>Default: those of SwarmKit.</value>
    public PlacementOptions Placement { get; set; } = new();

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the text says which.</exception>
    public void Validate()
    {
        if (OldTaskStopTimeout < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(OldTaskStopTimeout)} is {OldTaskStopTimeout}; give at least 0.");
        }

        if (UpdateStartTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(UpdateStartTimeout)} is {UpdateStartTimeout}; give more than 0.");
        }

        Placement.Validate();
    }

    internal OrchestrationOptions Copy() => (OrchestrationOptions)MemberwiseClone();
}
