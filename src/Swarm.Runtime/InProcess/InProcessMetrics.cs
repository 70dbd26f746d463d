// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Swarm.Runtime;

/// <summary>What tasks inside the process are measured by; one set for all executors of the process.</summary>
internal static class InProcessMetrics
{
    public const string Name = "Swarm.Runtime.InProcess";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly UpDownCounter<long> Running = Meter.CreateUpDownCounter<long>("swarm.inproc.tasks.running", "{task}", "Tasks whose work runs");

    public static readonly Counter<long> Ended = Meter.CreateCounter<long>("swarm.inproc.tasks.ended", "{task}", "Tasks whose work ended, by outcome");
}
