// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.Metrics;

namespace Swarm.Store;

/// <summary>The meter "Swarm.Store".</summary>
internal static class StoreMeter
{
    private static readonly Meter Meter = new("Swarm.Store");

    public static Histogram<double> TurnDuration { get; } =
        Meter.CreateHistogram<double>("swarm.store.turn.duration", "s", "Time of a turn of the writer");

    public static Counter<long> EntriesProposed { get; } =
        Meter.CreateCounter<long>("swarm.store.entries.proposed", "{entry}", "Log entries proposed by this manager");

    public static Counter<long> ChangesCommitted { get; } =
        Meter.CreateCounter<long>("swarm.store.changes.committed", "{change}", "Changes of objects committed");

    public static Counter<long> CommandsCompleted { get; } =
        Meter.CreateCounter<long>("swarm.store.commands.completed", "{command}", "Commands answered with a result");

    public static Counter<long> CommandsFailed { get; } =
        Meter.CreateCounter<long>("swarm.store.commands.failed", "{command}", "Commands refused or lost with the leadership");

    public static Counter<long> Alarms { get; } =
        Meter.CreateCounter<long>("swarm.store.alarms", "{alarm}", "Things that must not happen: see the log");
}
