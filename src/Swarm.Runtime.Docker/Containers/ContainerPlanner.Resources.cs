// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using Docker.DotNet.Models;
using ResourceRequirements = Swarm.Api.ResourceRequirements;
using Resources = Swarm.Api.Resources;

namespace Swarm.Runtime.Docker.Containers;

internal static partial class ContainerPlanner
{
    private const long NanosPerCpu = 1_000_000_000;
    private const long CpuPeriodMicroseconds = 100_000;

    // What engines refuse to go below.
    private const long LeastMemoryReservation = 6L << 20;

    private static void PutResources(ResourceRequirements? resources, EngineApiVersion engine, HostConfig host)
    {
        if (resources is null)
        {
            return;
        }

        CheckAmounts(resources);
        if (resources.Limits is { } limits)
        {
            PutLimits(resources, limits, engine, host);
        }

        // Processors reserved are a matter of the scheduler alone: as weights they would set those who reserve little behind those who
        // reserve nothing. Memory reserved is also kept from being reclaimed, where it is enough for the engine to take it.
        long reserved = resources.Reservations?.MemoryBytes ?? 0;
        if (reserved >= LeastMemoryReservation && (host.Memory == 0 || reserved <= host.Memory))
        {
            host.MemoryReservation = reserved;
        }

        host.MemorySwappiness = resources.MemorySwappiness;
    }

    private static void PutLimits(ResourceRequirements resources, Resources limits, EngineApiVersion engine, HostConfig host)
    {
        if (limits.MemoryBytes > 0)
        {
            host.Memory = limits.MemoryBytes;

            // The engine counts memory and swap together.
            host.MemorySwap = resources.SwapBytes switch { null => 0, -1 => -1, { } swap => limits.MemoryBytes + swap };
        }

        if (limits.NanoCpus > 0 && engine >= Mounts)
        {
            host.NanoCPUs = limits.NanoCpus;
        }
        else if (limits.NanoCpus > 0)
        {
            host.CPUPeriod = CpuPeriodMicroseconds;
            host.CPUQuota = Math.Max(1, limits.NanoCpus / (NanosPerCpu / CpuPeriodMicroseconds));
        }
    }

    private static void CheckAmounts(ResourceRequirements resources)
    {
        foreach (Resources amounts in new[] { resources.Limits, resources.Reservations }.OfType<Resources>())
        {
            if (amounts.MemoryBytes < 0 || amounts.NanoCpus < 0)
            {
                throw new TaskControllerException("an amount of memory or processors is negative");
            }
        }

        if (resources.SwapBytes is < -1 or > long.MaxValue / 2 || resources.Limits is { MemoryBytes: > long.MaxValue / 2 })
        {
            throw new TaskControllerException("an amount of swap or memory is out of range; swap of -1 means without limit");
        }

        if (resources.MemorySwappiness is < 0 or > 100)
        {
            throw new TaskControllerException($"swappiness is from 0 to 100, not {resources.MemorySwappiness}");
        }
    }
}
