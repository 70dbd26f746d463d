// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The least that a task may ask for, and the form of generic resources.</summary>
internal static class ResourcesValidator
{
    private const long NanoCpusMin = 1_000_000;

    private const long MemoryBytesMin = 4 * 1024 * 1024;

    private const double NanosPerCpu = 1e9;

    /// <summary>Refuses limits and reservations that break a rule.</summary>
    /// <param name="requirements">What a task asks for; none is fine.</param>
    public static void Validate(ResourceRequirements? requirements)
    {
        Amounts(requirements?.Limits);
        Amounts(requirements?.Reservations);
    }

    private static void Amounts(Resources? resources)
    {
        if (resources is null)
        {
            return;
        }

        ControlRules.CpuFloor.Require(
            resources.NanoCpus == 0 || resources.NanoCpus >= NanoCpusMin, resources.NanoCpus / NanosPerCpu);
        ControlRules.MemoryFloor.Require(
            resources.MemoryBytes == 0 || resources.MemoryBytes >= MemoryBytesMin, resources.MemoryBytes);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (GenericResource resource in resources.Generic)
        {
            DiscreteGenericResource? count = resource.DiscreteResourceSpec;
            ControlRules.GenericResource.Require(
                count is { Kind.Length: > 0, Value: >= 1 } && kinds.Add(count.Kind),
                count?.Kind ?? resource.NamedResourceSpec?.Kind ?? "(none)");
        }
    }
}
