// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting;

/// <summary>The trace of a cluster that was made here, kept where it outlives the node's identity.</summary>
/// <param name="ClusterId">The id of the cluster.</param>
/// <param name="Place">Where the trace is, for people: a path.</param>
public sealed record ClusterMark(string ClusterId, string Place);
