// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Runtime;

namespace Swarm.Testing;

/// <summary>What an <see cref="InProcessCluster"/> is made of.</summary>
public sealed class InProcessClusterOptions
{
    /// <summary>Workers beside the one manager, which runs tasks too.</summary>
    /// <value>Default: 2.</value>
    public int Workers { get; set; } = 2;

    /// <summary>The clock of all nodes: the system's, or a fake one that the test moves.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Makes the executors of a node, given its name, beside the in-process one that runs <see cref="InProcessCluster.Workload"/>.</summary>
    /// <value>Default: none.</value>
    public Func<string, IReadOnlyList<IExecutor>> Executors { get; set; } = static _ => [];

    /// <summary>Where the nodes log.</summary>
    /// <value>Default: nowhere.</value>
    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Longest time that starting the cluster may take, by the real clock.</summary>
    /// <value>Default: 60 s.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
