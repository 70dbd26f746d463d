// SPDX-License-Identifier: Apache-2.0
using Swarm.Agent;
using Swarm.Hosting;
using Swarm.Runtime;

namespace Swarm.Testing;

/// <summary>A node of an <see cref="InProcessCluster"/>.</summary>
public sealed class InProcessClusterNode
{
    internal InProcessClusterNode(string name, string address, IReadOnlyList<IExecutor> executors)
    {
        Name = name;
        Address = address;
        Executors = executors;
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>The address a manager listens on.</summary>
    public string Address { get; }

    /// <summary>The node in its present life; null while it is stopped.</summary>
    public SwarmNode? Node { get; internal set; }

    /// <summary>The node's id.</summary>
    public string Id => Node?.NodeId ?? "";

    internal IReadOnlyList<IExecutor> Executors { get; }

    internal InMemoryNodeIdentityStore Identity { get; } = new();

    internal InMemoryTaskStateStore Tasks { get; } = new();
}
