// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>The sides of a node that placement looks at, so that a waiting task is tried again only when a change can help it.</summary>
[Flags]
public enum NodeAspects
{
    /// <summary>Nothing that placement looks at.</summary>
    None = 0,

    /// <summary>State and availability.</summary>
    Readiness = 1,

    /// <summary>Processors, memory and generic resources, and how much of them is free.</summary>
    Capacity = 2,

    /// <summary>The plugins listed.</summary>
    Plugins = 4,

    /// <summary>Labels, role, host name, address, platform.</summary>
    Attributes = 8,

    /// <summary>The host-mode ports in use.</summary>
    HostPorts = 16,

    /// <summary>How many tasks of one service are there.</summary>
    ServiceTasks = 32,

    /// <summary>
    /// What tasks take and give back. A node that one of these filters refused first may be refused by another of them later,
    /// as tasks come, so that they help only together.
    /// </summary>
    Load = Capacity | HostPorts | ServiceTasks,

    /// <summary>Everything: the node is new.</summary>
    All = Readiness | Plugins | Attributes | Load,
}
